#include "test/unit/cuda/fake/FakeKernels.h"
#include "test/unit/runtime/program/Kernels.h"

#include <vector>

namespace fakecuda {

namespace {
// The CPU's kernels of the test program, with a tile for each block.
template <void (*Tiles)(void *const *, int64_t, int64_t)>
void onTiles(const EncodedMap *, void *const *args, int64_t grid) {
  Tiles(args, 0, grid);
}

// The first argument as a map shows it: forward, if the map is the right one.
void forwardMapped(const EncodedMap *maps, void *const *args, int64_t grid) {
  void *const mapped[] = {maps[0].address, args[1], args[2]};
  if (maps[0].address == args[0])
    kernelForward(mapped, 0, grid);
}

const Kernel table[] = {
    {"gradient", 0, 3, onTiles<kernelGradient>},
    {"check", 0, 4, onTiles<kernelCheck>},
    {"commit", 0, 5, onTiles<kernelCommit>},
    {"finish", 0, 8, onTiles<kernelFinish>},
    {"forward", 0, 3, onTiles<kernelForward>},
    {"derive", 0, 2, onTiles<kernelDerive>},
    {"forwardMapped", 1, 3, forwardMapped},
};
} // namespace

const Kernel &kernelNamed(const std::string &name) {
  static const Kernel nothing = {"", 0, 0, nullptr};
  for (const Kernel &kernel : table)
    if (name == kernel.name)
      return kernel;
  return nothing;
}

} // namespace fakecuda
