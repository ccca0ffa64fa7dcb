// Kernels without a root: every yielded value has the same shape.
#include "compiler/lowering/emit/Emitters.h"

using namespace mlir;
using namespace mpc;

// Elements per tile: enough to hide the cost of handing out a tile, small
// enough to spread a layer's parameters over the cores.
static constexpr int64_t tileElements = 16384;
static constexpr int64_t vectorLanes = 8;

static ArrayRef<int64_t> spaceOf(KernelOp kernel) {
  return shapeOf(kernel.getBody().front().getTerminator()->getOperand(0));
}

// Neighbouring dimensions that every value of the kernel either has in full or
// repeats: they are one loop. Same shapes everywhere and scalars give a single
// group.
static SmallVector<SmallVector<int64_t>> mergeable(KernelOp kernel) {
  ArrayRef<int64_t> space = spaceOf(kernel);
  Block &body = kernel.getBody().front();
  SmallVector<Value> values(body.getArguments());
  for (Operation &op : body.without_terminator())
    llvm::append_range(values, op.getResults());

  auto isFull = [&](Value value, size_t dimension) {
    ArrayRef<int64_t> shape = shapeOf(value);
    size_t missing = space.size() - shape.size();
    return dimension >= missing && shape[dimension - missing] != 1;
  };
  SmallVector<SmallVector<int64_t>> groups;
  for (size_t d = 0; d < space.size(); ++d) {
    if (space[d] == 1 && !groups.empty()) {
      groups.back().push_back(int64_t(d));
      continue;
    }
    bool joins = !groups.empty() && llvm::all_of(values, [&](Value value) {
      // Compare with a dimension of the group that is not trivially 1.
      for (int64_t other : groups.back())
        if (space[size_t(other)] != 1)
          return isFull(value, d) == isFull(value, size_t(other));
      return true;
    });
    if (joins)
      groups.back().push_back(int64_t(d));
    else
      groups.push_back({int64_t(d)});
  }
  return groups;
}

namespace {
/// The loop nest: `rows` index tuples outside, `columns` contiguous elements
/// inside, cut into `tiles` along the longer of the two.
struct Grid {
  Shape outer; ///< merged dimensions but the last
  int64_t rows = 1, columns = 1, rowsPerTile = 1, columnsPerTile = 1;

  explicit Grid(KernelOp kernel) {
    ArrayRef<int64_t> space = spaceOf(kernel);
    for (ArrayRef<int64_t> group : mergeable(kernel)) {
      outer.push_back(1);
      for (int64_t dimension : group)
        outer.back() *= space[size_t(dimension)];
    }
    if (!outer.empty())
      columns = outer.pop_back_val();
    rows = elementCount(outer);
    columnsPerTile = std::min(columns, tileElements);
    rowsPerTile = std::clamp<int64_t>(tileElements / columns, 1, rows);
  }
  int64_t columnTiles() const {
    return (columns + columnsPerTile - 1) / columnsPerTile;
  }
  int64_t tiles() const {
    return (rows + rowsPerTile - 1) / rowsPerTile * columnTiles();
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  return {Grid(kernel).tiles()};
}

static LogicalResult emitElementwise(CpuKernel &k) {
  for (Value value : k.kernel.getBody().front().getTerminator()->getOperands())
    if (shapeOf(value) != spaceOf(k.kernel))
      return k.kernel.emitOpError("yields ")
             << value.getType() << "; expected one shape for all results";
  Grid grid(k.kernel);
  k.elements.mergeDimensions(k.b, k.loc, mergeable(k.kernel),
                             int64_t(spaceOf(k.kernel).size()));
  if (spaceOf(k.kernel).empty()) {
    k.forTiles([&](Value) { k.store({}, {}); });
    return success();
  }
  k.forTiles([&](Value tile) {
    auto [rowTile, columnTile] = k.divide(tile, grid.columnTiles());
    Value row = k.times(rowTile, grid.rowsPerTile);
    Value column = k.times(columnTile, grid.columnsPerTile);
    Value rowEnd = k.blockEnd(row, grid.rowsPerTile, grid.rows);
    Value columnEnd = k.blockEnd(column, grid.columnsPerTile, grid.columns);
    k.forRange(row, rowEnd, 1, [&](Value r) {
      SmallVector<Value> indices = k.split(r, grid.outer);
      indices.push_back({});
      k.forLanes(column, columnEnd,
                 grid.columns < vectorLanes ? 1 : vectorLanes,
                 [&](Value i, int64_t lanes) {
                   indices.back() = i;
                   k.store({}, indices, lanes);
                 });
    });
  });
  return success();
}

const CpuEmitter mpc::elementwiseEmitter = {"elementwise", tilesOf, nullptr,
                                            emitElementwise};
