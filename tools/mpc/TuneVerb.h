// `mpc tune`.
#ifndef MPC_TOOLS_MPC_TUNEVERB_H
#define MPC_TOOLS_MPC_TUNEVERB_H

#include "compiler/pipeline/Options.h"

#include <ostream>

namespace mpc {

struct TuneOptions {
  CompileOptions compile; ///< `output` is the table's path
  std::string device;     ///< the number of a GPU; empty: 0
  int64_t steps = 50;     ///< launches per measurement
  int64_t candidates = 16;
};

/// Times the products of a model's training step with the tiles that may be
/// fastest, on the GPU at hand, and writes a table of the best; a line per
/// product goes to `out`. Returns the exit code.
int runTune(const TuneOptions &options, std::ostream &out, std::ostream &err);

} // namespace mpc

#endif
