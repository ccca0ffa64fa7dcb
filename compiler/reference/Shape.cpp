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

// starts + index * steps, per dimension.
static Shape strided(ArrayRef<int64_t> index, ArrayRef<int64_t> starts,
                     ArrayRef<int64_t> steps) {
  Shape result(index);
  for (auto [i, start, step] : llvm::zip_equal(result, starts, steps))
    i = start + i * step;
  return result;
}

static LogicalResult slice(SliceOp op, Inputs inputs, Results results) {
  const Tensor &input = *inputs[0];
  return gather(input, results[0], [&](ArrayRef<int64_t> index) {
    return position(input.shape(),
                    strided(index, op.getStarts(), op.getSteps()));
  });
}

static void copyElement(const Tensor &from, int64_t source, Tensor &to,
                        int64_t target) {
  if (to.isFloat())
    to.floats[target] = from.floats[source];
  else
    to.integers[target] = from.integers[source];
}

static LogicalResult pad(PadOp op, Inputs inputs, Results results) {
  const Tensor &input = *inputs[0];
  Tensor &result = results[0];
  double value = op.getValue().convertToDouble();
  result.floats.assign(result.floats.size(), value);
  result.integers.assign(result.integers.size(), static_cast<int64_t>(value));
  forEachIndex(input.shape(), [&](ArrayRef<int64_t> index) {
    Shape to = strided(index, op.getStarts(), op.getSteps());
    copyElement(input, position(input.shape(), index), result,
                position(result.shape(), to));
  });
  return success();
}

static LogicalResult concat(ConcatOp op, Inputs inputs, Results results) {
  Tensor &result = results[0];
  int64_t before = 0;
  for (const Tensor *input : inputs) {
    forEachIndex(input->shape(), [&](ArrayRef<int64_t> index) {
      Shape to(index);
      to[op.getAxis()] += before;
      copyElement(*input, position(input->shape(), index), result,
                  position(result.shape(), to));
    });
    before += input->shape()[op.getAxis()];
  }
  return success();
}

void mpc::reference::attachShapeModels(MLIRContext *context) {
  attach<ReshapeOp, reshape>(context);
  attach<TransposeOp, transpose>(context);
  attach<BroadcastOp, broadcast>(context);
  attach<SliceOp, slice>(context);
  attach<PadOp, pad>(context);
  attach<ConcatOp, concat>(context);
}
