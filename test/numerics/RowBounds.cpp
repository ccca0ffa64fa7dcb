// Reductions, softmax and normalisation by rows.
#include "compiler/dialect/Dialect.h"
#include "test/numerics/BoundsMath.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;
using namespace mpc::test::bounds;
using mpc::test::ErrorBounds;

//===-- Reductions --------------------------------------------------------===//

// Positions of the elements that each result element comes from.
static SmallVector<SmallVector<int64_t>> termsOf(ReduceProdOp op) {
  ArrayRef<int64_t> shape = shapeOf(op.getInput());
  Shape kept = reducedShape(shape, op.getAxes(), /*keepDims=*/true);
  SmallVector<SmallVector<int64_t>> terms(size_t(elementCount(kept)));
  forEachIndex(shape, [&](ArrayRef<int64_t> index) {
    terms[broadcastPosition(kept, index)].push_back(position(shape, index));
  });
  return terms;
}

// n - 1 products. A partial product that underflows errs by tiny / 2 times the
// factors that follow, at most P = product of max(|x|, 1); one that may
// overflow is at most P.
static ErrorBounds prodBounds(ReduceProdOp op, Inputs inputs, Exact exact) {
  Errors errors;
  for (auto [i, terms] : llvm::enumerate(termsOf(op))) {
    double largest = 1, n = terms.size();
    if (exact[0].floats.empty())
      break;
    for (int64_t at : terms)
      largest *= std::max(std::abs(inputs[0]->floats[at]), 1.0);
    if (largest > formats::info(formats::FloatFormat::F32).largestFinite())
      errors.push_back(INFINITY);
    else
      errors.push_back(gammaOf(n) * std::abs(exact[0].floats[i]) +
                       n * tiny * largest);
  }
  return {errors};
}

//===-- Softmax -----------------------------------------------------------===//

SmallVector<SmallVector<int64_t>>
mpc::test::bounds::rowsAlong(ArrayRef<int64_t> shape, int64_t axis) {
  SmallVector<SmallVector<int64_t>> rows;
  Shape others = reducedShape(shape, {axis}, /*keepDims=*/true);
  int64_t stride = elementCount(shape.drop_front(axis + 1));
  forEachIndex(others, [&](ArrayRef<int64_t> index) {
    rows.emplace_back();
    for (int64_t i = 0; i < shape[axis]; ++i)
      rows.back().push_back(position(shape, index) + i * stride);
  });
  return rows;
}

// x - m errs by u |x - m|, which changes exp by that factor, and
// d exp(-d) <= 1/e; the sum has at least one term that is 1. So the relative
// error of s is at most 4 u + gamma(C - 1) + C u / e.
SoftmaxRow mpc::test::bounds::softmaxRow(const Tensor &logits,
                                         ArrayRef<int64_t> row,
                                         PowerErrors powers) {
  SoftmaxRow result;
  for (int64_t at : row) {
    result.largest = std::max(result.largest, logits.floats[at]);
    if (std::isfinite(logits.floats[at]))
      result.smallest = std::min(result.smallest, logits.floats[at]);
  }
  for (int64_t at : row)
    result.sum += std::exp(logits.floats[at] - result.largest);
  double classes = row.size();
  result.ofSum = powers.own + gammaOf(classes) + classes * powers.ofDepth / M_E;
  return result;
}

// Of the form that is 1 at 0, in log_softmax; u d of it is the argument's.
static const PowerErrors shortWholePowers = {0x1p-20, 2 * u};

static bool isOf16Bits(Value result) {
  return elementTypeOf(result).getIntOrFloatBitWidth() == 16;
}

// exp(x - m) by the inverse of s, two roundings: the argument errs by u |x -
// m|. The short form errs by less than 2 tiny where it takes a larger exponent.
static ErrorBounds softmaxBounds(SoftmaxOp op, const Tensor &x) {
  bool isShort = isOf16Bits(op.getResult());
  PowerErrors powers = isShort ? shortPowers : PowerErrors();
  double ofQuotient = isShort ? shortInverseError + 2 * u : 2 * u;
  Errors errors(x.size());
  for (ArrayRef<int64_t> row : rowsAlong(x.shape(), op.getAxis())) {
    SoftmaxRow softmax = softmaxRow(x, row, powers);
    for (int64_t at : row) {
      double depth = softmax.largest - x.floats[at];
      double p = std::exp(-depth) / softmax.sum;
      errors[at] = 1.01 * p *
                       (powers.own + softmax.ofSum + depth * powers.ofDepth +
                        ofQuotient) +
                   2 * tiny;
    }
  }
  return {errors};
}

// (x - m) - log(s): log errs by the relative error of s and its own, each
// difference by u of what it is of. Of the terms of s one is exp(0), which is
// exact.
static ErrorBounds logSoftmaxBounds(LogSoftmaxOp op, const Tensor &x) {
  PowerErrors powers =
      isOf16Bits(op.getResult()) ? shortWholePowers : PowerErrors();
  Errors errors(x.size());
  for (ArrayRef<int64_t> row : rowsAlong(x.shape(), op.getAxis())) {
    SoftmaxRow softmax = softmaxRow(x, row, powers);
    double log = std::log(softmax.sum);
    double ofSum = softmax.ofSum - powers.own / softmax.sum;
    for (int64_t at : row) {
      double depth = softmax.largest - x.floats[at];
      errors[at] = 1.01 * ofSum + elementaryError * log +
                   gammaOf(2) * (depth + log) + tiny;
    }
  }
  return {errors};
}

// s = sum(dy * y), then a difference and a product.
static ErrorBounds softmaxGradBounds(SoftmaxGradOp op, Inputs inputs) {
  const Tensor &dy = *inputs[0], &y = *inputs[1];
  Errors errors(y.size());
  for (ArrayRef<int64_t> row : rowsAlong(y.shape(), op.getAxis())) {
    double sum = 0, magnitude = 0, n = row.size();
    for (int64_t at : row) {
      sum += dy.floats[at] * y.floats[at];
      magnitude += std::abs(dy.floats[at] * y.floats[at]);
    }
    double ofSum = gammaOf(n + 1) * magnitude + n * tiny;
    for (int64_t at : row)
      errors[at] = std::abs(y.floats[at]) *
                       (1.01 * ofSum + gammaOf(3) * (std::abs(dy.floats[at]) +
                                                     std::abs(sum))) +
                   tiny;
  }
  return {errors};
}

// s = sum(dy), then exp(y), a product and a difference.
static ErrorBounds logSoftmaxGradBounds(LogSoftmaxGradOp op, Inputs inputs) {
  const Tensor &dy = *inputs[0], &y = *inputs[1];
  PowerErrors powers =
      isOf16Bits(op.getResult()) ? shortWholePowers : PowerErrors();
  Errors errors(y.size());
  for (ArrayRef<int64_t> row : rowsAlong(y.shape(), op.getAxis())) {
    double sum = 0, magnitude = 0, n = row.size();
    for (int64_t at : row) {
      sum += dy.floats[at];
      magnitude += std::abs(dy.floats[at]);
    }
    for (int64_t at : row) {
      double p = std::exp(y.floats[at]), share = p * std::abs(sum);
      double ofPower = powers.own + std::abs(y.floats[at]) * powers.ofDepth;
      errors[at] = 1.01 * p * gammaOf(n) * magnitude +
                   1.01 * (ofPower + u) * share +
                   gammaOf(2) * (std::abs(dy.floats[at]) + share) + 2 * tiny;
    }
  }
  return {errors};
}

//===-- Normalisation by rows ---------------------------------------------===//

namespace {
// Element i of an optional vector.
struct Vector {
  const Tensor *values;
  double otherwise;
  double operator[](int64_t i) const {
    return values ? values->floats[i] : otherwise;
  }
};

struct Rows {
  int64_t count, length;
  Rows(const Tensor &x, int64_t axis)
      : count(elementCount(x.shape().take_front(axis))),
        length(elementCount(x.shape().drop_front(axis))) {}
  double mean(int64_t row, llvm::function_ref<double(int64_t)> term) const {
    double sum = 0;
    for (int64_t at = row * length; at < (row + 1) * length; ++at)
      sum += term(at);
    return sum / double(length);
  }
};
} // namespace

// inv = (v + eps)^-1/2 has half the relative error of v + eps, and the
// roundings of the sum, the root and the quotient.
static double ofInverse(double ofVariance, double inverse) {
  double spread = 1 / (inverse * inverse);
  return 0.51 * ofVariance / (spread - ofVariance) + 4 * u;
}

// Two passes, as in batch_normalization: with e = error of the mean the
// deviations d err by e + u |d|, so the variance by 2 e mean|d| + e^2 +
// gamma(n + 4) var. The result has a difference, two products and a sum.
static ErrorBounds layerNormBounds(LayerNormalizationOp op, Inputs inputs,
                                   Exact exact) {
  const Tensor &x = *inputs[0];
  Vector scale{op.getScale() ? inputs[1] : nullptr, 1};
  Vector bias{op.getBias() ? inputs.back() : nullptr, 0};
  double epsilon = op.getEpsilon().convertToFloat();
  Rows rows(x, op.getAxis());
  double n = double(rows.length);
  ErrorBounds errors{Errors(x.size()), {}, {}};
  for (int64_t row = 0; row < rows.count; ++row) {
    double mean = exact[1].floats[row], inverse = exact[2].floats[row];
    auto deviation = [&](int64_t at) { return std::abs(x.floats[at] - mean); };
    double ofMean = gammaOf(n) * rows.mean(row, [&](int64_t at) {
      return std::abs(x.floats[at]);
    }) + tiny;
    double variance = 1 / (inverse * inverse) - epsilon;
    double ofVariance = 2 * ofMean * rows.mean(row, deviation) +
                        ofMean * ofMean + gammaOf(n + 4) * variance + tiny;
    double relative = ofInverse(ofVariance, inverse);
    errors[1].push_back(ofMean);
    errors[2].push_back(relative * inverse);
    for (int64_t i = 0; i < rows.length; ++i) {
      int64_t at = row * rows.length + i;
      errors[0][at] = 1.01 * std::abs(inverse * scale[i]) *
                          (ofMean + deviation(at) * (relative + 5 * u)) +
                      2 * u * std::abs(bias[i]) + 4 * tiny;
    }
  }
  return errors;
}

// A mean of n squares, then as above; the result has two products.
static ErrorBounds rmsNormBounds(RmsNormalizationOp op, Inputs inputs,
                                 Exact exact) {
  const Tensor &x = *inputs[0];
  double epsilon = op.getEpsilon().convertToFloat();
  Rows rows(x, op.getAxis());
  double n = double(rows.length);
  ErrorBounds errors{Errors(x.size()), {}};
  for (int64_t row = 0; row < rows.count; ++row) {
    double inverse = exact[1].floats[row];
    double square = 1 / (inverse * inverse) - epsilon;
    double relative = ofInverse(gammaOf(n + 2) * square + tiny, inverse);
    errors[1].push_back(relative * inverse);
    for (int64_t i = 0; i < rows.length; ++i) {
      int64_t at = row * rows.length + i;
      errors[0][at] =
          1.01 * std::abs(exact[0].floats[at]) * (relative + 3 * u) + 2 * tiny;
    }
  }
  return errors;
}

// xhat has 2 roundings (1 without a mean), g = dy * scale 1. The means over a
// row of n and the sums over the rows add theirs; dx takes three terms with at
// most 6 roundings each, and two more of the outer product.
static ErrorBounds normGradBounds(Operation *op, Inputs inputs, int64_t axis,
                                  Vector scale, const Tensor *mean,
                                  const Tensor &inverse) {
  const Tensor &dy = *inputs[0], &x = *inputs[1];
  Rows rows(x, axis);
  double n = double(rows.length), count = double(rows.count);
  ErrorBounds errors(op->getNumResults(), Errors(rows.length));
  errors[0].resize(x.size());
  for (int64_t row = 0; row < rows.count; ++row) {
    double inv = std::abs(inverse.floats[row]);
    auto xhat = [&](int64_t at) {
      double deviation = x.floats[at] - (mean ? mean->floats[row] : 0);
      return deviation * inverse.floats[row];
    };
    auto g = [&](int64_t at) {
      return dy.floats[at] * scale[at % rows.length];
    };
    auto product = [&](int64_t at) { return g(at) * xhat(at); };
    auto size = [](auto term) {
      return [=](int64_t at) { return std::abs(term(at)); };
    };
    double ofMean = mean ? gammaOf(n + 2) * rows.mean(row, size(g)) : 0;
    double ofProduct = gammaOf(n + 5) * rows.mean(row, size(product)) + tiny;
    double meanG = mean ? std::abs(rows.mean(row, g)) : 0;
    double meanProduct = std::abs(rows.mean(row, product));
    for (int64_t i = 0; i < rows.length; ++i) {
      int64_t at = row * rows.length + i;
      double size = std::abs(xhat(at));
      double terms = std::abs(g(at)) + meanG + size * meanProduct;
      errors[0][at] = inv * (1.01 * (ofMean + size * ofProduct) +
                             gammaOf(8) * terms + 4 * tiny) +
                      tiny;
      errors[1][i] +=
          gammaOf(count + 3) * std::abs(dy.floats[at]) * size + tiny;
      if (mean)
        errors[2][i] += gammaOf(count) * std::abs(dy.floats[at]);
    }
  }
  return errors;
}

std::optional<ErrorBounds>
mpc::test::bounds::rowBounds(Operation *op, Inputs inputs, Exact exact) {
  using Result = std::optional<ErrorBounds>;
  double terms = 0;
  if (!inputs.empty() && exact[0].size() > 0)
    terms = double(inputs[0]->size()) / double(exact[0].size());
  return llvm::TypeSwitch<Operation *, Result>(op)
      .Case([&](ReduceSumOp op) { return sumBounds(op, inputs, terms); })
      .Case([&](ReduceMeanOp op) { return sumBounds(op, inputs, terms + 1); })
      // Either zero is the largest of zeros with different signs.
      .Case<ReduceMaxOp, ReduceMinOp>(
          [&](auto) { return ErrorBounds{Errors(exact[0].size(), 0.0)}; })
      .Case([&](ReduceProdOp op) { return prodBounds(op, inputs, exact); })
      .Case([&](SoftmaxOp op) { return softmaxBounds(op, *inputs[0]); })
      .Case([&](LogSoftmaxOp op) { return logSoftmaxBounds(op, *inputs[0]); })
      .Case([&](SoftmaxGradOp op) { return softmaxGradBounds(op, inputs); })
      .Case(
          [&](LogSoftmaxGradOp op) { return logSoftmaxGradBounds(op, inputs); })
      .Case([&](LayerNormalizationOp op) {
        return layerNormBounds(op, inputs, exact);
      })
      .Case([&](RmsNormalizationOp op) {
        return rmsNormBounds(op, inputs, exact);
      })
      .Case([&](LayerNormalizationGradOp op) {
        return normGradBounds(op, inputs, op.getAxis(),
                              {op.getScale() ? inputs[2] : nullptr, 1},
                              inputs[inputs.size() - 2], *inputs.back());
      })
      .Case([&](RmsNormalizationGradOp op) {
        return normGradBounds(op, inputs, op.getAxis(),
                              {op.getScale() ? inputs[2] : nullptr, 1}, nullptr,
                              *inputs.back());
      })
      .Default([](Operation *) { return std::nullopt; });
}
