// Integer tensors that are known at compile time, and the arithmetic that
// exporters write to compute shapes from shapes.
#ifndef MPC_FRONTEND_MODEL_INTTENSOR_H
#define MPC_FRONTEND_MODEL_INTTENSOR_H

#include "frontend/model/Graph.h"

namespace mpc::frontend {

/// A small integer or boolean tensor with its elements in row-major order.
struct IntTensor {
  mpcrt::DType dtype = mpcrt::DType::I64;
  std::vector<int64_t> shape;
  std::vector<int64_t> values;
};

/// No more elements than this are folded.
inline constexpr int64_t largestFold = 4096;

/// The elements of a small integer tensor; nothing for other tensors.
std::optional<IntTensor> toIntTensor(const Tensor &tensor);

/// The elements of a small float tensor; nothing for other tensors.
std::optional<std::vector<double>> toNumbers(const Tensor &tensor);

/// What is known about one operand of a node that may fold.
struct FoldOperand {
  const IntTensor *ints = nullptr;             ///< its elements, or null
  const std::vector<int64_t> *shape = nullptr; ///< its static shape, or null
};

/// Whether the operator is one that foldIntegers evaluates.
bool isShapeArithmetic(const std::string &opType);

/// Evaluates a node of shape arithmetic whose operands are known. Nothing if
/// the op is none of these, or an operand is unknown, or the node is malformed.
std::optional<IntTensor> foldIntegers(const Node &node,
                                      const std::vector<FoldOperand> &operands);

} // namespace mpc::frontend

#endif
