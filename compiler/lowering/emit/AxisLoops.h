// Loops over a tensor that is folded along some of its dimensions: reductions,
// softmax, normalisation by rows. One index of the other ("kept") dimensions,
// or one vector of them, is folded by one tile in an order fixed at compile
// time.
#ifndef MPC_COMPILER_LOWERING_EMIT_AXISLOOPS_H
#define MPC_COMPILER_LOWERING_EMIT_AXISLOOPS_H

#include "compiler/lowering/Emitter.h"

namespace mpc {

/// How a tensor is cut into tiles when it is folded along `reduced`.
struct AxisPlan {
  Shape shape;
  llvm::SmallVector<int64_t> kept, reduced; ///< dimensions, ascending

  AxisPlan(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> axes,
           Grain grain);

  Shape extents(llvm::ArrayRef<int64_t> dimensions) const;
  /// Whether lanes run along a kept dimension: the last, if it has more than
  /// one element. Else they run along the last dimension that is reduced.
  bool byColumns() const;
  int64_t outputs() const { return elementCount(extents(kept)); }
  int64_t columns() const { return byColumns() ? shape.back() : 1; }
  int64_t columnsPerTile() const;
  int64_t columnTiles() const;
  int64_t rows() const { return outputs() / columns(); }
  int64_t rowsPerTile() const;
  int64_t tiles() const;
  /// The threads of a GPU that fold one output.
  TeamShape team() const;

private:
  Grain grain;
};

class AxisLoops {
public:
  AxisLoops(TileKernel &k, AxisPlan plan) : k(k), plan(std::move(plan)) {
    k.elements.assumeWholeVectors();
  }

  using Values = llvm::SmallVector<mlir::Value>;
  /// Called with indices, and the number of lanes of what is loaded there.
  using Body = llvm::function_ref<void(mlir::ValueRange, int64_t lanes)>;
  /// The values of no elements, with the given number of lanes.
  using Init = llvm::function_ref<Values(int64_t lanes)>;
  /// The next values after the element(s) at `indices` of the tensor.
  using Step = llvm::function_ref<Values(
      mlir::ValueRange carried, mlir::ValueRange indices, int64_t lanes)>;
  /// Joins value `i` of two groups of elements.
  using Join =
      llvm::function_ref<mlir::Value(size_t i, mlir::Value, mlir::Value)>;

  /// body(kept indices, lanes) for all outputs of this call's tiles.
  void forOutputs(Body body);
  /// Folds the elements at `kept`. Without columns: eight partial results, then
  /// what is left of each row, joined in order.
  Values fold(mlir::ValueRange kept, int64_t lanes, Init init, Step step,
              Join join);
  /// The same by a team over one part of what is reduced; parts are of `size`
  /// elements, 8 for each thread or a multiple of that.
  Values foldPart(mlir::ValueRange kept, mlir::Value part, int64_t size,
                  Init init, Step step, Join join);
  /// body(indices of the tensor, lanes) for all elements at `kept`.
  void forElements(mlir::ValueRange kept, int64_t lanes, Body body);

  /// Indices of the tensor.
  Values indices(mlir::ValueRange kept, mlir::ValueRange reduced);
  /// The same with 0 in place of what is reduced.
  Values keptDims(mlir::ValueRange kept);

  /// What `make` gives for the element(s) that fold() or forElements() is at,
  /// under the same number from one pass to the next. A team whose threads have
  /// few elements each keeps it in registers, so that the second pass neither
  /// reads nor computes it again; elsewhere `make` is called each time.
  mlir::Value hold(int64_t number, llvm::function_ref<mlir::Value()> make);

  /// Says that a step of fold() is little more than its load, so that a team
  /// may have several on their way at a time.
  void haveShortSteps() { stepsAtATime = 4; }

private:
  Values foldColumns(mlir::ValueRange kept, int64_t lanes, Init init,
                     Step step);
  Values foldRow(mlir::ValueRange kept, Init init, Step step, Join join);
  Values foldByTeam(mlir::ValueRange kept, Init init, Step step, Join join);
  /// A thread's share of lo..hi, in a loop.
  Values foldShares(mlir::ValueRange kept, mlir::Value lo, mlir::Value hi,
                    int64_t steps, Values init, Step step);
  Values joinTeam(Values totals, Join join);
  /// Lanes of what a thread of a team reads at once, and where that is among
  /// the reduced elements.
  int64_t teamLanes() const;
  Values teamIndices(mlir::ValueRange kept, mlir::Value position);
  /// The steps of a thread if they are as many for all and few, else 0.
  int64_t heldSteps() const;
  /// body(indices, carried) for those steps, one behind the other.
  Values forHeldSteps(mlir::ValueRange kept, Values carried, Step body);

  TileKernel &k;
  AxisPlan plan;
  int64_t stepsAtATime = 1;
  std::optional<int64_t> heldStep; ///< that is being emitted
  llvm::DenseMap<std::pair<int64_t, int64_t>, mlir::Value> held;
};

/// Arithmetic on f32 scalars and vectors alike, in few words.
class RowMath {
public:
  explicit RowMath(TileKernel &k) : k(k) {}

protected:
  using Value = mlir::Value;
  Value add(Value x, Value y);
  Value sub(Value x, Value y);
  Value mul(Value x, Value y);
  Value div(Value x, Value y);
  Value max(Value x, Value y);
  Value exp(Value x);
  Value log(Value x);
  /// 1 / sqrt(x).
  Value inverseRoot(Value x);
  Value number(double value, int64_t lanes = 1);
  Value spread(Value x, int64_t lanes);

  TileKernel &k;
};

} // namespace mpc

#endif
