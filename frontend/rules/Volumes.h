// Convolution of volumes by that of planes: the taps along the depth become
// channels.
#ifndef MPC_FRONTEND_RULES_VOLUMES_H
#define MPC_FRONTEND_RULES_VOLUMES_H

#include "frontend/rules/Windows.h"

namespace mpc::frontend {

/// [N, C, D, H, W] as [N * OD, C * KD, H, W]: the planes that each of the `OD`
/// windows along the depth covers, padding as zeros.
mlir::Value gatherPlanes(NodeImport &node, mlir::Value volume,
                         const Window &window, int64_t windows);

/// Its transpose: adds [N * D, C * KD, H, W] up to [N, C, depth, H, W], each
/// plane where a window over `depth` would have taken it from.
mlir::Value scatterPlanes(NodeImport &node, mlir::Value planes,
                          const Window &window, int64_t images, int64_t depth);

/// [N * D, C, H, W] as [N, C, D, H, W], and back.
mlir::Value volumeOf(NodeImport &node, mlir::Value planes, int64_t images);
mlir::Value planesOf(NodeImport &node, mlir::Value volume);

} // namespace mpc::frontend

#endif
