// One of ONNX's own backend cases: a model, inputs and the outputs expected.
#ifndef MPC_TEST_ONNX_CASE_H
#define MPC_TEST_ONNX_CASE_H

#include <string>

namespace mpc::test {

/// Exit code of a case whose outputs are not the expected ones; no exit code of
/// `mpc` is this.
inline constexpr int wrongOutputs = 100;

/// Evaluates the case in `folder` as `mpc eval` does, with files in `work`, and
/// compares the outputs. Returns the exit code of eval, or `wrongOutputs`; the
/// reason is on stderr.
int runCase(const std::string &folder, const std::string &work);

} // namespace mpc::test

#endif
