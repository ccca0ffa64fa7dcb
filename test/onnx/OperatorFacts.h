// What the compiler does with each operator of the op table, found by importing
// models and asking the ops they become.
#ifndef MPC_TEST_ONNX_OPERATORFACTS_H
#define MPC_TEST_ONNX_OPERATORFACTS_H

#include <map>
#include <set>
#include <string>
#include <vector>

namespace mpc::test {

struct OperatorFacts {
  bool isImported = false; ///< in the op table
  bool isShown = false;    ///< some model with it can be imported
  /// The IR ops it becomes; none if it is computed while compiling.
  std::set<std::string> forward;
  /// Those of them that floats pass, so that a gradient can.
  std::set<std::string> passing;
  /// Those of `passing` that have no derivative.
  std::set<std::string> withoutDerivative;
  /// IR ops, of the derivative too, for which the CPU has no code.
  std::set<std::string> withoutCode;
  std::string versions; ///< "7, 13, 14"
  std::string policy;   ///< "infer", or "infer, bf16: clear"
};

/// Facts of every row of the op table, and of other operators that the models
/// have. The models are ONNX's cases below `data` and the files in `examples`.
std::map<std::string, OperatorFacts> operatorFacts(const std::string &data,
                                                   const std::string &examples);

} // namespace mpc::test

#endif
