#include "compiler/reference/Models.h"
#include <cmath>

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;

// The logits of one sample: positions along the class axis, and its label.
namespace {
struct Row {
  SmallVector<int64_t> positions;
  int64_t label;
};
} // namespace

// The rows whose label counts. Fails on a label that is neither a class nor
// `ignore_index`.
template <typename Op>
static FailureOr<SmallVector<Row>> rowsThatCount(Op op, const Tensor &logits,
                                                 const Tensor &labels) {
  SmallVector<Row> rows;
  int64_t axis = op.getClassAxis(), classes = logits.shape()[axis];
  int64_t bad = -1;
  forEachIndex(labels.shape(), [&](ArrayRef<int64_t> sample) {
    int64_t at = position(labels.shape(), sample);
    int64_t label = labels.integers[at];
    if (label == static_cast<int64_t>(op.getIgnoreIndex()))
      return;
    if (label < 0 || label >= classes) {
      bad = at;
      return;
    }
    Row row{{}, label};
    Shape index(sample);
    index.insert(index.begin() + axis, 0);
    for (; index[axis] < classes; ++index[axis])
      row.positions.push_back(position(logits.shape(), index));
    rows.push_back(std::move(row));
  });
  if (bad >= 0) {
    op.emitOpError("has label ") << labels.integers[bad] << " at element "
                                 << bad << "; expected 0 to " << classes - 1;
    return failure();
  }
  return rows;
}

// log(sum(exp(logits))) of a row, with the maximum subtracted before exp.
static double logSumExp(const Tensor &logits, const Row &row) {
  double largest = logits.floats[row.positions.front()];
  for (int64_t at : row.positions)
    largest = std::fmax(largest, logits.floats[at]);
  double sum = 0;
  for (int64_t at : row.positions)
    sum += std::exp(logits.floats[at] - largest);
  return largest + std::log(sum);
}

namespace {
// What cross_entropy weighs the classes of a row with.
struct ClassWeights {
  const Tensor *weights; ///< null without weights
  double smoothing;
  double classes;

  double of(int64_t c) const { return weights ? weights->floats[c] : 1.0; }
  double ofTarget(const Row &row) const {
    return of(row.label) * (1 - smoothing);
  }
  double ofAny(int64_t c) const {
    return smoothing == 0 ? 0 : of(c) * smoothing / classes;
  }
  // The weights of the labels, by whose sum the loss is divided.
  double ofLabels(ArrayRef<Row> rows) const {
    double sum = 0;
    for (const Row &row : rows)
      sum += of(row.label);
    return sum;
  }
};
} // namespace

// `first` is the number of the logits operand.
template <typename Op>
static ClassWeights classWeights(Op op, Inputs inputs, size_t first) {
  double classes =
      static_cast<double>(inputs[first]->shape()[op.getClassAxis()]);
  return {op.getWeights() ? inputs[first + 2] : nullptr,
          op.getLabelSmoothing().convertToFloat(), classes};
}

// `first` is the number of the logits operand.
template <typename Op>
static LogicalResult crossEntropyLoss(Op op, Inputs inputs, size_t first,
                                      Tensor &loss) {
  const Tensor &logits = *inputs[first];
  auto rows = rowsThatCount(op, logits, *inputs[first + 1]);
  if (failed(rows))
    return failure();
  ClassWeights weights = classWeights(op, inputs, first);
  double sum = 0;
  for (const Row &row : *rows) {
    double normalizer = logSumExp(logits, row);
    sum += weights.ofTarget(row) *
           (normalizer - logits.floats[row.positions[row.label]]);
    if (weights.smoothing != 0)
      for (auto [c, at] : llvm::enumerate(row.positions))
        sum += weights.ofAny(c) * (normalizer - logits.floats[at]);
  }
  loss.floats[0] = rows->empty() ? 0.0 : sum / weights.ofLabels(*rows);
  return success();
}

template <typename Op>
static LogicalResult crossEntropyGradient(Op op, Inputs inputs,
                                          Tensor &gradient) {
  const Tensor &logits = *inputs[1];
  auto rows = rowsThatCount(op, logits, *inputs[2]);
  if (failed(rows))
    return failure();
  ClassWeights weights = classWeights(op, inputs, 1);
  double all = 0;
  for (int64_t c = 0; c < logits.shape()[op.getClassAxis()]; ++c)
    all += weights.ofAny(c);
  double factor = inputs[0]->scalar() / weights.ofLabels(*rows);
  for (const Row &row : *rows) {
    double normalizer = logSumExp(logits, row);
    for (auto [c, at] : llvm::enumerate(row.positions)) {
      double probability = std::exp(logits.floats[at] - normalizer);
      double target = static_cast<int64_t>(c) == row.label ? 1.0 : 0.0;
      gradient.floats[at] =
          factor * (weights.ofTarget(row) * (probability - target) +
                    probability * all - weights.ofAny(c));
    }
  }
  return success();
}

static LogicalResult crossEntropy(CrossEntropyOp op, Inputs inputs,
                                  Results results) {
  return crossEntropyLoss(op, inputs, 0, results[0]);
}
static LogicalResult crossEntropyGrad(CrossEntropyGradOp op, Inputs inputs,
                                      Results results) {
  return crossEntropyGradient(op, inputs, results[0]);
}
static LogicalResult crossEntropyAndGrad(CrossEntropyAndGradOp op,
                                         Inputs inputs, Results results) {
  return success(succeeded(crossEntropyLoss(op, inputs, 1, results[0])) &&
                 succeeded(crossEntropyGradient(op, inputs, results[1])));
}

// The loss of one element and its derivative by the prediction.
static double lossOf(PointwiseLoss kind, double p, double t) {
  double d = p - t;
  switch (kind) {
  case PointwiseLoss::Mse:
    return d * d;
  case PointwiseLoss::L1:
    return std::abs(d);
  case PointwiseLoss::Huber:
    return std::abs(d) <= 1 ? d * d / 2 : std::abs(d) - 0.5;
  case PointwiseLoss::BceLogits:
    // NaN must stay, which std::max would lose.
    return (p < 0 ? 0 : p) - p * t + std::log1p(std::exp(-std::abs(p)));
  }
  llvm_unreachable("unknown loss");
}

static double derivativeOf(PointwiseLoss kind, double p, double t) {
  double d = p - t;
  switch (kind) {
  case PointwiseLoss::Mse:
    return 2 * d;
  case PointwiseLoss::L1:
    return d > 0 ? 1 : d < 0 ? -1 : d;
  case PointwiseLoss::Huber:
    return d > 1 ? 1 : d < -1 ? -1 : d;
  case PointwiseLoss::BceLogits:
    return 1 / (1 + std::exp(-p)) - t;
  }
  llvm_unreachable("unknown loss");
}

static LogicalResult pointwiseLoss(PointwiseLossOp op, Inputs inputs,
                                   Results results) {
  const Tensor &prediction = *inputs[0], &target = *inputs[1];
  double sum = 0;
  for (int64_t i = 0; i < prediction.size(); ++i)
    sum += lossOf(op.getKind(), prediction.floats[i], target.floats[i]);
  results[0].floats[0] = sum / prediction.size();
  return success();
}

static LogicalResult pointwiseLossGrad(PointwiseLossGradOp op, Inputs inputs,
                                       Results results) {
  const Tensor &prediction = *inputs[1], &target = *inputs[2];
  for (int64_t i = 0; i < prediction.size(); ++i)
    results[0].floats[i] =
        inputs[0]->scalar() *
        derivativeOf(op.getKind(), prediction.floats[i], target.floats[i]) /
        prediction.size();
  return success();
}

void mpc::reference::attachLossModels(MLIRContext *context) {
  attach<CrossEntropyOp, crossEntropy>(context);
  attach<CrossEntropyGradOp, crossEntropyGrad>(context);
  attach<CrossEntropyAndGradOp, crossEntropyAndGrad>(context);
  attach<PointwiseLossOp, pointwiseLoss>(context);
  attach<PointwiseLossGradOp, pointwiseLossGrad>(context);
}
