// The op instances whose compiled form is compared with the reference.
#ifndef MPC_TEST_NUMERICS_CASES_H
#define MPC_TEST_NUMERICS_CASES_H

#include "compiler/reference/Tensor.h"
#include <string>
#include <vector>

namespace mpc::test {

/// How an argument is filled.
enum class Fill {
  Signed,    ///< both signs, magnitudes 2^-4 to 4
  Positive,  ///< magnitudes 2^-4 to 4
  EdgeLeft,  ///< edgeValues, each repeated; with EdgeRight all pairs
  EdgeRight, ///< edgeValues, over and over
  Given      ///< the values of `numbers` or `integers`
};

struct Argument {
  std::string type; ///< ends in T for the operand format under test
  Fill fill = Fill::Signed;
  std::vector<double> numbers = {};
  std::vector<int64_t> integers = {};
};

/// A function of one op, or of several (Chains.h).
struct Case {
  std::string op; ///< the op under test, e.g. "add"
  std::vector<Argument> arguments;
  /// Attributes; in `results` R stands for the result format under test.
  std::string attributes;
  std::vector<std::string> results;
  /// Whether operand and result formats must be the same.
  bool sameFormat = false;
  /// The body, if it is more than the op: uses %a0, ... and defines %r.
  std::string body = {};
  /// What the body defines instead of %r, one value per result.
  std::vector<std::string> returned = {};
};

/// Operand and result format of one instance.
struct Formats {
  std::string operand, result;
};
const std::vector<Formats> &testedFormats();

// Cases of families that have a file of their own.
void addFusedCases(std::vector<Case> &cases);
void addFunctionCases(std::vector<Case> &cases);
void addMovementCases(std::vector<Case> &cases);
void addWindowCases(std::vector<Case> &cases);

/// Every case, without repetitions for formats.
const std::vector<Case> &allCases();

/// The text of `c` as function @NAME.
std::string functionText(const Case &c, const Formats &formats,
                         const std::string &name);

/// Zeros, subnormals, the smallest normal, ties of the narrower formats, the
/// largest finite number, infinities and NaN, with both signs.
const std::vector<double> &edgeValues(formats::FloatFormat format);
/// How many there are, in any format.
constexpr int64_t edgeCount = 48;

/// Random tensors for the arguments; equal seeds give equal tensors.
reference::Tensor makeArgument(const Argument &argument,
                               mlir::RankedTensorType type, unsigned seed);

} // namespace mpc::test

#endif
