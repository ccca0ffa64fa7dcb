// What the kernels of cross_entropy and of its gradient are made of. A position
// is one label: logits are [outer, classes, inner], labels [outer, inner].
#ifndef MPC_COMPILER_LOWERING_EMIT_CROSSENTROPYROWS_H
#define MPC_COMPILER_LOWERING_EMIT_CROSSENTROPYROWS_H

#include "compiler/lowering/emit/RowPowers.h"

namespace mpc {

struct CrossEntropyProblem {
  mlir::Value loss, result;             ///< of the root; one may be null
  mlir::Value gradient, logits, labels; ///< gradient is null for the loss
  mlir::Value weights;                  ///< may be null
  size_t axis;
  int64_t ignored, classes, positions;
  double smoothing;
  Grain grain;
  int64_t perTile; ///< positions
  /// Whether powers of e have their short forms: where the gradient is stored
  /// in 16 bits, and the loss is of logits that are.
  bool isShort;

  explicit CrossEntropyProblem(mlir::Operation *root);
  int64_t tiles() const;
  AxisPlan plan() const;
  /// The threads of a GPU that share a position's classes.
  TeamShape team(KernelOp kernel) const;
  /// How clusters go over long rows for the gradient, if they do.
  std::optional<StreamPlan> stream(KernelOp kernel) const;
  int64_t tilesOfGradient(KernelOp kernel) const;
  /// Those that combine the tiles' losses.
  TeamShape teamOfTiles() const;
  /// Whether every label counts alike and no other class does.
  bool isPlain() const { return !weights && smoothing == 0; }
  /// Vectors of a row that is read once that a thread has on their way.
  static constexpr int64_t groupsAtATime = 4;
};

class CrossEntropyRows : protected RowPowers {
public:
  explicit CrossEntropyRows(TileKernel &k);

protected:
  using Indices = llvm::ArrayRef<Value>;

  // CrossEntropy.cpp. The last three workspaces have the tiles' sums of losses,
  // how many labels count, and the sums of their weights.
  static llvm::SmallVector<mlir::MemRefType> partialSums(KernelOp kernel);
  using RowBody = llvm::function_ref<void(Indices position, Value label,
                                          const RowSum &sum)>;
  /// Sums a tile, whose powers of e are times 2^shift, and emits `body` too for
  /// every position.
  void sumTile(Value tile, int64_t shift, RowBody body = {});
  void combineTiles();

  // CrossEntropyGrad.cpp
  /// Stores what the gradient of every element is a multiple of: the one of the
  /// loss by the weights of all labels that count. Then the weights of all
  /// classes.
  void storeFactors();
  struct Factors {
    Value ofGradient, ofClasses;
  };
  Factors loadFactors();
  void storeGradient(Indices position, Value label, const RowSum &sum,
                     const Factors &factors);
  /// Short powers of e are computed times 2^24 for the gradient: what is
  /// subnormal in bf16 is normal so.
  static constexpr int64_t lift = 24;

  // CrossEntropyStream.cpp
  /// Emits the phase of the rows so that clusters stream them, if they do.
  static bool emitsStream(TileKernel &k);
  /// The same of all rows, which clusters stream, and their losses if the
  /// kernel has one.
  void streamGradients(ThreadBuilder &t, const StreamPlan &plan);

  Value i64(int64_t value);
  /// Whether a label is not the one to ignore.
  Value counts(Value label);
  /// The positions of a tile, as a range.
  std::pair<Value, Value> positionsOf(Value tile);
  Values labelAt(Value position);
  /// The label as an index that is safe to read with, whatever the data says.
  Value safeIndex(Value label);
  /// The weight of a label, 1 without weights.
  Value weightOf(Value label);

  /// Over the classes of a position; the reference may be less than the largest
  /// logit by at most 40. Powers of e are computed times 2^shift if they are
  /// short.
  RowSum sumOfClasses(Indices position, int64_t shift);
  /// The logit(s) at these indices, less the reference.
  Value shifted(Value reference, mlir::ValueRange at, int64_t lanes);
  /// exp of that, times 2^shift if it is short.
  Value power(Value reference, mlir::ValueRange at, int64_t lanes,
              int64_t shift);
  Value logit(mlir::ValueRange at, int64_t lanes);
  /// The weight(s) of the class(es) at these indices.
  Value classWeight(mlir::ValueRange at, int64_t lanes);
  /// The indices of one class.
  Values classAt(Indices position, Value cls);

  mlir::OpBuilder &b;
  mlir::Location loc;
  CrossEntropyProblem p;

private:
  CrossEntropyRows(TileKernel &k, const CrossEntropyProblem &problem);
  Value rowLoss(Indices position, Value label, Value atLabel, const RowSum &sum,
                int64_t shift);
  /// A sum of powers times 2^shift, without that.
  Value withoutLift(Value total, int64_t shift);
  Value inverseOf(Value total);
  Value sumOfWeights();
  Value smoothed(Value softmax, mlir::ValueRange at, Value ofClasses);
  Value numberOf(Value label);
  Value distanceTo(Value label, Value cls);
  Value isLabel(Value label, Value cls, int64_t lanes);
  /// What a power of e of one class is multiplied with.
  struct Scale {
    Value inverse, factor;
  };
  void
  storeAll(Indices position,
           llvm::function_ref<Value(mlir::ValueRange at, int64_t lanes)> make);
  void storePlain(Indices position, Value cls, Value reference,
                  const Scale &scale);
  void storeWeighted(Indices position, Value label, Value reference,
                     const Scale &scale, Value ofClasses);
  Value plainGradient(Value power, const Scale &scale, Value isLabel);
  void storeTile(Value tile, mlir::ValueRange totals);

  // What `loops` holds.
  static constexpr int64_t logits = 0, powers = 1;

  Value raise(Value x, int64_t shift);
  PowerSum sumInOnePass(Indices position, int64_t shift);
  Value largestOf(mlir::ValueRange logits);
  Values addGroups(PowerSum so, llvm::ArrayRef<AxisLoops::Group> groups,
                   int64_t lanes, int64_t shift);
};

} // namespace mpc

#endif
