#include "test/numerics/FunctionBounds.h"
#include "compiler/reference/Unary.h"
#include "test/numerics/UnaryErrors.h"
#include <cmath>

using namespace mpc;
using namespace mpc::reference;
using mpc::test::ErrorBounds;
using Function = UnaryFunction;
using formats::FloatFormat;

static const auto &f32 = formats::info(FloatFormat::F32);
static const double u = f32.unitRoundoff();
static const double tiny = f32.smallestSubnormal();

static double errorOf(double exact, double ulps, double subnormals) {
  double finite = std::fmin(std::abs(exact), f32.largestFinite());
  return ulps * formats::ulp(finite, FloatFormat::F32) + subnormals * tiny;
}

static FloatFormat formatOfResult(mlir::Operation *op) {
  return formatOf(elementTypeOf(op->getResult(0)));
}

static std::vector<double> shortBounds(test::Exact exact, double relative,
                                       FloatFormat format) {
  const auto &info = formats::info(format);
  std::vector<double> errors;
  for (double value : exact[0].floats)
    errors.push_back(relative *
                         std::fmin(std::abs(value), 2 * info.largestFinite()) +
                     info.smallestSubnormal() / 64);
  return errors;
}

// MeasuredErrors measures these over all of f32.
std::optional<ErrorBounds> test::unaryBounds(UnaryOp op, Exact exact) {
  const UnaryError &row = unaryError(op.getFunction());
  if (row.ulps == 0)
    return std::nullopt;
  FloatFormat format = formatOfResult(op);
  if (auto relative = shortErrors(op.getFunction()).of.in(format))
    return ErrorBounds{shortBounds(exact, *relative, format)};
  std::vector<double> errors;
  for (double value : exact[0].floats)
    errors.push_back(errorOf(value, row.ulps, row.subnormals));
  return ErrorBounds{errors};
}

std::optional<ErrorBounds> test::sqrtBounds(SqrtOp op, Exact exact) {
  FloatFormat format = formatOfResult(op);
  if (auto relative = shortSqrtError.in(format))
    return ErrorBounds{shortBounds(exact, *relative, format)};
  return std::nullopt;
}

static bool isOf16Bits(mlir::Value value) {
  return elementTypeOf(value).getIntOrFloatBitWidth() == 16;
}

ErrorBounds test::powBounds(PowOp op, Exact exact) {
  FloatFormat format = formatOfResult(op);
  if (isOf16Bits(op.getLhs()) && isOf16Bits(op.getRhs()))
    if (auto relative = shortPowError.in(format))
      return {shortBounds(exact, *relative, format)};
  std::vector<double> errors;
  for (double value : exact[0].floats)
    errors.push_back(errorOf(value, powUlps, 0));
  return {errors};
}

static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// The sum of magnitudes of the terms of f'(x), where they may cancel; else
// |f'(x)|.
static double magnitudeOfTerms(UnaryGradOp op, double x) {
  double alpha = op.getAlpha().convertToFloat();
  double beta = op.getBeta().convertToFloat();
  double plain = std::abs(unaryDerivative(op.getFunction(), x, alpha, beta));
  // Beyond this the second term is 0.
  double a = std::fmin(std::abs(x), 200);
  switch (op.getFunction()) {
  case Function::Silu:
    return plain + 2 * a * sigmoid(x) * sigmoid(-x);
  case Function::Mish: {
    double t = std::tanh(std::log1p(std::exp(std::fmin(x, 200))));
    return plain + 2 * a * (1 - t) * (1 + t) * sigmoid(x);
  }
  case Function::Gelu:
    return plain + 2 * a * std::exp(-a * a / 2);
  case Function::GeluTanh: {
    double v = std::sqrt(8 / M_PI) * (x + 0.044715 * x * x * x);
    double slope = std::sqrt(8 / M_PI) * (1 + 3 * 0.044715 * a * a);
    return plain + 2 * a * slope * sigmoid(v) * sigmoid(-v);
  }
  case Function::HardSwish:
    return std::fmax(plain, x > -3 && x <= 3 ? 1 : 0);
  default:
    return plain;
  }
}

// A function of the math dialect has a relative error of at most 6 u, a sigmoid
// or the normal distribution one of 8 u. No derivative multiplies more than two
// of them, with at most 8 roundings around them. A factor that is subnormal
// errs absolutely; it is multiplied by the gradient and by x v'(x) of
// gelu_tanh, below 1000 where such factors occur.
//
// Short forms have errors of their own, and two roundings after them.
ErrorBounds test::unaryGradBounds(UnaryGradOp op, Inputs inputs) {
  FloatFormat format = formatOfResult(op);
  auto ofShort = shortErrors(op.getFunction()).ofDerivative.in(format);
  double relative = ofShort ? *ofShort + 2 * u : 24 * u;
  double absolute = !ofShort                     ? 1000 * tiny
                    : format == FloatFormat::F16 ? 0x1p-28
                                                 : 0x1p-113;
  std::vector<double> errors;
  for (auto [gradient, x] : llvm::zip(inputs[0]->floats, inputs[1]->floats)) {
    double g = std::abs(gradient);
    double error = relative * g * magnitudeOfTerms(op, x) + absolute * g + tiny;
    // The result is then not finite either.
    errors.push_back(std::isfinite(error) ? error : 0);
  }
  return {errors};
}
