// The cases of one op as functions of one module, with arguments and what the
// reference makes of them.
#ifndef MPC_TEST_NUMERICS_INSTANCES_H
#define MPC_TEST_NUMERICS_INSTANCES_H

#include "test/numerics/Bounds.h"
#include "test/numerics/Cases.h"
#include "test/unit/reference/Program.h"
#include <set>

namespace mpc::test {

using Tensors = std::vector<reference::Tensor>;

/// Every instance of an op: its cases in every pair of formats they allow.
class Instances {
public:
  explicit Instances(llvm::StringRef op) : program(makeSource(op)) {}

  /// Calls `body(function, case)` for every instance.
  void
  forEach(llvm::function_ref<void(mlir::func::FuncOp, const Case &)> body) {
    for (auto [i, c] : llvm::enumerate(cases))
      body(program.function("f" + std::to_string(i)), *c);
  }

  /// Arguments for an instance: random ones, then for each tensor the same with
  /// a NaN and with an infinity in its midst.
  static std::vector<Tensors> arguments(mlir::func::FuncOp function,
                                        const Case &c);

private:
  std::string makeSource(llvm::StringRef op);

  std::vector<const Case *> cases; ///< by function; filled by makeSource
  Program program;
};

/// What the reference says of one function on some arguments.
struct Expectation {
  Expectation(mlir::func::FuncOp function, llvm::ArrayRef<reference::Tensor>);

  /// What is wrong with `got`, or nothing.
  std::string check(llvm::ArrayRef<reference::Tensor> got) const;

  llvm::SmallVector<reference::Tensor> rounded; ///< in Rounded mode
  std::vector<Allowed> allowed;                 ///< by result
};

/// The ops that have cases, in order of their names.
std::set<std::string> testedOps();

} // namespace mpc::test

#endif
