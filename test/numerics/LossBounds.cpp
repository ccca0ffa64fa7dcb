// Losses and their gradients.
#include "compiler/dialect/Dialect.h"
#include "test/numerics/BoundsMath.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;
using namespace mpc::test::bounds;
using mpc::test::ErrorBounds;

//===-- Cross entropy -----------------------------------------------------===//

namespace {
// The samples whose label counts, with their rows of logits, and what the
// classes weigh.
struct Samples {
  const Tensor &logits;
  const Tensor *weights;
  double smoothing, classes;
  SmallVector<std::pair<SmallVector<int64_t>, int64_t>> rows; ///< and label

  template <typename Op>
  Samples(Op op, Inputs inputs, size_t first)
      : logits(*inputs[first]),
        weights(op.getWeights() ? inputs[first + 2] : nullptr),
        smoothing(op.getLabelSmoothing().convertToFloat()),
        classes(double(logits.shape()[op.getClassAxis()])) {
    // Rows come in the order of the labels.
    auto all = rowsAlong(logits.shape(), op.getClassAxis());
    for (auto [row, label] : llvm::zip_equal(all, inputs[first + 1]->integers))
      if (label != int64_t(op.getIgnoreIndex()))
        rows.push_back({row, label});
  }
  bool isPlain() const { return !weights && smoothing == 0; }
  double weightOf(int64_t c) const { return weights ? weights->floats[c] : 1; }
  double count() const { return double(rows.size()); }
  double ofLabels() const {
    double sum = 0;
    for (auto &[row, label] : rows)
      sum += weightOf(label);
    return sum;
  }
  // Roundings that weights and their sums add to a product.
  double roundings() const { return isPlain() ? 0 : count() + classes + 8; }
};
} // namespace

// Whether powers of e have their short forms.
static PowerErrors powersFor(Type stored) {
  return stored.getIntOrFloatBitWidth() == 16 ? shortPowers : PowerErrors();
}

namespace {
/// s and p = exp(x - m) / s of a row that may be read once. m is then less than
/// the largest logit by up to `below`; powers are first taken of x - r with a
/// reference r that rises to m in steps of more than 40, each of which
/// multiplies by another exp. Arguments of these add up to less than 80 more
/// than largest - x.
struct LossRow : SoftmaxRow {
  PowerErrors powers;
  double below, log;

  LossRow(const Tensor &logits, ArrayRef<int64_t> row, PowerErrors errors)
      : SoftmaxRow(softmaxRow(logits, row, errors)), powers(errors) {
    double range = largest - smallest, steps = 2 + range / 40;
    below = std::min(range, 40.0);
    double ofSteps = steps * (elementaryError + 2 * u);
    ofSum += ofSteps + 2 * below * powers.ofDepth;
    log = std::log(sum);
  }
};
} // namespace

// -logp of a class is log(s) + m - x: log errs by the relative error of s plus
// its own, the two sums by u of what they add. Weights multiply it, the classes
// and n rows are summed, and the sum of weights divides.
// `first` is the number of the logits operand.
template <typename Op>
static ErrorBounds crossEntropyBounds(Op op, Inputs inputs, size_t first) {
  Samples samples(op, inputs, first);
  PowerErrors powers = powersFor(elementTypeOf(op.getLogits()));
  double error = 0, sum = 0;
  for (auto &[row, label] : samples.rows) {
    LossRow softmax(samples.logits, row, powers);
    double log = softmax.log + softmax.below;
    double largest = std::abs(softmax.largest) + softmax.below;
    auto addTerm = [&](int64_t c, double weight) {
      double x = samples.logits.floats[row[c]];
      error += weight * (1.01 * softmax.ofSum + elementaryError * log +
                         2 * gammaOf(2) * (log + largest + std::abs(x)));
      sum += weight * (softmax.log + softmax.largest - x);
    };
    addTerm(label, samples.weightOf(label) * (1 - samples.smoothing));
    if (samples.smoothing != 0)
      for (int64_t c = 0; c < int64_t(row.size()); ++c)
        addTerm(c, samples.weightOf(c) * samples.smoothing / samples.classes);
  }
  if (samples.rows.empty())
    return {{0.0}};
  double roundings = samples.count() + 1 + samples.roundings();
  return {{(error + gammaOf(roundings) * (sum + error)) / samples.ofLabels() +
           tiny}};
}

// p = exp(x - m) / s, by the inverse of s. g / n and (p - t) g / n add at most
// three roundings.
template <typename Op>
static Errors crossEntropyGradErrors(Op op, Inputs inputs) {
  Samples samples(op, inputs, 1);
  PowerErrors powers = powersFor(elementTypeOf(op.getResult()));
  double ofQuotient = 2 * u;
  if (elementTypeOf(op.getResult()).getIntOrFloatBitWidth() == 16)
    ofQuotient += shortInverseError;
  double factor = std::abs(inputs[0]->scalar()) / samples.ofLabels();
  double share = samples.smoothing / samples.classes, ofClasses = 0;
  for (int64_t c = 0; c < int64_t(samples.classes); ++c)
    ofClasses += samples.smoothing != 0 ? samples.weightOf(c) : 0;
  Errors errors(samples.logits.size(), 0.0);
  for (auto &[row, label] : samples.rows) {
    LossRow softmax(samples.logits, row, powers);
    double weight = samples.weightOf(label) * (1 - samples.smoothing);
    for (auto [c, at] : llvm::enumerate(row)) {
      double depth = softmax.largest - samples.logits.floats[at];
      double p = std::exp(-depth) / softmax.sum;
      double target = int64_t(c) == label;
      // exp(-inf) is 0, or nearly.
      double ofArgument = p == 0 ? 0 : powers.ofDepth * (depth + softmax.below);
      double ofP =
          1.01 * p * (powers.own + softmax.ofSum + ofArgument + ofQuotient) +
          2 * tiny;
      double terms = weight * std::abs(p - target);
      if (samples.smoothing != 0)
        terms += share * (p * ofClasses + samples.weightOf(int64_t(c)));
      errors[at] = factor * (1.01 * (weight + share * ofClasses) * ofP +
                             gammaOf(4 + samples.roundings()) * terms) +
                   (factor + 4) * tiny;
    }
  }
  return errors;
}

//===-- Pointwise losses --------------------------------------------------===//

// What one element errs by. mse: a difference and a square. huber: also a
// factor, or a sum; where its cases meet, so do their values and slopes.
// bce_logits: exp, 1 + x, log, a difference, a quotient and a product for the
// logarithm, which no error of its operand enlarges; then two sums.
static double ofPointwise(PointwiseLoss kind, double p, double t) {
  double d = std::abs(p - t), log = std::log1p(std::exp(-std::abs(p)));
  switch (kind) {
  case PointwiseLoss::Mse:
    return gammaOf(3) * d * d;
  case PointwiseLoss::L1:
    return u * d;
  case PointwiseLoss::Huber:
    return gammaOf(4) * d * std::min(d, 1.0);
  case PointwiseLoss::BceLogits:
    return gammaOf(3) * (std::max(p, 0.0) + std::abs(p * t) + log) +
           (2 * elementaryError + gammaOf(5)) * log;
  }
  llvm_unreachable("unknown loss");
}

// The mean of n terms.
static ErrorBounds pointwiseBounds(PointwiseLossOp op, Inputs inputs,
                                   Exact exact) {
  double n = double(inputs[0]->size()), error = 0;
  for (auto [p, t] : llvm::zip(inputs[0]->floats, inputs[1]->floats))
    error += ofPointwise(op.getKind(), p, t);
  // bce_logits adds terms of one sign: it is positive for targets in 0..1, but
  // they may be any number.
  double sum = 0;
  for (auto [p, t] : llvm::zip(inputs[0]->floats, inputs[1]->floats))
    sum += op.getKind() == PointwiseLoss::BceLogits
               ? std::abs(p) + std::abs(p * t) + 1
               : 0;
  sum = std::max(sum, n * std::abs(exact[0].scalar()));
  return {{(error + gammaOf(n + 1) * (sum + error)) / n + 2 * tiny}};
}

// A difference (or a sigmoid: exp, a sum and a quotient), and three roundings
// of products and the quotient.
static ErrorBounds pointwiseGradBounds(PointwiseLossGradOp op, Inputs inputs,
                                       Exact exact) {
  double factor = std::abs(inputs[0]->scalar()) / double(inputs[1]->size());
  Errors errors;
  for (auto [i, value] : llvm::enumerate(exact[0].floats)) {
    double error = gammaOf(5) * std::abs(value) + 4 * tiny;
    if (op.getKind() == PointwiseLoss::BceLogits) {
      double sigmoid = 1 / (1 + std::exp(-inputs[1]->floats[i]));
      error += factor * 1.01 *
               ((elementaryError + 2 * u) * sigmoid +
                u * std::abs(sigmoid - inputs[2]->floats[i]));
    }
    errors.push_back(error);
  }
  return {errors};
}

std::optional<ErrorBounds>
mpc::test::bounds::lossBounds(Operation *op, Inputs inputs, Exact exact) {
  using Result = std::optional<ErrorBounds>;
  return llvm::TypeSwitch<Operation *, Result>(op)
      .Case(
          [&](CrossEntropyOp op) { return crossEntropyBounds(op, inputs, 0); })
      .Case([&](CrossEntropyGradOp op) {
        return ErrorBounds{crossEntropyGradErrors(op, inputs)};
      })
      .Case([&](CrossEntropyAndGradOp op) {
        return ErrorBounds{crossEntropyBounds(op, inputs, 1)[0],
                           crossEntropyGradErrors(op, inputs)};
      })
      .Case([&](PointwiseLossOp op) {
        return pointwiseBounds(op, inputs, exact);
      })
      .Case([&](PointwiseLossGradOp op) {
        return pointwiseGradBounds(op, inputs, exact);
      })
      .Default([](Operation *) { return std::nullopt; });
}
