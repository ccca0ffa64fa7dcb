// A function of mpc ops as compiled, on arguments of the reference.
#ifndef MPC_TEST_NUMERICS_RUNPROGRAM_H
#define MPC_TEST_NUMERICS_RUNPROGRAM_H

#include "compiler/lowering/ElementTypes.h"
#include "test/lowering/ProgramRunner.h"
#include "test/numerics/Instances.h"

namespace mpc::test {

inline std::vector<Bytes> encoded(const Tensors &arguments) {
  std::vector<Bytes> inputs;
  for (const reference::Tensor &argument : arguments)
    inputs.push_back(encode({argument.floats, argument.integers},
                            *artifactType(argument.type.getElementType())));
  return inputs;
}

inline llvm::SmallVector<reference::Tensor>
decoded(const std::vector<Bytes> &outputs, mlir::func::FuncOp function) {
  llvm::SmallVector<reference::Tensor> results;
  for (auto [bytes, type] : llvm::zip(outputs, function.getResultTypes())) {
    auto tensor = mlir::cast<mlir::RankedTensorType>(type);
    Numbers numbers = decode(bytes, *artifactType(tensor.getElementType()));
    results.push_back(reference::Tensor(tensor));
    results.back().floats = std::move(numbers.floats);
    results.back().integers = std::move(numbers.integers);
  }
  return results;
}

inline llvm::SmallVector<reference::Tensor>
runProgram(ProgramRunner &runner, mlir::func::FuncOp function,
           const Tensors &arguments) {
  return decoded(runner.run(function.getSymName().str(), encoded(arguments)),
                 function);
}

} // namespace mpc::test

#endif
