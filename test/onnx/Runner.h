// Runs cases in processes of their own, a few at a time.
#ifndef MPC_TEST_ONNX_RUNNER_H
#define MPC_TEST_ONNX_RUNNER_H

#include <string>
#include <vector>

namespace mpc::test {

struct Outcome {
  enum class Kind {
    Pass,
    Refused, ///< exit code 3 or 4
    Bad      ///< wrong outputs, a crash, a hang, another exit code
  };
  std::string name; ///< "node/test_add"
  Kind kind = Kind::Bad;
  int code = 0; ///< exit code of a refusal
  std::string reason;
};

/// Runs the cases `names` below `data` and returns their outcomes in the same
/// order. A case may take a minute of processor time and 4 GiB.
std::vector<Outcome> runCases(const std::string &data,
                              const std::vector<std::string> &names);

} // namespace mpc::test

#endif
