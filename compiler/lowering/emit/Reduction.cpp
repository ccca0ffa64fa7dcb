// Sums over axes. One output element, or one vector of them, is summed by one
// tile in row-major order of the reduced dimensions.
#include "compiler/lowering/emit/Emitters.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mpc;

// Elements read per tile, about.
static constexpr int64_t tileElements = 32768;
static constexpr int64_t vectorLanes = 8;

namespace {
struct Sum {
  Value input;
  ArrayRef<int64_t> shape;
  SmallVector<int64_t> kept, reduced; ///< dimensions of the input
  bool keepDims;

  explicit Sum(Operation *root) {
    auto op = cast<ReduceSumOp>(root);
    input = op.getInput();
    shape = shapeOf(input);
    keepDims = op.getKeepDims();
    for (int64_t d = 0; d < int64_t(shape.size()); ++d)
      (llvm::is_contained(op.getAxes(), d) ? reduced : kept).push_back(d);
  }
  Shape extents(ArrayRef<int64_t> dimensions) const {
    Shape result;
    for (int64_t d : dimensions)
      result.push_back(shape[size_t(d)]);
    return result;
  }
  /// Whether lanes run along an output dimension.
  bool byColumns() const {
    return !kept.empty() && kept.back() == int64_t(shape.size()) - 1 &&
           shape.back() > 1;
  }
  /// Outputs that one tile computes; with columns, a multiple of the lanes
  /// where a row is that long.
  int64_t outputs() const { return elementCount(extents(kept)); }
  int64_t columns() const { return byColumns() ? shape.back() : 1; }
  int64_t columnsPerTile() const {
    return std::min<int64_t>(columns(), 8 * vectorLanes);
  }
  int64_t columnTiles() const {
    return (columns() + columnsPerTile() - 1) / columnsPerTile();
  }
  int64_t rows() const { return outputs() / columns(); }
  int64_t rowsPerTile() const {
    int64_t each = elementCount(extents(reduced)) * columnsPerTile();
    return std::clamp<int64_t>(tileElements / std::max<int64_t>(each, 1), 1,
                               std::max<int64_t>(rows(), 1));
  }
  int64_t tiles() const {
    return (rows() + rowsPerTile() - 1) / rowsPerTile() * columnTiles();
  }
};

/// The loops of one kernel.
class Emit {
public:
  explicit Emit(CpuKernel &k) : k(k), sum(k.root) {}

  void run() {
    k.forTiles([&](Value tile) {
      auto [rowTile, columnTile] = k.divide(tile, sum.columnTiles());
      Value row = k.times(rowTile, sum.rowsPerTile());
      Value rowEnd = k.blockEnd(row, sum.rowsPerTile(), sum.rows());
      k.forRange(row, rowEnd, 1, [&](Value r) {
        if (!sum.byColumns())
          return rowSum(r);
        Value column = k.times(columnTile, sum.columnsPerTile());
        Value end = k.blockEnd(column, sum.columnsPerTile(), sum.columns());
        k.forLanes(column, end, sum.columns() < vectorLanes ? 1 : vectorLanes,
                   [&](Value i, int64_t lanes) { columnSum(r, i, lanes); });
      });
    });
  }

private:
  CpuKernel &k;
  Sum sum;

  SmallVector<Value> inputIndices(ValueRange keptIndices,
                                  ValueRange reducedIndices) {
    SmallVector<Value> indices(sum.shape.size());
    for (auto [d, index] : llvm::zip_equal(sum.kept, keptIndices))
      indices[size_t(d)] = index;
    for (auto [d, index] : llvm::zip_equal(sum.reduced, reducedIndices))
      indices[size_t(d)] = index;
    return indices;
  }

  void store(Value total, ValueRange keptIndices, int64_t lanes) {
    SmallVector<Value> indices(keptIndices);
    if (sum.keepDims)
      indices = inputIndices(
          keptIndices, SmallVector<Value>(sum.reduced.size(), k.index(0)));
    k.store({{k.root->getResult(0), total}}, indices, lanes);
  }

  Value add(Value x, Value y) {
    return arith::AddFOp::create(k.b, k.loc, x, y);
  }

  void columnSum(Value row, Value column, int64_t lanes) {
    Shape outer = sum.extents(ArrayRef(sum.kept).drop_back());
    SmallVector<Value> kept = k.split(row, outer);
    kept.push_back(column);
    Value zero = f32Constant(k.b, k.loc, 0, lanes);
    auto total = k.foldShape(
        sum.extents(sum.reduced), zero,
        [&](ValueRange at, ValueRange carried) -> SmallVector<Value> {
          return {add(carried[0],
                      k.load(sum.input, inputIndices(kept, at), lanes))};
        });
    store(total[0], kept, lanes);
  }

  // Lanes run along the last dimension, which is reduced: eight partial sums,
  // added in order at the end, then what is left of each row.
  void rowSum(Value output) {
    SmallVector<Value> kept = k.split(output, sum.extents(sum.kept));
    Shape reduced = sum.extents(sum.reduced);
    int64_t length =
        reduced.empty() || sum.reduced.back() != int64_t(sum.shape.size()) - 1
            ? 1
            : reduced.back();
    int64_t whole = length / vectorLanes * vectorLanes;
    Shape outer = reduced;
    if (length > 1)
      outer.pop_back();
    Value wide = f32Constant(k.b, k.loc, 0, vectorLanes);
    auto at = [&](ValueRange indices, Value last) {
      SmallVector<Value> all(indices);
      if (length > 1)
        all.push_back(last);
      return inputIndices(kept, all);
    };
    auto totals = k.foldShape(
        outer, {wide, f32Constant(k.b, k.loc, 0)},
        [&](ValueRange indices, ValueRange carried) -> SmallVector<Value> {
          Value lanes = carried[0];
          if (whole > 0)
            lanes = k.fold(k.index(0), k.index(whole), vectorLanes, lanes,
                           [&](Value i, ValueRange c) -> SmallVector<Value> {
                             return {add(c[0], k.load(sum.input, at(indices, i),
                                                      vectorLanes))};
                           })[0];
          Value rest = carried[1];
          if (whole < length)
            rest =
                k.fold(k.index(whole), k.index(length), 1, rest,
                       [&](Value i, ValueRange c) -> SmallVector<Value> {
                         return {add(c[0], k.load(sum.input, at(indices, i)))};
                       })[0];
          return {lanes, rest};
        });
    store(add(k.sumLanes(totals[0]), totals[1]), kept, 1);
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  return {Sum(rootOf(kernel)).tiles()};
}

static LogicalResult emitSum(CpuKernel &k) {
  Emit(k).run();
  return success();
}

const CpuEmitter mpc::reduceSumEmitter = {"mpc.reduce_sum", tilesOf, nullptr,
                                          emitSum};
