// The functions of UnaryFunction on one number, for tests of their errors.
#ifndef MPC_COMPILER_REFERENCE_UNARY_H
#define MPC_COMPILER_REFERENCE_UNARY_H

#include "compiler/dialect/Dialect.h"

namespace mpc::reference {

/// f(x) in f64.
double unaryValue(UnaryFunction function, double x, double alpha = 0,
                  double beta = 0);
/// f'(x) in f64; `saved` is f(x) if derivativeReadsResult(f), else x.
double unaryDerivative(UnaryFunction function, double saved, double alpha = 0,
                       double beta = 0);

} // namespace mpc::reference

#endif
