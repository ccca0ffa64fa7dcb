// Which functions have short forms.
#include "compiler/lowering/ScalarShort.h"
#include "compiler/lowering/ScalarShortParts.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::scalar;

bool scalar::hasShortForms(Type stored) {
  return stored.isF16() || stored.isBF16();
}

Value scalar::shortUnary(FloatMath &m, Function function, Value x, double alpha,
                         double beta, Type stored) {
  if (!hasShortForms(stored))
    return {};
  switch (function) {
  case Function::Exp:
    return shortExp(m, x, stored);
  case Function::Log:
    return shortLog(m, x);
  case Function::Sin:
    return shortSin(m, x);
  case Function::Cos:
    return shortCos(m, x);
  case Function::Tan:
    return shortTan(m, x);
  case Function::Asin:
    return shortAsin(m, x);
  case Function::Acos:
    return shortAcos(m, x);
  case Function::Atan:
    return shortAtan(m, x);
  case Function::Sinh:
  case Function::Cosh:
    return shortHyperbolic(m, function, x, stored.isBF16());
  case Function::Asinh:
    return shortAsinh(m, x, stored);
  case Function::Acosh:
    return shortAcosh(m, x, stored);
  case Function::Atanh:
    return shortAtanh(m, x);
  case Function::Erf:
    return shortErf(m, x);
  case Function::Elu:
  case Function::Selu:
  case Function::Celu:
    return shortLinearUnit(m, function, x, alpha, beta);
  default:
    return shortActivation(m, function, x, stored);
  }
}

Value scalar::shortDerivative(FloatMath &m, Function function, Value x,
                              double alpha, double beta, Type stored) {
  if (!hasShortForms(stored))
    return {};
  switch (function) {
  case Function::Sin:
    return shortCos(m, x);
  case Function::Cos:
    return m.neg(shortSin(m, x));
  case Function::Asin:
    return shortAsinSlope(m, x);
  case Function::Acos:
    return m.neg(shortAsinSlope(m, x));
  case Function::Sinh:
    return shortHyperbolic(m, Function::Cosh, x, true);
  case Function::Cosh:
    return shortHyperbolic(m, Function::Sinh, x, true);
  case Function::Asinh:
    return shortAsinhSlope(m, x);
  case Function::Acosh:
    return shortAcoshSlope(m, x);
  case Function::Atan:
    return shortAtanSlope(m, x);
  case Function::Atanh:
    return shortAtanhSlope(m, x);
  case Function::Erf:
    return shortErfSlope(m, x);
  case Function::Elu:
  case Function::Selu:
  case Function::Celu:
    return shortLinearUnitSlope(m, function, x, alpha, beta);
  default:
    return shortActivationSlope(m, function, x, stored);
  }
}
