// The elementwise ops and row reductions that benchmarks/ops times.
#ifndef MPC_BENCHMARKS_OPS_CASES_H
#define MPC_BENCHMARKS_OPS_CASES_H

#include "test/numerics/Cases.h"

namespace mpc::bench {

struct OpCase {
  std::string name;
  test::Case one;
};

/// Each with operands of 256 MiB, or results where those are larger, of
/// elements of so many bytes.
std::vector<OpCase> opCases(int64_t elementBytes);

} // namespace mpc::bench

#endif
