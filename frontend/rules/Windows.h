// Kernel, strides, pads and dilations of convolution and pooling.
#ifndef MPC_FRONTEND_RULES_WINDOWS_H
#define MPC_FRONTEND_RULES_WINDOWS_H

#include "frontend/NodeImport.h"

namespace mpc::frontend {

struct Window {
  llvm::SmallVector<int64_t> kernel, strides, dilations;
  llvm::SmallVector<int64_t> pads; ///< begins, then ends
};

/// Reads the window of a node on an input [N, C, H, W]; `kernel` is the default
/// of `kernel_shape`. Pads follow from `auto_pad` if that is given. Nothing,
/// with a problem, if it is malformed or not 2-D.
std::optional<Window> readWindow(NodeImport &node,
                                 llvm::ArrayRef<int64_t> input,
                                 llvm::ArrayRef<int64_t> kernel);

} // namespace mpc::frontend

#endif
