// Models of opset 1 to 6, read as opset 7.
#ifndef MPC_FRONTEND_OLDFORMS_H
#define MPC_FRONTEND_OLDFORMS_H

#include "frontend/model/Graph.h"

namespace mpc::frontend {

/// The opset that older models are brought to.
inline constexpr int64_t oldFormsEnd = 7;

/// Attribute that upgradeOldForms leaves on a node whose second operand starts
/// at this dimension of the first one instead of ending with it.
inline constexpr const char *oldBroadcastAxis = "mpc.old_axis";

/// Rewrites the nodes of a model of opset 1 to 6 to what says the same in opset
/// 7, and counts it as one of opset 7. Forms that nothing in opset 7 is equal
/// to are problems. Other models stay as they are.
void upgradeOldForms(Graph &graph, Problems &problems);

} // namespace mpc::frontend

#endif
