// Cases of reductions, softmax, normalisation by rows and dropout, and of
// losses.
#ifndef MPC_TEST_NUMERICS_ROWCASES_H
#define MPC_TEST_NUMERICS_ROWCASES_H

#include "test/numerics/Cases.h"

namespace mpc::test {

void addRowCases(std::vector<Case> &cases);
void addLossCases(std::vector<Case> &cases);

/// An argument of these values.
Argument integers(std::string type, std::vector<int64_t> values);
/// One of multiples of 0.004 from 0 to below 4, which neighbours differ in
/// much.
Argument pattern(std::string shape, std::string type, size_t rows,
                 size_t length);

} // namespace mpc::test

#endif
