// Tables of tiles for products: what `mpc tune --kernels` writes and --kernels
// reads. docs/schemas/kernels.schema.json describes the file.
#ifndef MPC_COMPILER_PIPELINE_KERNELTABLE_H
#define MPC_COMPILER_PIPELINE_KERNELTABLE_H

#include "runtime/artifact/Status.h"

#include <string>
#include <vector>

namespace mpc {

/// One product and its fastest tile, both as `mpc-choose-tiles` takes them.
struct KernelTableEntry {
  std::string product, tile;
  double seconds = 0;       ///< of a launch with that tile
  double chosenSeconds = 0; ///< with the one that the compiler would choose
};

struct KernelTable {
  std::string device; ///< that it was measured on
  std::vector<KernelTableEntry> entries;

  std::string text() const; ///< the file
};

/// Code::File if it cannot be read; Code::InvalidData, with the entry, for what
/// is no table or what no kernel can be made with.
mpcrt::Result<KernelTable> readKernelTable(const std::string &path);

} // namespace mpc

#endif
