// What the family files of this folder share. Each file defines its models and
// one function that attaches them.
#ifndef MPC_COMPILER_REFERENCE_MODELS_H
#define MPC_COMPILER_REFERENCE_MODELS_H

#include "compiler/dialect/Dialect.h"
#include "compiler/reference/ReferenceOpInterface.h"
#include <cmath>

namespace mpc::reference {

using Inputs = llvm::ArrayRef<const Tensor *>;
using Results = llvm::MutableArrayRef<Tensor>;

/// Attaches a plain function as the model of `Op`:
///   LogicalResult function(Op op, Inputs inputs, Results results)
template <typename Op, auto function>
struct FunctionModel
    : ReferenceOpInterface::ExternalModel<FunctionModel<Op, function>, Op> {
  llvm::LogicalResult evaluate(mlir::Operation *op, Inputs inputs,
                               Results results) const {
    return function(llvm::cast<Op>(op), inputs, results);
  }
};

/// Element `index` of a result, of an operand that broadcasts to it.
inline double floatAt(const Tensor &tensor, llvm::ArrayRef<int64_t> index) {
  return tensor.floats[broadcastPosition(tensor.shape(), index)];
}
inline int64_t integerAt(const Tensor &tensor, llvm::ArrayRef<int64_t> index) {
  return tensor.integers[broadcastPosition(tensor.shape(), index)];
}

/// The norm of all elements of all tensors.
inline double normOf(Inputs tensors) {
  double sum = 0;
  for (const Tensor *tensor : tensors)
    for (double value : tensor->floats)
      sum += value * value;
  return std::sqrt(sum);
}

template <typename Op, auto function> void attach(mlir::MLIRContext *context) {
  Op::template attachInterface<FunctionModel<Op, function>>(*context);
}

void attachElementwiseModels(mlir::MLIRContext *context);
void attachUnaryModels(mlir::MLIRContext *context);
void attachRelationModels(mlir::MLIRContext *context);
void attachShapeModels(mlir::MLIRContext *context);
void attachIndexingModels(mlir::MLIRContext *context);
void attachReductionModels(mlir::MLIRContext *context);
void attachLinearAlgebraModels(mlir::MLIRContext *context);
void attachConvolutionModels(mlir::MLIRContext *context);
void attachPoolingModels(mlir::MLIRContext *context);
void attachSoftmaxModels(mlir::MLIRContext *context);
void attachNormalizationModels(mlir::MLIRContext *context);
void attachRowNormalizationModels(mlir::MLIRContext *context);
void attachLossModels(mlir::MLIRContext *context);
void attachRandomModels(mlir::MLIRContext *context);
void attachOptimizerModels(mlir::MLIRContext *context);
void attachScalingModels(mlir::MLIRContext *context);
void attachStateModels(mlir::MLIRContext *context);

} // namespace mpc::reference

#endif
