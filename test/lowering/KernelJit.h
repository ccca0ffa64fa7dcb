// The steps from a kernel's text to code that runs in this process.
#ifndef MPC_TEST_LOWERING_KERNELJIT_H
#define MPC_TEST_LOWERING_KERNELJIT_H

#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/IR/BuiltinOps.h"
#include <memory>
#include <string>
#include <vector>

namespace mpc::test {

/// Ends the process with `what` unless `condition` holds.
void require(bool condition, const llvm::Twine &what);

/// What kernels and the code that is made of them consist of.
mlir::DialectRegistry kernelDialects();
/// A function with one kernel; see KernelRunner.
std::string kernelText(const std::string &root,
                       const std::vector<std::string> &inputs,
                       const std::string &body,
                       const std::vector<std::string> &results);
void lowerToLlvm(mlir::ModuleOp code);
std::unique_ptr<mlir::ExecutionEngine> compile(mlir::ModuleOp code);

} // namespace mpc::test

#endif
