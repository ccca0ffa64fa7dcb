// Derivatives of the functions of one float, times the gradient.
#include "compiler/lowering/ScalarActivations.h"
#include "compiler/lowering/ScalarModels.h"
#include "compiler/lowering/ScalarShort.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

using namespace mlir;
using namespace mpc;
using namespace mpc::scalar;
using Function = UnaryFunction;

// Of functions whose derivative follows from their result y.
static Value derivativeOfResult(FloatMath &m, Function function, Value y) {
  Value one = m.number(1);
  switch (function) {
  case Function::Exp:
    return y;
  case Function::Tan:
    return m.fma(y, y, one);
  case Function::Tanh:
    return m.fma(m.neg(y), y, one);
  case Function::Sigmoid:
    return m.mul(y, m.sub(one, y));
  case Function::Reciprocal:
    return m.neg(m.mul(y, y));
  default:
    return {};
  }
}

// What the gradient is divided by. x^2 overflows long after 1 has stopped to
// count, so beyond that it is |x|.
static Value divisor(FloatMath &m, Function function, Value x) {
  Value one = m.number(1), a = m.abs(x);
  auto rootOf = [&](Value square) {
    return m.select(m.greater(a, m.number(0x1p40)), a, m.sqrt(square));
  };
  switch (function) {
  case Function::Log:
    return x;
  case Function::Asin:
    return m.sqrt(m.fma(m.neg(x), x, one));
  case Function::Acos:
    return m.neg(m.sqrt(m.fma(m.neg(x), x, one)));
  case Function::Atan:
    return m.fma(x, x, one);
  case Function::Asinh:
    return rootOf(m.fma(x, x, one));
  case Function::Acosh:
    return m.select(m.less(x, one), m.number(NAN),
                    rootOf(m.fma(x, x, m.number(-1))));
  case Function::Atanh:
    return m.fma(m.neg(x), x, one);
  default:
    return {};
  }
}

static Value derivativeOfMath(FloatMath &m, Function function, Value x) {
  switch (function) {
  case Function::Abs: {
    Value zero = m.number(0);
    Value other = m.select(m.less(x, zero), m.number(-1), x);
    return m.select(m.greater(x, zero), m.number(1), other);
  }
  case Function::Sin:
    return math::CosOp::create(m.b, m.loc, x);
  case Function::Cos:
    return m.neg(math::SinOp::create(m.b, m.loc, x));
  case Function::Sinh:
    return math::CoshOp::create(m.b, m.loc, x);
  case Function::Cosh:
    return math::SinhOp::create(m.b, m.loc, x);
  case Function::Erf: {
    // exp(-x^2) is twice the square root of pi times the density at
    // x sqrt(2), but that product would be rounded; see normal().
    Value a = m.clamp(x, -15, 15), square = m.mul(a, a);
    Value lost = m.fma(a, a, m.neg(square));
    Value e = mathExp(m, m.neg(square));
    return m.mul(m.fma(m.neg(lost), e, e), m.number(M_2_SQRTPI));
  }
  default:
    return {};
  }
}

// With s = sigmoid(x), 1 - s = sigmoid(-x). Beyond the bounds on x derivatives
// are 0 or 1, so that they are also where x is infinite.
static Value derivativeOfSmooth(FloatMath &m, Function function, Value x) {
  Value one = m.number(1);
  switch (function) {
  case Function::Softplus:
    return sigmoids(m, x).of;
  case Function::Softsign: {
    Value inverse = m.div(one, m.add(one, m.abs(x)));
    return m.mul(inverse, inverse);
  }
  case Function::Silu: {
    Value a = m.clamp(x, -110, 110);
    Sigmoids s = sigmoids(m, a);
    return m.mul(s.of, m.fma(a, s.ofNegative, one));
  }
  case Function::Mish: {
    // w / d + x 4 n (n + 1) / d^2 with d = w + 2.
    Value a = m.clamp(x, -110, 20);
    MishParts parts = mishParts(m, a);
    Value d = m.add(parts.w, m.number(2));
    Value factor = m.div(m.number(4), m.mul(d, d));
    Value slope = m.mul(m.mul(parts.n, m.add(parts.n, one)), factor);
    return m.fma(a, slope, m.div(parts.w, d));
  }
  case Function::Gelu: {
    Value a = m.clamp(x, -15, 15);
    Normal n = normal(m, a);
    return m.fma(a, n.density, n.below);
  }
  case Function::GeluTanh: {
    // s + x s (1 - s) v'(x) with v' = 2 sqrt(2 / pi) (1 + 3 * 0.044715 x^2).
    static constexpr double c = 1.5957691216057308;
    Value a = m.clamp(x, -11, 11);
    Sigmoids s = geluSigmoids(m, a);
    Value slope = m.fma(m.number(3 * 0.044715 * c), m.mul(a, a), m.number(c));
    return m.mul(s.of, m.fma(m.mul(a, s.ofNegative), slope, one));
  }
  default:
    return {};
  }
}

// Where two pieces meet, the one of the smaller x counts, as in PyTorch.
static Value derivativeOfPieces(FloatMath &m, Function function, Value x,
                                double alpha, double beta) {
  Value one = m.number(1), zero = m.number(0);
  Value isPositive = m.greater(x, zero);
  switch (function) {
  case Function::Elu:
    return m.select(isPositive, one, m.mul(m.number(alpha), mathExp(m, x)));
  case Function::Selu: {
    Value below = m.mul(m.number(alpha), mathExp(m, x));
    return m.mul(m.number(beta), m.select(isPositive, one, below));
  }
  case Function::Celu:
    return m.select(isPositive, one, mathExp(m, m.div(x, m.number(alpha))));
  case Function::LeakyRelu:
    return m.select(isPositive, one, m.number(alpha));
  case Function::ThresholdedRelu:
    return m.select(m.greater(x, m.number(alpha)), one, zero);
  case Function::HardSigmoid: {
    Value line = m.fma(m.number(alpha), x, m.number(beta));
    Value isInside = m.both(m.greater(line, zero), m.less(line, one));
    return m.select(isInside, m.number(alpha), zero);
  }
  case Function::HardSwish: {
    Value three = m.number(3);
    Value line = m.add(m.div(x, three), m.number(0.5));
    Value isLow = m.lessOrEqual(x, m.number(-3));
    return m.select(isLow, zero, m.select(m.greater(x, three), one, line));
  }
  case Function::Shrink:
    return m.select(m.greater(m.abs(x), m.number(alpha)), one, zero);
  default:
    return {};
  }
}

static Elements emitUnaryGrad(UnaryGradOp op, B &b, Operands o) {
  Value gradient = o[0], saved = o[1];
  Function function = op.getFunction();
  FloatMath m(b, b.getLoc(), lanesOf(saved));
  double alpha = op.getAlpha().convertToFloat();
  double beta = op.getBeta().convertToFloat();
  Type stored = elementTypeOf(op.getResult());
  Value factor = shortDerivative(m, function, saved, alpha, beta, stored);
  if (!factor)
    if (Value by = divisor(m, function, saved))
      return {m.div(gradient, by)};
  if (!factor)
    factor = derivativeOfResult(m, function, saved);
  if (!factor)
    factor = derivativeOfMath(m, function, saved);
  if (!factor)
    factor = derivativeOfSmooth(m, function, saved);
  if (!factor)
    factor = derivativeOfPieces(m, function, saved, alpha, beta);
  return {m.mul(gradient, factor)};
}

void scalar::attachUnaryGrad(MLIRContext *context) {
  attach<UnaryGradOp, emitUnaryGrad>(context);
}
