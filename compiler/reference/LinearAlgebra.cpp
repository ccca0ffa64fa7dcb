#include "compiler/reference/Models.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;

// The sum over k of A'[i, k] * B'[k, j], for matrices that start at `fromA` and
// `fromB`.
template <typename Op>
static double sumOfProducts(Op op, const Tensor &a, int64_t fromA,
                            const Tensor &b, int64_t fromB, int64_t i,
                            int64_t j) {
  auto element = [](const Tensor &of, int64_t from, bool transposed,
                    int64_t row, int64_t column) {
    if (transposed)
      std::swap(row, column);
    return of.floats[from + row * of.shape().back() + column];
  };
  int64_t k = a.shape().drop_back(op.getTransA() ? 1 : 0).back();
  double sum = 0;
  for (int64_t l = 0; l < k; ++l)
    sum += element(a, fromA, op.getTransA(), i, l) *
           element(b, fromB, op.getTransB(), l, j);
  return sum;
}

static LogicalResult gemm(GemmOp op, Inputs inputs, Results results) {
  const Tensor &a = *inputs[0], &b = *inputs[1];
  double alpha = op.getAlpha().convertToFloat();
  double beta = op.getBeta().convertToFloat();
  int64_t m = results[0].shape()[0], n = results[0].shape()[1];
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j) {
      double value = alpha * sumOfProducts(op, a, 0, b, 0, i, j);
      if (op.getC()) {
        const Tensor &c = *inputs[2];
        value += beta * c.floats[broadcastPosition(c.shape(), {i, j})];
      }
      results[0].floats[i * n + j] = value;
    }
  return success();
}

static LogicalResult batchMatmul(BatchMatmulOp op, Inputs inputs,
                                 Results results) {
  const Tensor &a = *inputs[0], &b = *inputs[1];
  int64_t sizeOfA = elementCount(a.shape().drop_front());
  int64_t sizeOfB = elementCount(b.shape().drop_front());
  Tensor &result = results[0];
  forEachIndex(result.shape(), [&](ArrayRef<int64_t> o) {
    result.floats[position(result.shape(), o)] =
        sumOfProducts(op, a, o[0] * sizeOfA, b, o[0] * sizeOfB, o[1], o[2]);
  });
  return success();
}

void mpc::reference::attachLinearAlgebraModels(MLIRContext *context) {
  attach<GemmOp, gemm>(context);
  attach<BatchMatmulOp, batchMatmul>(context);
}
