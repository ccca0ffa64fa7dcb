// Inputs whose values are known before compiling.
#ifndef MPC_FRONTEND_KNOWNINPUTS_H
#define MPC_FRONTEND_KNOWNINPUTS_H

#include "frontend/model/Graph.h"
#include "frontend/model/KnownValue.h"

namespace mpc::frontend {

/// Turns inputs into constants whose value is in `known` and that only say
/// shapes, axes, sizes and the like; each is reported. A value that does not
/// fit its input's declaration is a problem. Other values are not used.
void bindKnownInputs(Graph &graph,
                     const std::map<std::string, KnownValue> &known,
                     Problems &problems);

} // namespace mpc::frontend

#endif
