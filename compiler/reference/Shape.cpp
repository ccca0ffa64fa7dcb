#include "compiler/reference/Models.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;

// result[i] = input[from(i)]
template <typename From>
static LogicalResult gather(const Tensor &input, Tensor &result, From from) {
  forEachIndex(result.shape(), [&](ArrayRef<int64_t> index) {
    int64_t to = position(result.shape(), index);
    if (result.isFloat())
      result.floats[to] = input.floats[from(index)];
    else
      result.integers[to] = input.integers[from(index)];
  });
  return success();
}

static LogicalResult reshape(ReshapeOp, Inputs inputs, Results results) {
  results[0].floats = inputs[0]->floats;
  results[0].integers = inputs[0]->integers;
  return success();
}

static LogicalResult transpose(TransposeOp op, Inputs inputs, Results results) {
  const Tensor &input = *inputs[0];
  return gather(input, results[0], [&](ArrayRef<int64_t> index) {
    Shape source(index.size());
    for (auto [i, dim] : llvm::enumerate(op.getPerm()))
      source[dim] = index[i];
    return position(input.shape(), source);
  });
}

static LogicalResult broadcast(BroadcastOp, Inputs inputs, Results results) {
  const Tensor &input = *inputs[0];
  return gather(input, results[0], [&](ArrayRef<int64_t> index) {
    return broadcastPosition(input.shape(), index);
  });
}

void mpc::reference::attachShapeModels(MLIRContext *context) {
  attach<ReshapeOp, reshape>(context);
  attach<TransposeOp, transpose>(context);
  attach<BroadcastOp, broadcast>(context);
}
