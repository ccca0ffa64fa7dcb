// A program's GPU code under the emulator.
#ifndef MPC_TEST_LOWERING_GPU_EMULATEDIMAGE_H
#define MPC_TEST_LOWERING_GPU_EMULATEDIMAGE_H

#include "compiler/dialect/Dialect.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include <map>

namespace mpc::test {

/// The module that the pass that lowers to GPUs makes.
class EmulatedImage {
public:
  explicit EmulatedImage(mlir::ModuleOp image);

  /// Runs function `entry` of `kernel`, all blocks of it. Tensor maps are not
  /// emulated here. False if threads wait for each other for ever.
  bool run(KernelOp kernel, llvm::StringRef entry,
           llvm::ArrayRef<void *> buffers) const;

private:
  struct Launch {
    int64_t blocks, threads, cluster;
    bool hasTable;
  };
  std::map<std::string, Launch, std::less<>> launches;
  std::unique_ptr<mlir::ExecutionEngine> engine;
};

} // namespace mpc::test

#endif
