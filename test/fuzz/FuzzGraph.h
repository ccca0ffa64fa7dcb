// What the fuzzers do with a model that was read: as much of the import as
// needs no MLIR.
#ifndef MPC_TEST_FUZZ_FUZZGRAPH_H
#define MPC_TEST_FUZZ_FUZZGRAPH_H

#include "frontend/model/Graph.h"

#include <span>

namespace mpc::frontend::fuzz {

/// Reads every tensor that lies in `file`, binds every symbol, and folds the
/// nodes in their order. Aborts if a tensor does not lie where it says, or if
/// the graph is not what its readers promise.
void importWithoutIr(const Graph &graph, std::span<const std::byte> file,
                     const Problems &problems);

} // namespace mpc::frontend::fuzz

#endif
