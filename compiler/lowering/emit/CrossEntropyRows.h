// What cross_entropy and its gradient have in common. A position is one label:
// logits are [outer, classes, inner], labels [outer, inner].
#ifndef MPC_COMPILER_LOWERING_EMIT_CROSSENTROPYROWS_H
#define MPC_COMPILER_LOWERING_EMIT_CROSSENTROPYROWS_H

#include "compiler/lowering/emit/AxisLoops.h"

namespace mpc {

struct CrossEntropyProblem {
  mlir::Value gradient, logits, labels; ///< gradient is null for the loss
  mlir::Value weights;                  ///< may be null
  size_t axis;
  int64_t ignored, classes, positions;
  double smoothing;
  int64_t perTile; ///< positions

  explicit CrossEntropyProblem(mlir::Operation *root);
  int64_t tiles() const;
  /// Lanes along the classes, if they are contiguous.
  int64_t lanes() const;
  /// The same where a team shares the classes: lanes divide them.
  int64_t teamLanes() const;
  /// Whether every label counts alike and no other class does.
  bool isPlain() const { return !weights && smoothing == 0; }
};

class CrossEntropyRows : protected RowMath {
public:
  explicit CrossEntropyRows(TileKernel &k)
      : RowMath(k), b(k.b), loc(k.loc), p(k.root) {}

protected:
  using Indices = llvm::ArrayRef<Value>;

  Value i64(int64_t value);
  /// Whether a label is not the one to ignore.
  Value counts(Value label);
  /// The positions of a tile, as a range.
  std::pair<Value, Value> positionsOf(Value tile);
  llvm::SmallVector<Value> labelAt(Value position);
  llvm::SmallVector<Value> logitAt(Indices position, Value cls);

  /// body(class, lanes) for all classes of a position.
  void forClasses(llvm::function_ref<void(Value cls, int64_t lanes)> body);
  /// Folds over the classes: first lanes, then the rest, then both into one.
  Value foldClasses(double init,
                    llvm::function_ref<Value(Value cls, int64_t lanes)> term,
                    llvm::function_ref<Value(Value, Value)> join);
  Value sumClasses(llvm::function_ref<Value(Value cls, int64_t lanes)> term);
  Value largest(Indices position);
  /// logit - max of one or more classes.
  Value shifted(Indices position, Value cls, Value max, int64_t lanes);
  Value sumOfExponentials(Indices position, Value max);
  /// The label as an index that is safe to read with, whatever the data says.
  Value safeIndex(Value label);
  /// The weight of a label, 1 without weights.
  Value weightOf(Value label);

  mlir::OpBuilder &b;
  mlir::Location loc;
  CrossEntropyProblem p;
};

} // namespace mpc

#endif
