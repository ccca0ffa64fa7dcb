#include "test/lowering/gpu/EmulatorThreads.h"
#include "llvm/Support/ErrorHandling.h"
#include <algorithm>
#include <cassert>
#include <cstring>
#include <map>

using namespace mpc::test;

namespace {
/// An mbarrier.
struct PhaseBarrier {
  int expected = 0, pending = 0, bytes = 0, parity = 0;
};
std::map<void *, PhaseBarrier> phases; ///< by address
} // namespace

void mpc::test::resetPhases() { phases.clear(); }

// Where the byte at a linear address of a swizzled tile is: of each 1024 bytes,
// row r has its 16-byte chunk c at c ^ r.
static char *swizzled(char *linear, int64_t swizzle) {
  assert((swizzle == 0 || swizzle == 128) && "other swizzles are not used");
  auto address = reinterpret_cast<uintptr_t>(linear);
  return swizzle ? reinterpret_cast<char *>(address ^ (address >> 3 & 0x70))
                 : linear;
}

// An element of an operand of wgmma through its descriptor (PTX ISA, "Matrix
// descriptor" and "Strides").
static uint16_t element(uint64_t descriptor, bool depthFirst, int at,
                        int depth) {
  auto field = [&](int bit) {
    return int64_t(descriptor >> bit & 0x3FFF) << 4;
  };
  int64_t blocks = field(16), groups = field(32), offset;
  if (depthFirst)
    offset = at / 8 * groups + at % 8 * 128 + depth * 2;
  else
    offset =
        at / 64 * blocks + depth / 8 * groups + depth % 8 * 128 + at % 64 * 2;
  uint16_t result;
  std::memcpy(&result, swizzled(emulatedShared() + field(0) + offset, 128), 2);
  return result;
}

void mpc::test::emu_mbarrier_init(void *address, int32_t count) {
  phases[address] = {count, count, 0, 0};
}

static void advance(PhaseBarrier &barrier) {
  madeProgress();
  if (barrier.pending != 0 || barrier.bytes != 0)
    return;
  barrier.parity ^= 1;
  barrier.pending = barrier.expected;
}

void mpc::test::emu_mbarrier_arrive(void *address, int32_t bytes) {
  PhaseBarrier &barrier = phases.at(address);
  barrier.bytes += bytes;
  --barrier.pending;
  advance(barrier);
}

void mpc::test::emu_mbarrier_wait(void *address, int32_t parity) {
  PhaseBarrier &barrier = phases.at(address);
  waitUntil([&] { return barrier.parity != parity; });
}

static void arrived(void *address, int64_t bytes) {
  PhaseBarrier &barrier = phases.at(address);
  barrier.bytes -= int32_t(bytes);
  advance(barrier);
}

static void checkAlignment(uintptr_t places, int32_t bytes) {
  if ((places | uintptr_t(bytes)) % 16 != 0)
    llvm::reportFatalInternalError("a bulk copy is not of 16 aligned bytes");
}

void mpc::test::emu_fetch_bytes(const char *from, int32_t bytes) {
  checkAlignment(uintptr_t(from), bytes);
}

void mpc::test::emu_copy_bytes(char *to, const char *from, int32_t bytes,
                               void *address) {
  checkAlignment(uintptr_t(to) | uintptr_t(from), bytes);
  std::memcpy(to, from, size_t(bytes));
  arrived(address, bytes);
}

void mpc::test::emu_send(int32_t *to, int32_t value, void *address) {
  *to = value;
  arrived(address, sizeof value);
}

static void copyBox(char *to, const EmulatedMap *map, void *address, int32_t x,
                    int32_t y, int32_t z) {
  int64_t first[3] = {x, y, z}, box[3] = {1, 1, 1}, bytes = 0;
  std::copy_n(map->box, map->rank, box);
  for (int64_t k = 0; k < box[2]; ++k)
    for (int64_t j = 0; j < box[1]; ++j)
      for (int64_t i = 0; i < box[0]; ++i) {
        int64_t at[3] = {first[0] + i, first[1] + j, first[2] + k}, from = 0;
        bool inside = true;
        for (int64_t d = 0; d < map->rank; ++d) {
          inside &= at[d] < map->extents[d];
          from += at[d] * map->pitches[d];
        }
        char *place = swizzled(to + bytes, map->swizzle);
        if (inside)
          std::memcpy(place, map->base + from, size_t(map->elementBytes));
        else
          std::memset(place, 0, size_t(map->elementBytes));
        bytes += map->elementBytes;
      }
  arrived(address, bytes);
}

void mpc::test::emu_copy_box(char *to, const EmulatedMap *map, void *address,
                             int32_t blocks, int32_t x, int32_t y, int32_t z) {
  if (blocks == 1)
    return copyBox(to, map, address, x, y, z);
  for (int block = 0; block < blocks; ++block)
    copyBox(static_cast<char *>(inBlock(to, block)), map,
            inBlock(address, block), x, y, z);
}

void mpc::test::emu_wgmma(float *sums, uint64_t left, uint64_t right,
                          int32_t columns, int32_t leftDepthFirst,
                          int32_t rightDepthFirst, int32_t bf16, int32_t adds) {
  together(groupSize, nullptr, sums, [&](void **, void **out) {
    for (int row = 0; row < 64; ++row)
      for (int column = 0; column < columns; ++column) {
        // Row r is in warp r / 16; see the figure of D in the PTX ISA.
        int lane = row / 16 * 32 + row % 8 * 4 + column % 8 / 2;
        int number = column / 8 * 4 + row % 16 / 8 * 2 + column % 2;
        float &sum = static_cast<float *>(out[lane])[number];
        if (!adds)
          sum = 0;
        for (int depth = 0; depth < 16; ++depth)
          sum += narrow(element(left, leftDepthFirst, row, depth), bf16) *
                 narrow(element(right, rightDepthFirst, column, depth), bf16);
      }
  });
}
