// The functions of one float and their derivatives, in f64. Formulas are
// written so that nothing cancels or overflows that the result does not. Where
// x is infinite they give the limit.
#include "compiler/reference/Unary.h"
#include "compiler/reference/Models.h"
#include <cmath>

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;
using Function = UnaryFunction;

// x within low..high, and NaN as it is.
static double clamp(double x, double low, double high) {
  return x < low ? low : x > high ? high : x;
}

static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
static double softplus(double x) {
  return clamp(x, 0, HUGE_VAL) + std::log1p(std::exp(-std::abs(x)));
}
// P(X < x) for a standard normal X, and its density.
static double normalBelow(double x) { return std::erfc(-x * M_SQRT1_2) / 2; }
static double normalDensity(double x) {
  return std::exp(-x * x / 2) * M_2_SQRTPI * M_SQRT1_2 / 2;
}
// (1 + tanh(w)) / 2 is sigmoid(2 w).
static double geluTwiceW(double x) {
  return std::sqrt(8 / M_PI) * (x + 0.044715 * x * x * x);
}
static double geluTwiceWSlope(double x) {
  return std::sqrt(8 / M_PI) * (1 + 3 * 0.044715 * x * x);
}
static double signOf(double x) { return x > 0 ? 1 : x < 0 ? -1 : x; }

// Beyond this every smooth activation is 0, 1 or x in f64 too, and no power of
// it overflows.
static constexpr double far = 1e4;

static double elu(double x, double argument, double alpha) {
  return x > 0 ? x : alpha * std::expm1(argument);
}

static double valueOfMath(Function function, double x) {
  switch (function) {
  case Function::Abs:
    return std::abs(x);
  case Function::Floor:
    return std::floor(x);
  case Function::Ceil:
    return std::ceil(x);
  case Function::Round:
    return std::nearbyint(x);
  case Function::Exp:
    return std::exp(x);
  case Function::Log:
    return std::log(x);
  case Function::Sin:
    return std::sin(x);
  case Function::Cos:
    return std::cos(x);
  case Function::Tan:
    return std::tan(x);
  case Function::Asin:
    return std::asin(x);
  case Function::Acos:
    return std::acos(x);
  case Function::Atan:
    return std::atan(x);
  case Function::Sinh:
    return std::sinh(x);
  case Function::Cosh:
    return std::cosh(x);
  case Function::Tanh:
    return std::tanh(x);
  case Function::Asinh:
    return std::asinh(x);
  case Function::Acosh:
    return std::acosh(x);
  case Function::Atanh:
    return std::atanh(x);
  case Function::Erf:
    return std::erf(x);
  default:
    llvm_unreachable("not a function of the C library");
  }
}

double reference::unaryValue(Function function, double x, double alpha,
                             double beta) {
  double low = clamp(x, -far, HUGE_VAL), near = clamp(x, -far, far);
  switch (function) {
  case Function::Sign:
    return signOf(x);
  case Function::Reciprocal:
    return 1 / x;
  case Function::Sigmoid:
    return sigmoid(x);
  case Function::Softplus:
    return softplus(x);
  case Function::Softsign:
    return std::isinf(x) ? signOf(x) : x / (1 + std::abs(x));
  case Function::Silu:
    return low * sigmoid(near);
  case Function::Mish:
    return low * std::tanh(softplus(near));
  case Function::Gelu:
    return low * normalBelow(near);
  case Function::GeluTanh:
    return low * sigmoid(geluTwiceW(near));
  case Function::Elu:
    return elu(x, x, alpha);
  case Function::Selu:
    return beta * elu(x, x, alpha);
  case Function::Celu:
    return elu(x, x / alpha, alpha);
  case Function::LeakyRelu:
    return x < 0 ? alpha * x : x;
  case Function::ThresholdedRelu:
    return x <= alpha ? 0 : x;
  case Function::HardSigmoid:
    return clamp(alpha * x + beta, 0, 1);
  case Function::HardSwish:
    return clamp(x, -3, HUGE_VAL) * clamp((x + 3) / 6, 0, 1);
  case Function::Shrink:
    return x < -alpha ? x + beta : std::abs(x) <= alpha ? 0 : x - beta;
  default:
    return valueOfMath(function, x);
  }
}

// Of functions whose derivative follows from their result y, or is a plain
// formula of x; `s` stands for either.
static double derivativeOfMath(Function function, double s) {
  switch (function) {
  case Function::Abs:
    return signOf(s);
  case Function::Exp:
    return s;
  case Function::Reciprocal:
    return -s * s;
  case Function::Log:
    return 1 / s;
  case Function::Sin:
    return std::cos(s);
  case Function::Cos:
    return -std::sin(s);
  case Function::Tan:
    return 1 + s * s;
  case Function::Asin:
    return 1 / std::sqrt((1 - s) * (1 + s));
  case Function::Acos:
    return -1 / std::sqrt((1 - s) * (1 + s));
  case Function::Atan:
    return 1 / (1 + s * s);
  case Function::Sinh:
    return std::cosh(s);
  case Function::Cosh:
    return std::sinh(s);
  case Function::Tanh:
    return (1 - s) * (1 + s);
  case Function::Asinh:
    return 1 / std::sqrt(1 + s * s);
  case Function::Acosh:
    return s < 1 ? NAN : 1 / std::sqrt((s - 1) * (s + 1));
  case Function::Atanh:
    return 1 / ((1 - s) * (1 + s));
  case Function::Erf:
    return M_2_SQRTPI * std::exp(-s * s);
  case Function::Sigmoid:
    return s * (1 - s);
  default:
    llvm_unreachable("has no derivative of this kind");
  }
}

static double derivativeOfSmooth(Function function, double x) {
  x = clamp(x, -far, far);
  switch (function) {
  case Function::Softplus:
    return sigmoid(x);
  case Function::Silu:
    return sigmoid(x) * (1 + x * sigmoid(-x));
  case Function::Mish: {
    double t = std::tanh(softplus(x));
    return t + x * (1 - t) * (1 + t) * sigmoid(x);
  }
  case Function::Gelu:
    return normalBelow(x) + x * normalDensity(x);
  case Function::GeluTanh: {
    double v = geluTwiceW(x);
    return sigmoid(v) * (1 + x * sigmoid(-v) * geluTwiceWSlope(x));
  }
  default:
    return derivativeOfMath(function, x);
  }
}

double reference::unaryDerivative(Function function, double saved, double alpha,
                                  double beta) {
  double x = saved;
  switch (function) {
  case Function::Softplus:
  case Function::Silu:
  case Function::Mish:
  case Function::Gelu:
  case Function::GeluTanh:
    return derivativeOfSmooth(function, x);
  case Function::Softsign:
    return 1 / ((1 + std::abs(x)) * (1 + std::abs(x)));
  case Function::Elu:
    return x > 0 ? 1 : alpha * std::exp(x);
  case Function::Selu:
    return beta * (x > 0 ? 1 : alpha * std::exp(x));
  case Function::Celu:
    return x > 0 ? 1 : std::exp(x / alpha);
  case Function::LeakyRelu:
    return x > 0 ? 1 : alpha;
  case Function::ThresholdedRelu:
    return x > alpha;
  case Function::HardSigmoid: {
    double line = alpha * x + beta;
    return line > 0 && line < 1 ? alpha : 0;
  }
  case Function::HardSwish:
    return x <= -3 ? 0 : x > 3 ? 1 : x / 3 + 0.5;
  case Function::Shrink:
    return std::abs(x) > alpha;
  default:
    return derivativeOfMath(function, saved);
  }
}

static LogicalResult unary(UnaryOp op, Inputs inputs, Results results) {
  double alpha = op.getAlpha().convertToFloat();
  double beta = op.getBeta().convertToFloat();
  for (auto [y, x] : llvm::zip(results[0].floats, inputs[0]->floats))
    y = unaryValue(op.getFunction(), x, alpha, beta);
  return success();
}

static LogicalResult unaryGrad(UnaryGradOp op, Inputs inputs, Results results) {
  double alpha = op.getAlpha().convertToFloat();
  double beta = op.getBeta().convertToFloat();
  for (auto [result, gradient, saved] :
       llvm::zip(results[0].floats, inputs[0]->floats, inputs[1]->floats))
    result = gradient * unaryDerivative(op.getFunction(), saved, alpha, beta);
  return success();
}

void mpc::reference::attachUnaryModels(MLIRContext *context) {
  attach<UnaryOp, unary>(context);
  attach<UnaryGradOp, unaryGrad>(context);
}
