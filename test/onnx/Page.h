#ifndef MPC_TEST_ONNX_PAGE_H
#define MPC_TEST_ONNX_PAGE_H

#include "test/onnx/Runner.h"

#include <set>

namespace mpc::test {

/// docs/onnx-backend-tests.md for these outcomes.
std::string backendPage(const std::vector<Outcome> &outcomes);
/// The cases that such a page says pass.
std::set<std::string> claimedPasses(const std::string &page);
/// The reason of a refusal without the names that only its own model has, so
/// that equal reasons of many cases can be counted.
std::string reasonWithoutNames(const std::string &reason);

} // namespace mpc::test

#endif
