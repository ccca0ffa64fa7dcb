#include "compiler/reference/Models.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;

static LogicalResult reduceSum(ReduceSumOp op, Inputs inputs, Results results) {
  const Tensor &input = *inputs[0];
  Shape kept = reducedShape(input.shape(), op.getAxes(), /*keepDims=*/true);
  forEachIndex(input.shape(), [&](ArrayRef<int64_t> index) {
    // An axis that is summed over has size 1 in `kept`, so it drops out.
    results[0].floats[broadcastPosition(kept, index)] +=
        input.floats[position(input.shape(), index)];
  });
  return success();
}

void mpc::reference::attachReductionModels(MLIRContext *context) {
  attach<ReduceSumOp, reduceSum>(context);
}
