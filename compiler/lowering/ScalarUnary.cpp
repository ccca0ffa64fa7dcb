// The functions of one float. docs/numerics.md states their errors.
#include "compiler/lowering/ScalarActivations.h"
#include "compiler/lowering/ScalarModels.h"
#include "compiler/lowering/ScalarShort.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

using namespace mlir;
using namespace mpc;
using namespace mpc::scalar;
using Function = UnaryFunction;

// Functions that the math dialect has; null for any other.
static Value emitMathFunction(B &b, Function function, Value x) {
  switch (function) {
  case Function::Abs:
    return math::AbsFOp::create(b, x);
  case Function::Floor:
    return math::FloorOp::create(b, x);
  case Function::Ceil:
    return math::CeilOp::create(b, x);
  case Function::Round:
    return math::RoundEvenOp::create(b, x);
  case Function::Exp:
    return math::ExpOp::create(b, x);
  case Function::Log:
    return math::LogOp::create(b, x);
  case Function::Sin:
    return math::SinOp::create(b, x);
  case Function::Cos:
    return math::CosOp::create(b, x);
  case Function::Tan:
    return math::TanOp::create(b, x);
  case Function::Asin:
    return math::AsinOp::create(b, x);
  case Function::Acos:
    return math::AcosOp::create(b, x);
  case Function::Atan:
    return math::AtanOp::create(b, x);
  case Function::Sinh:
    return math::SinhOp::create(b, x);
  case Function::Cosh:
    return math::CoshOp::create(b, x);
  case Function::Tanh:
    return math::TanhOp::create(b, x);
  case Function::Asinh:
    return math::AsinhOp::create(b, x);
  case Function::Acosh:
    return math::AcoshOp::create(b, x);
  case Function::Atanh:
    return math::AtanhOp::create(b, x);
  case Function::Erf:
    return math::ErfOp::create(b, x);
  default:
    return {};
  }
}

// Activations in terms of exp and the normal distribution. Below the bound that
// x is raised to, each is 0 in f32, so that an infinite x gives the limit.
static Value emitSmoothActivation(FloatMath &m, Function function, Value x) {
  Value one = m.number(1);
  auto atLeast = [&](double bound) { return m.clamp(x, bound, HUGE_VAL); };
  switch (function) {
  case Function::Sigmoid:
    return sigmoids(m, x).of;
  case Function::Softplus:
    return expandSoftplus(m, x);
  case Function::Softsign: {
    Value finite = m.clamp(x, -0x1.fffffep127, 0x1.fffffep127);
    return m.div(finite, m.add(one, m.abs(finite)));
  }
  case Function::Silu:
    return m.mul(atLeast(-110), sigmoids(m, x).of);
  case Function::Mish: {
    Value w = mishParts(m, m.clamp(x, -110, 20)).w;
    return m.mul(atLeast(-110), m.div(w, m.add(w, m.number(2))));
  }
  case Function::Gelu:
    return emitGelu(m, x);
  case Function::GeluTanh:
    return emitGeluTanh(m, x);
  default:
    return {};
  }
}

// x where it is positive, else alpha (exp(argument) - 1).
static Value emitElu(FloatMath &m, Value x, Value argument, double alpha) {
  Value below = m.mul(m.number(alpha), mathExpM1(m, argument));
  return m.select(m.greater(x, m.number(0)), x, below);
}

// Pieces of straight lines. NaN stays NaN.
static Value emitPieces(FloatMath &m, Function function, Value x, double alpha,
                        double beta) {
  Value zero = m.number(0), one = m.number(1);
  switch (function) {
  case Function::Sign: {
    Value negative = m.select(m.less(x, zero), m.number(-1), x);
    return m.select(m.greater(x, zero), one, negative);
  }
  case Function::LeakyRelu:
    return m.select(m.less(x, zero), m.mul(m.number(alpha), x), x);
  case Function::ThresholdedRelu: {
    Value isLow = m.lessOrEqual(x, m.number(alpha));
    return m.select(isLow, zero, x);
  }
  case Function::HardSigmoid:
    return m.clamp(m.fma(m.number(alpha), x, m.number(beta)), 0, 1);
  case Function::HardSwish: {
    Value sixths = m.div(m.add(x, m.number(3)), m.number(6));
    return m.mul(m.clamp(x, -3, HUGE_VAL), m.clamp(sixths, 0, 1));
  }
  case Function::Shrink: {
    Value bound = m.number(alpha), shift = m.number(beta);
    Value low = m.number(-alpha);
    Value isInside = m.both(m.lessOrEqual(low, x), m.lessOrEqual(x, bound));
    Value outer = m.select(m.less(x, low), m.add(x, shift), m.sub(x, shift));
    return m.select(isInside, zero, outer);
  }
  default:
    return {};
  }
}

static Value emitRest(FloatMath &m, Function function, Value x, double alpha,
                      double beta) {
  switch (function) {
  case Function::Reciprocal:
    return m.div(m.number(1), x);
  case Function::Elu:
    return emitElu(m, x, x, alpha);
  case Function::Selu:
    return m.mul(m.number(beta), emitElu(m, x, x, alpha));
  case Function::Celu:
    return emitElu(m, x, m.div(x, m.number(alpha)), alpha);
  default:
    return emitPieces(m, function, x, alpha, beta);
  }
}

static Elements emitUnary(UnaryOp op, B &b, Operands o) {
  Value x = o[0];
  FloatMath m(b, b.getLoc(), lanesOf(x));
  double alpha = op.getAlpha().convertToFloat();
  double beta = op.getBeta().convertToFloat();
  Type stored = elementTypeOf(op.getResult());
  if (Value done = shortUnary(m, op.getFunction(), x, alpha, beta, stored))
    return {done};
  if (Value done = emitMathFunction(b, op.getFunction(), x))
    return {done};
  if (Value done = emitSmoothActivation(m, op.getFunction(), x))
    return {done};
  return {emitRest(m, op.getFunction(), x, alpha, beta)};
}

void scalar::attachUnary(MLIRContext *context) {
  attach<UnaryOp, emitUnary>(context);
}
