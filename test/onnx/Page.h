#ifndef MPC_TEST_ONNX_PAGE_H
#define MPC_TEST_ONNX_PAGE_H

#include "test/onnx/Runner.h"

namespace mpc::test {

/// docs/onnx-backend-tests.md for these outcomes.
std::string backendPage(const std::vector<Outcome> &outcomes);

} // namespace mpc::test

#endif
