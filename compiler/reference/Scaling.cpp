#include "compiler/reference/Models.h"
#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;

static void countNonfinite(Inputs inputs, Results results) {
  int64_t count = 0;
  for (const Tensor *tensor : inputs)
    for (double value : tensor->floats)
      count += !std::isfinite(value);
  results[0].integers[0] = count;
  results[1].integers[0] = count == 0;
}

static LogicalResult nonfiniteCount(NonfiniteCountOp, Inputs inputs,
                                    Results results) {
  countNonfinite(inputs, results);
  return success();
}

static LogicalResult normAndCount(NormAndCountOp op, Inputs inputs,
                                  Results results) {
  size_t pairs = op.getMeasured().size();
  results[0].floats[0] = normOf(inputs.take_front(pairs));
  countNonfinite(inputs.drop_front(pairs), results.drop_front());
  return success();
}

static LogicalResult updateLossScale(UpdateLossScaleOp, Inputs inputs,
                                     Results results) {
  double scale = inputs[0]->scalar();
  int64_t good = inputs[1]->integer(), bad = inputs[2]->integer();
  double growth = inputs[4]->scalar(), interval = inputs[5]->scalar();
  double backoff = inputs[6]->scalar(), hysteresis = inputs[7]->scalar();
  double smallest = inputs[8]->scalar(), largest = inputs[9]->scalar();
  if (inputs[3]->integer()) {
    bad = 0;
    if (++good >= interval) {
      scale = std::min(scale * growth, largest);
      good = 0;
    }
  } else {
    good = 0;
    if (++bad >= hysteresis) {
      scale = std::max(scale * backoff, smallest);
      bad = 0;
    }
  }
  results[0].floats[0] = scale;
  results[1].integers[0] = good;
  results[2].integers[0] = bad;
  return success();
}

void mpc::reference::attachScalingModels(MLIRContext *context) {
  attach<NonfiniteCountOp, nonfiniteCount>(context);
  attach<NormAndCountOp, normAndCount>(context);
  attach<UpdateLossScaleOp, updateLossScale>(context);
}
