// Kernel, strides, pads and dilations of convolution and pooling.
#ifndef MPC_FRONTEND_RULES_WINDOWS_H
#define MPC_FRONTEND_RULES_WINDOWS_H

#include "frontend/NodeImport.h"

namespace mpc::frontend {

/// One number per spatial dimension; pads are begins, then ends.
struct Window {
  llvm::SmallVector<int64_t> kernel, strides, dilations, pads;

  size_t rank() const { return kernel.size(); }
  /// How far the window extends along a dimension.
  int64_t reach(size_t dimension) const {
    return (kernel[dimension] - 1) * dilations[dimension] + 1;
  }
  /// The same along `count` dimensions from `first` on.
  Window part(size_t first, size_t count) const;
};

/// Reads the window of a node on an input [N, C, ...] of one to three spatial
/// dimensions; `kernel` is the default of `kernel_shape`. Pads follow from
/// `auto_pad` if that is given. Nothing, with a problem, if it is malformed.
std::optional<Window> readWindow(NodeImport &node,
                                 llvm::ArrayRef<int64_t> input,
                                 llvm::ArrayRef<int64_t> kernel);

/// Attribute `name`: `count` numbers of at least `least`, or what `numbers`
/// held before. False, with a problem, if it is something else.
bool readNumbers(NodeImport &node, llvm::StringRef name, size_t count,
                 int64_t least, llvm::SmallVector<int64_t> &numbers);

/// The extents of what the window gives, rounded down or up (see poolShape), or
/// nothing if it does not fit.
std::optional<llvm::SmallVector<int64_t>>
outputExtents(const Window &window, llvm::ArrayRef<int64_t> input, bool ceil);

/// The float operand 0 of a node that slides a window over [N, C, ...] with one
/// to three spatial dimensions, none of them 0, or null with a problem.
mlir::Value readPlanes(NodeImport &node);

/// What the dialect's ops on planes take: a dimension of extent 1 before a
/// single spatial one; the window without its depth.
Window inPlane(const Window &window);
Shape inPlane(llvm::ArrayRef<int64_t> shape);

} // namespace mpc::frontend

#endif
