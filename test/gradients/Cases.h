// The op instances whose derivative rules are compared with finite differences.
#ifndef MPC_TEST_GRADIENTS_CASES_H
#define MPC_TEST_GRADIENTS_CASES_H

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace mpc::test {

/// One op instance. Float arguments are filled with distinct numbers of
/// magnitude 0.5 to 2, apart from each other and from 0 by much more than the
/// step of the differences, so that no maximum and no sign changes within it.
struct Case {
  std::string op;   ///< the op under test, e.g. "add"
  std::string name; ///< what is special about the instance, in CamelCase
  /// Function @f: the op on the arguments, its differentiable results returned.
  std::string ir;
  /// The integer arguments, in order.
  std::vector<std::vector<int64_t>> integers = {};
  /// Float arguments are positive.
  bool positive = false;
  /// What the numbers are multiplied by, and what is added then.
  double scale = 1, offset = 0;
};

/// How GoogleTest shows a case.
inline void PrintTo(const Case &c, std::ostream *os) {
  *os << c.op << " " << c.name;
}

/// A function @f of one op `mpc.OP ARGUMENTS ATTRIBUTES` with types such as
/// "2x3xf32".
std::string oneOp(const std::string &op,
                  const std::vector<std::string> &arguments,
                  const std::string &attributes, const std::string &result);

// Cases of families that have a file of their own.
void addFunctionCases(std::vector<Case> &cases);
void addMovementCases(std::vector<Case> &cases);
void addWindowCases(std::vector<Case> &cases);

/// Every case of every op.
const std::vector<Case> &allCases();

} // namespace mpc::test

#endif
