// Cases of reductions, softmax, normalisation by rows, losses and dropout.
#ifndef MPC_TEST_GRADIENTS_ROWCASES_H
#define MPC_TEST_GRADIENTS_ROWCASES_H

#include "test/gradients/Cases.h"

namespace mpc::test {

void addRowCases(std::vector<Case> &cases);

} // namespace mpc::test

#endif
