// What mpc.compare's predicates mean.
#ifndef MPC_COMPILER_DIALECT_RELATIONS_H
#define MPC_COMPILER_DIALECT_RELATIONS_H

#include "compiler/dialect/Dialect.h"

namespace mpc {

/// Whether a stands in the relation to b; false if either is NaN.
template <typename Number>
bool holds(ComparePredicate predicate, Number a, Number b) {
  switch (predicate) {
  case ComparePredicate::Equal:
    return a == b;
  case ComparePredicate::Less:
    return a < b;
  case ComparePredicate::LessOrEqual:
    return a <= b;
  case ComparePredicate::Greater:
    return a > b;
  case ComparePredicate::GreaterOrEqual:
    return a >= b;
  }
  llvm_unreachable("all predicates are listed");
}

} // namespace mpc

#endif
