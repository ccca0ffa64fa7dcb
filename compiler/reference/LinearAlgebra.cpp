#include "compiler/reference/Models.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;

static LogicalResult gemm(GemmOp op, Inputs inputs, Results results) {
  const Tensor &a = *inputs[0], &b = *inputs[1];
  double alpha = op.getAlpha().convertToFloat();
  double beta = op.getBeta().convertToFloat();
  int64_t m = results[0].shape()[0], n = results[0].shape()[1];
  int64_t k = a.shape()[op.getTransA() ? 0 : 1];
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j) {
      double sum = 0;
      for (int64_t l = 0; l < k; ++l)
        sum += a.floats[op.getTransA() ? l * m + i : i * k + l] *
               b.floats[op.getTransB() ? j * k + l : l * n + j];
      double value = alpha * sum;
      if (op.getC()) {
        const Tensor &c = *inputs[2];
        value += beta * c.floats[broadcastPosition(c.shape(), {i, j})];
      }
      results[0].floats[i * n + j] = value;
    }
  return success();
}

void mpc::reference::attachLinearAlgebraModels(MLIRContext *context) {
  attach<GemmOp, gemm>(context);
}
