// The windows of a pooling: what is known of them at compile time, and loops
// over their elements.
#ifndef MPC_COMPILER_LOWERING_EMIT_POOLWINDOWS_H
#define MPC_COMPILER_LOWERING_EMIT_POOLWINDOWS_H

#include "compiler/dialect/Dialect.h"
#include "compiler/lowering/emit/LoopBuilder.h"

namespace mpc {

/// `input` is the wide side, `output` the windows; both are [N, C, H, W]. `d`
/// is 0 for rows and 1 for columns.
struct PoolWindows {
  llvm::ArrayRef<int64_t> input, output, kernel, strides, pads, dilations;

  int64_t planes() const { return input[0] * input[1]; }
  int64_t planeSize() const { return input[2] * input[3]; }
  /// About 16384 elements of the wide side per tile.
  int64_t planesPerTile() const;
  int64_t tiles() const;
  int64_t kernelSize() const { return kernel[0] * kernel[1]; }
  /// How far a window extends along `d`.
  int64_t reach(int d) const { return (kernel[d] - 1) * dilations[d] + 1; }
  /// Whether every window lies inside the input.
  bool areInside() const;
  /// Whether every window lies inside the input and its padding.
  bool areInsidePadding() const;
  /// Whether a window has the input between two of its elements.
  bool someAreEmpty() const;

private:
  int64_t lastEnd(int d) const;
  bool someAreEmpty(int d) const;
};

/// Emits what is done with window (oh, ow).
class WindowLoops {
public:
  WindowLoops(LoopBuilder &b, const PoolWindows &windows)
      : b(b), windows(windows) {}

  using Values = LoopBuilder::Values;
  using Body = llvm::function_ref<Values(mlir::Value h, mlir::Value w,
                                         mlir::ValueRange carried)>;
  /// Folds over the window's elements inside the input, in row-major order:
  /// element by element where a small window lies inside, else by loops.
  Values fold(mlir::Value oh, mlir::Value ow, mlir::ValueRange initial,
              Body body);

  /// First and end input position along `d` of window `at`, inside the input;
  /// positions lie the dilation apart.
  std::pair<mlir::Value, mlir::Value> range(int d, mlir::Value at);
  /// The number of elements that a mean is taken of, as f32.
  mlir::Value count(mlir::Value oh, mlir::Value ow, bool includePad);
  /// Runs `body` unless the window is empty.
  void unlessEmpty(mlir::Value oh, mlir::Value ow,
                   llvm::function_ref<void()> body);

private:
  mlir::Value begin(int d, mlir::Value at);
  mlir::Value isInside(mlir::Value oh, mlir::Value ow);
  mlir::Value elements(int d, mlir::Value at, bool includePad);
  Values foldUnrolled(mlir::Value oh, mlir::Value ow, mlir::ValueRange initial,
                      Body body);
  Values foldLoops(mlir::Value oh, mlir::Value ow, mlir::ValueRange initial,
                   Body body);

  LoopBuilder &b;
  PoolWindows windows;
};

} // namespace mpc

#endif
