#include "compiler/dialect/Dialect.h"
#include "test/numerics/BoundsMath.h"
#include "test/numerics/FunctionBounds.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;
using formats::FloatFormat;
using mpc::test::ErrorBounds;

using namespace mpc::test::bounds;

ErrorBounds mpc::test::bounds::sumBounds(Operation *op, Inputs inputs,
                                         double roundings, size_t factors) {
  std::vector<Tensor> magnitudes;
  for (auto [i, input] : llvm::enumerate(inputs)) {
    magnitudes.push_back(*input);
    if (i < factors)
      for (double &value : magnitudes.back().floats)
        value = std::abs(value);
  }
  SmallVector<const Tensor *> pointers;
  for (const Tensor &tensor : magnitudes)
    pointers.push_back(&tensor);
  auto sums = evaluate(op, pointers, Mode::Exact);
  Errors errors;
  for (double sum : sums->front().floats)
    errors.push_back(sum > formats::info(FloatFormat::F32).largestFinite()
                         ? INFINITY
                         : gammaOf(roundings) * sum + roundings * tiny);
  return {errors};
}

// Each row collects its data and at most all updates.
static std::optional<ErrorBounds> scatterBounds(ScatterOp op, Inputs inputs) {
  if (op.getReduction() == ScatterReduction::Add ||
      op.getReduction() == ScatterReduction::Mul)
    return sumBounds(op, inputs, inputs[1]->size());
  return std::nullopt;
}

// The products of one sum.
static int64_t termsOfConv(ConvOp op) {
  return elementCount(shapeOf(op.getWeight()).drop_front());
}
static int64_t termsOfConv(ConvInputGradOp op) {
  ArrayRef<int64_t> w = shapeOf(op.getWeight());
  return w[0] / int64_t(op.getGroups()) * w[2] * w[3];
}
static int64_t termsOfConv(ConvWeightGradOp op) {
  ArrayRef<int64_t> g = shapeOf(op.getGradient());
  return g[0] * g[2] * g[3];
}

// Whether a padding of zeros takes part in the sums or is left out is not
// defined; it shows where the other factor is infinite or NaN. Then every sum
// may be NaN, but one that is not finite must not become finite.
static ErrorBounds convBounds(Operation *op, Inputs inputs, int64_t terms) {
  for (const Tensor *input : inputs)
    for (double value : input->floats)
      if (!std::isfinite(value)) {
        auto type = cast<RankedTensorType>(op->getResult(0).getType());
        return {Errors(Tensor(type).size(), NAN)};
      }
  return sumBounds(op, inputs, terms + 1);
}

// k products.
static ErrorBounds batchMatmulBounds(BatchMatmulOp op, Inputs inputs) {
  return sumBounds(op, inputs, shapeOf(op.getA())[op.getTransA() ? 1 : 2]);
}

// k products, then alpha, beta and the sum with C.
static ErrorBounds gemmBounds(GemmOp op, Inputs inputs) {
  int64_t k = shapeOf(op.getA())[op.getTransA() ? 0 : 1];
  return sumBounds(op, inputs, k + 3);
}

// Each of n elements adds at most one term per window that covers it.
template <typename Op>
static ErrorBounds poolBounds(Op op, Inputs inputs, int64_t extra) {
  return sumBounds(op, inputs, op.getKernel()[0] * op.getKernel()[1] + extra);
}

//===-- Normalisation -----------------------------------------------------===//

namespace {
// Sums over one channel of [N, C, ...].
struct Channel {
  double count = 0, magnitude = 0, deviation = 0;
};
} // namespace

static SmallVector<Channel> channelsOf(const Tensor &x, ArrayRef<double> mean) {
  SmallVector<Channel> channels(x.shape()[1]);
  forEachIndex(x.shape(), [&](ArrayRef<int64_t> index) {
    Channel &channel = channels[index[1]];
    double value = x.floats[position(x.shape(), index)];
    channel.count += 1;
    channel.magnitude += std::abs(value);
    channel.deviation += std::abs(value - mean[index[1]]);
  });
  return channels;
}

// Two passes. With e = error of the mean, the deviations d = x - mean err by
// e + u |d|, so the variance by 2 e mean|d| + e^2 + gamma(n + 4) var. Then
// inv_std = (var + eps)^-1/2 has half of that relative to var + eps, and the
// roundings of the sum, the root and the quotient.
static ErrorBounds batchNormalizationBounds(BatchNormalizationOp op,
                                            Inputs inputs, Exact exact) {
  const Tensor &x = *inputs[0], &scale = *inputs[1], &bias = *inputs[2];
  ArrayRef<double> mean = exact[3].floats, invStd = exact[4].floats;
  double epsilon = op.getEpsilon().convertToFloat();
  double momentum = op.getMomentum().convertToFloat();
  auto channels = channelsOf(x, mean);
  ErrorBounds errors(5);
  Errors relative;
  for (auto [c, channel] : llvm::enumerate(channels)) {
    double n = channel.count;
    double ofMean = gammaOf(n) * channel.magnitude / n + tiny;
    double spread = 1 / (invStd[c] * invStd[c]), variance = spread - epsilon;
    double ofVariance = 2 * ofMean * channel.deviation / n + ofMean * ofMean +
                        gammaOf(n + 4) * variance + tiny;
    relative.push_back(0.51 * ofVariance / (spread - ofVariance) + 4 * u);
    errors[3].push_back(ofMean);
    errors[4].push_back(relative[c] * invStd[c]);
    auto next = [&](double old, double batch, double ofBatch) {
      return ofBatch * (1 - momentum) +
             gammaOf(4) *
                 (std::abs(old) * momentum + std::abs(batch) * (1 - momentum)) +
             2 * tiny;
    };
    errors[1].push_back(next(inputs[3]->floats[c], mean[c], ofMean));
    errors[2].push_back(next(inputs[4]->floats[c], variance, ofVariance));
  }
  errors[0].resize(x.size());
  forEachIndex(x.shape(), [&](ArrayRef<int64_t> index) {
    int64_t at = position(x.shape(), index), c = index[1];
    double factor = std::abs(invStd[c] * scale.floats[c]);
    double deviation = std::abs(x.floats[at] - mean[c]);
    errors[0][at] =
        1.01 * factor * (errors[3][c] + deviation * (relative[c] + 5 * u)) +
        2 * u * std::abs(bias.floats[c]) + 4 * tiny;
  });
  return errors;
}

// The statistics are given, so every step is a rounding: of the difference, of
// inv_std (4), of two products and the sum.
static ErrorBounds inferenceBounds(BatchNormalizationInferenceOp op,
                                   Inputs inputs) {
  const Tensor &x = *inputs[0];
  double epsilon = op.getEpsilon().convertToFloat();
  Errors errors(x.size());
  forEachIndex(x.shape(), [&](ArrayRef<int64_t> index) {
    int64_t at = position(x.shape(), index), c = index[1];
    double factor = std::abs(inputs[1]->floats[c]) /
                    std::sqrt(inputs[4]->floats[c] + epsilon);
    double deviation = std::abs(x.floats[at] - inputs[3]->floats[c]);
    errors[at] = gammaOf(9) * factor * deviation +
                 2 * u * std::abs(inputs[2]->floats[c]) + 4 * tiny;
  });
  return {errors};
}

// xhat has 2 roundings; dbias and dscale are sums of n terms; dx takes three
// terms with at most 6 roundings each, and two more of the outer product.
static ErrorBounds batchNormalizationGradBounds(Inputs inputs, Exact exact) {
  const Tensor &dy = *inputs[0], &x = *inputs[1];
  int64_t channels = x.shape()[1];
  Errors gradients(channels), products(channels);
  auto normalized = [&](int64_t at, int64_t c) {
    return (x.floats[at] - inputs[3]->floats[c]) * inputs[4]->floats[c];
  };
  double n = static_cast<double>(x.size()) / channels;
  forEachIndex(x.shape(), [&](ArrayRef<int64_t> index) {
    int64_t at = position(x.shape(), index), c = index[1];
    gradients[c] += std::abs(dy.floats[at]);
    products[c] += std::abs(dy.floats[at] * normalized(at, c));
  });
  ErrorBounds errors(3);
  for (int64_t c = 0; c < channels; ++c) {
    errors[1].push_back(gammaOf(n + 3) * products[c] + n * tiny);
    errors[2].push_back(gammaOf(n) * gradients[c]);
  }
  errors[0].resize(x.size());
  forEachIndex(x.shape(), [&](ArrayRef<int64_t> index) {
    int64_t at = position(x.shape(), index), c = index[1];
    double factor = std::abs(inputs[2]->floats[c] * inputs[4]->floats[c]);
    double xhat = std::abs(normalized(at, c));
    double ofSums = (errors[2][c] + xhat * errors[1][c]) / n;
    double terms = std::abs(dy.floats[at]) + std::abs(exact[2].floats[c]) / n +
                   xhat * std::abs(exact[1].floats[c]) / n;
    errors[0][at] =
        factor * (1.01 * ofSums + gammaOf(8) * terms + 4 * tiny) + tiny;
  });
  return errors;
}

//===-- Updates -----------------------------------------------------------===//

// A polynomial with at most 8 roundings on any path, so 8 u of the same
// polynomial in magnitudes; its one minus sign is taken as plus.
static ErrorBounds sgdBounds(SgdOp op, Inputs inputs) {
  bool hasMoment = op.getMoment() != nullptr;
  double lr = inputs[hasMoment ? 3 : 2]->scalar();
  double decay = inputs[hasMoment ? 4 : 3]->scalar();
  ErrorBounds errors(op->getNumResults());
  for (int64_t i = 0; i < inputs[0]->size(); ++i) {
    double p = std::abs(inputs[0]->floats[i]);
    double step = std::abs(inputs[1]->floats[i]) + decay * p;
    if (hasMoment) {
      double momentum = inputs[5]->scalar();
      double next = momentum * std::abs(inputs[2]->floats[i]) + step;
      errors[1].push_back(gammaOf(4) * next + 4 * tiny);
      step = op.getNesterov() ? step + momentum * next : next;
    }
    errors[0].push_back(gammaOf(8) * (p + lr * step) + 8 * tiny);
  }
  return errors;
}

// beta^t by repeated squaring takes at most t - 1 roundings' worth of relative
// error, so c = 1 - beta^t errs by t u beta^t + u c.
static double relativeErrorOfCorrection(double beta, double t) {
  double power = std::pow(beta, t), correction = 1 - power;
  return gammaOf(t) * power / correction + 2 * u;
}

// The sum, the root and the quotient after the corrections.
static ErrorBounds adamFactorsBounds(Inputs inputs, Exact exact) {
  double t = static_cast<double>(inputs[3]->integer()) + 1;
  double ofC1 = relativeErrorOfCorrection(inputs[1]->scalar(), t);
  double ofC2 = relativeErrorOfCorrection(inputs[2]->scalar(), t);
  return {{(ofC1 / (1 - ofC1) + gammaOf(2)) * std::abs(exact[0].scalar())},
          {(0.51 * ofC2 + gammaOf(2)) * exact[1].scalar()}};
}

static ErrorBounds adamBounds(AdamOp op, Inputs inputs, Exact exact) {
  double eps = inputs[7]->scalar();
  double beta1 = inputs[5]->scalar(), beta2 = inputs[6]->scalar();
  double decay = inputs[8]->scalar();
  double stepSize = inputs[9]->scalar(), correction = inputs[10]->scalar();
  ErrorBounds errors(3);
  for (int64_t i = 0; i < inputs[0]->size(); ++i) {
    double p = std::abs(inputs[0]->floats[i]);
    double gradient = inputs[1]->floats[i];
    double g = std::abs(gradient), ofG = 0;
    if (!op.getDecoupled()) {
      ofG = gammaOf(2) * (g + decay * p);
      g = std::abs(gradient + decay * inputs[0]->floats[i]);
    }
    double ofM = gammaOf(4) * (beta1 * std::abs(inputs[2]->floats[i]) +
                               (1 - beta1) * g) +
                 (1 - beta1) * ofG + 4 * tiny;
    double v = exact[2].floats[i];
    double ofV = gammaOf(5) * v + (1 - beta2) * (2 * g + ofG) * ofG + 4 * tiny;
    // sqrt(v) / correction + eps: the root halves relative errors; at v near 0
    // the absolute error of the root is at most the root of v's.
    double root = std::sqrt(v) / correction;
    double ofRoot = std::min(std::sqrt(ofV) / correction,
                             v > 0 ? 0.51 * root * ofV / v : INFINITY) +
                    root * 4 * u;
    double denominator = root + eps;
    errors[1].push_back(ofM);
    errors[2].push_back(ofV);
    if (std::isinf(root)) {
      // The step is 0, exactly.
      errors[0].push_back(gammaOf(2) * p);
      continue;
    }
    double m = std::abs(exact[1].floats[i]);
    double step = stepSize * m / denominator;
    double ofDenominator = ofRoot / denominator;
    errors[0].push_back(
        ofDenominator >= 0.5
            ? INFINITY
            : gammaOf(4) * (p + step) + stepSize * ofM / denominator +
                  1.01 * step *
                      (ofDenominator / (1 - ofDenominator) + gammaOf(6)) +
                  4 * tiny);
  }
  return errors;
}

// A power takes at most as many roundings as its exponent, and one product.
static ErrorBounds stepLrBounds(Inputs inputs, Exact exact) {
  double steps = std::floor(inputs[3]->integer() / inputs[2]->scalar());
  return {{gammaOf(steps + 1) * std::abs(exact[0].scalar()) + tiny}};
}

// The root halves the error of a sum of n squares.
static ErrorBounds globalNormBounds(Inputs inputs, Exact exact) {
  double n = 0;
  for (const Tensor *tensor : inputs)
    n += tensor->size();
  double norm = exact[0].scalar();
  if (norm * norm > formats::info(FloatFormat::F32).largestFinite())
    return {{INFINITY}};
  return {{gammaOf(n / 2 + 3) * norm + std::sqrt(n * tiny)}};
}

// Counts are integers, which have no bounds.
static ErrorBounds normAndCountBounds(NormAndCountOp op, Inputs inputs,
                                      Exact exact) {
  ErrorBounds errors =
      globalNormBounds(inputs.take_front(op.getMeasured().size()), exact);
  errors.resize(3);
  return errors;
}

// The constant 1e-6, the sum and the quotient.
static ErrorBounds clipFactorBounds(Exact exact) {
  return {{gammaOf(3) * std::abs(exact[0].scalar())}};
}

std::optional<ErrorBounds> mpc::test::errorBounds(Operation *op, Inputs inputs,
                                                  Exact exact) {
  using Result = std::optional<ErrorBounds>;
  for (auto family : {rowBounds, lossBounds})
    if (Result bounds = family(op, inputs, exact))
      return bounds;
  return llvm::TypeSwitch<Operation *, Result>(op)
      .Case([&](GemmOp op) { return gemmBounds(op, inputs); })
      .Case([&](BatchMatmulOp op) { return batchMatmulBounds(op, inputs); })
      .Case([&](GatherGradOp op) {
        return sumBounds(op, inputs, inputs[1]->size());
      })
      .Case([&](SumRowsOp op) {
        return sumBounds(op, inputs, inputs[1]->size(), 1);
      })
      .Case([&](CumSumOp op) {
        return sumBounds(op, inputs, shapeOf(op.getInput())[op.getAxis()]);
      })
      .Case([&](ScatterOp op) { return scatterBounds(op, inputs); })
      .Case<ConvOp, ConvInputGradOp, ConvWeightGradOp>(
          [&](auto op) { return convBounds(op, inputs, termsOfConv(op)); })
      .Case<AveragePoolOp, AveragePoolGradOp>(
          [&](auto op) { return poolBounds(op, inputs, 2); })
      // Either zero is the largest of zeros with different signs.
      .Case<MaxPoolOp, MaxOp, MinOp>(
          [&](auto) { return ErrorBounds{Errors(exact[0].size(), 0.0)}; })
      // Where a gradient goes depends on the second operand.
      .Case([&](MaxPoolGradOp op) {
        return sumBounds(op, inputs, op.getKernel()[0] * op.getKernel()[1], 1);
      })
      .Case([&](BatchNormalizationOp op) {
        return batchNormalizationBounds(op, inputs, exact);
      })
      .Case([&](BatchNormalizationInferenceOp op) {
        return inferenceBounds(op, inputs);
      })
      .Case([&](BatchNormalizationGradOp) {
        return batchNormalizationGradBounds(inputs, exact);
      })
      .Case([&](UnaryOp op) { return unaryBounds(op, exact); })
      .Case([&](UnaryGradOp op) { return unaryGradBounds(op, inputs); })
      .Case([&](SqrtOp op) { return sqrtBounds(op, exact); })
      .Case([&](PowOp op) { return powBounds(op, exact); })
      .Case([&](SgdOp op) { return sgdBounds(op, inputs); })
      .Case([&](AdamFactorsOp) { return adamFactorsBounds(inputs, exact); })
      .Case([&](AdamOp op) { return adamBounds(op, inputs, exact); })
      .Case([&](StepLrOp) { return stepLrBounds(inputs, exact); })
      .Case([&](GlobalNormOp) { return globalNormBounds(inputs, exact); })
      .Case([&](NormAndCountOp op) {
        return normAndCountBounds(op, inputs, exact);
      })
      .Case([&](ClipFactorOp) { return clipFactorBounds(exact); })
      .Default([](Operation *) { return std::nullopt; });
}
