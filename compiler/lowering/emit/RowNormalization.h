// What the emitters of normalisation by rows read of their ops, and share.
#ifndef MPC_COMPILER_LOWERING_EMIT_ROWNORMALIZATION_H
#define MPC_COMPILER_LOWERING_EMIT_ROWNORMALIZATION_H

#include "compiler/lowering/emit/AxisLoops.h"
#include "compiler/lowering/emit/StreamedRows.h"

namespace mpc {

/// What layer_normalization, rms_normalization and their gradients have in
/// common; parts that an op lacks are null.
struct Norm {
  mlir::Value gradient, input, scale, bias; ///< operands
  mlir::Value mean, inverse;                ///< statistics, operands or results
  mlir::Value output;                       ///< y, or the gradient of x
  mlir::Value scaleGradient, biasGradient;  ///< results
  int64_t axis;
  double epsilon = 0;
  Grain grain;

  explicit Norm(mlir::Operation *root);

  AxisPlan rows() const;
  AxisPlan columns() const;
  /// What is read of a row, more than once.
  llvm::SmallVector<mlir::Value> rowOperands() const;
  /// Sums of a row that are known at the same time.
  int64_t joinedSums() const;
  /// How clusters go over long rows, if they do.
  std::optional<StreamPlan> stream() const;
  int64_t tilesOfRows() const;
  /// The threads of a GPU that have a tile of rows().
  TeamShape team() const;

private:
  KernelOp kernel;
  AxisPlan plainRows() const;
  template <typename Op> void readMean(Op op);
  template <typename Op> void readForward(Op op);
  template <typename Op> void readGradient(Op op);
};

/// What the kernels of these ops are made of.
class NormRows : protected RowMath {
public:
  explicit NormRows(TileKernel &k) : RowMath(k), norm(k.root) {}

protected:
  using Values = AxisLoops::Values;
  struct Term {
    Value x, y; ///< a product, or x alone
  };
  using Terms = llvm::function_ref<llvm::SmallVector<Term>(mlir::ValueRange at,
                                                           int64_t lanes)>;

  /// Sums of `count` terms of all elements at `kept`.
  Values sums(AxisLoops &loops, mlir::ValueRange kept, int64_t lanes,
              size_t count, Terms terms);
  /// The same of a row, or of several, as shares of its length.
  Values means(AxisLoops &loops, mlir::ValueRange kept, size_t count,
               Terms terms);
  /// The same of what this block has of rows.
  Values meansOfBlock(AxisLoops &loops, mlir::ValueRange kept, size_t count,
                      Terms terms);
  /// Of a row: the mean, if it has one, and 1 / sqrt(variance + epsilon).
  struct Statistics {
    Value mean, inverse;
  };
  /// Those of `count` rows, of squares of what they have beside `ownCenters`:
  /// the blocks' means, or none if rows have none.
  llvm::SmallVector<Statistics> statistics(AxisLoops &loops,
                                           mlir::ValueRange kept, size_t count,
                                           mlir::ValueRange ownCenters,
                                           Terms squares);

  int64_t lengthOfRow() const;
  /// Where `at` of the first row is in another.
  Values inRow(mlir::ValueRange kept, mlir::ValueRange at);
  Values ofRows(llvm::ArrayRef<Values> rows,
                llvm::function_ref<Value(size_t)> make);
  /// A row's statistics, of which a mean may be missing, at keptDims().
  void storeStatistics(mlir::ValueRange at, const Statistics &of);
  /// Indices of these for a row.
  Values ofStatistics(mlir::ValueRange kept);
  /// Sums of what a warp has of rows, and of what several send.
  llvm::SmallVector<Values> sumsOfWarp(
      StreamedRows &rows, llvm::ArrayRef<StreamedRows::Row> all, size_t count,
      llvm::function_ref<llvm::SmallVector<Term>(size_t row,
                                                 const StreamedRows::Place &)>
          terms);
  Value sumOfSenders(StreamedRows &rows, Value value);

  /// The scale or bias there.
  Value loadVector(Value vector, mlir::ValueRange at, int64_t lanes);
  void store(llvm::ArrayRef<Values> rows, mlir::ValueRange results,
             mlir::ValueRange at, int64_t lanes);

  Norm norm;

private:
  /// How a fold begins, goes on and is joined.
  struct Summing {
    std::function<Values(int64_t lanes)> init;
    std::function<Values(mlir::ValueRange, mlir::ValueRange, int64_t)> step;
    std::function<Value(size_t, Value, Value)> join;
  };
  Summing summing(size_t count, Terms terms);
  Value addTo(Value sum, const Term &term);
  Value meanOf(mlir::ValueRange parts);
  Statistics statisticsOf(Values squares, mlir::ValueRange centers,
                          mlir::ValueRange lengths);
};

} // namespace mpc

#endif
