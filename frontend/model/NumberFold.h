// Arithmetic on constants of 64-bit floats. Exporters write it for factors such
// as 1 / sqrt(64); no program holds such numbers, so it is done while the model
// is read, in that precision.
#ifndef MPC_FRONTEND_MODEL_NUMBERFOLD_H
#define MPC_FRONTEND_MODEL_NUMBERFOLD_H

#include "frontend/model/IntTensor.h"

namespace mpc::frontend {

/// What is known about one operand: a small tensor, known integers, or neither.
struct NumberOperand {
  const Tensor *tensor = nullptr;
  const IntTensor *ints = nullptr;
};

/// Evaluates a node that reads or gives constants of F64. Nothing if it is none
/// of the operators that are known here, or an operand is unknown.
std::optional<Tensor> foldNumbers(const Node &node,
                                  const std::vector<NumberOperand> &operands);

} // namespace mpc::frontend

#endif
