// From the nested module @cpu to a position-independent image.
#ifndef MPC_COMPILER_LOWERING_CPUIMAGE_H
#define MPC_COMPILER_LOWERING_CPUIMAGE_H

#include "mlir/IR/BuiltinOps.h"
#include "runtime/artifact/Manifest.h"
#include "llvm/ADT/StringMap.h"
#include <cstddef>
#include <string>
#include <vector>

namespace mpc {

/// Machine code and constants that run wherever a page boundary is mapped: no
/// relocations, no undefined symbols, no writable data.
struct CpuImage {
  std::string isa;                   ///< "x86-64-v3", or the native CPU's name
  std::vector<std::string> features; ///< what the CPU must have
  std::vector<std::byte> bytes;      ///< code, then constants
  int64_t codeBytes = 0;             ///< how much of it is code
  /// The functions of @cpu.
  llvm::StringMap<mpcrt::Kernel> kernels;
};

struct CpuImageOptions {
  bool native = false; ///< for this machine's CPU instead of x86-64-v3
};

/// Compiles the functions of `cpu` as mpc-lower-to-cpu leaves them. `cpu`
/// itself is not changed. Fails with a diagnostic on `cpu`.
mlir::FailureOr<CpuImage> buildCpuImage(mlir::ModuleOp cpu,
                                        const CpuImageOptions &options = {});

/// Lays out the code and constants of an ELF object for x86-64 and resolves its
/// relocations, all of which must be PC-relative and internal.
llvm::Expected<CpuImage> layOutObject(llvm::StringRef object);

} // namespace mpc

#endif
