#include "compiler/lowering/emit/ElementGrid.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mpc;

// Neighbouring dimensions that every value of the kernel either has in full or
// repeats: they are one loop. Same shapes everywhere and scalars give a single
// group.
static SmallVector<SmallVector<int64_t>> mergeable(KernelOp kernel,
                                                   ArrayRef<int64_t> space) {
  Block &body = kernel.getBody().front();
  SmallVector<Value> values;
  for (Value argument : body.getArguments())
    if (!llvm::all_of(argument.getUsers(), llvm::IsaPred<ExpandRowsOp>))
      values.push_back(argument);
  for (Operation &op : body.without_terminator())
    llvm::append_range(values, op.getResults());
  // Rows stay apart where they are looked up.
  bool expandsRows = !body.getOps<ExpandRowsOp>().empty();

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
    bool isBehindRows =
        expandsRows && !groups.empty() && groups.back().front() == 0;
    bool joins = !groups.empty() && !isBehindRows &&
                 llvm::all_of(values, [&](Value value) {
                   // Compare with a dimension of the group that is not
                   // trivially 1.
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

// Elements of a tile. A thread of a GPU has one vector, of four where a wide
// type is written: of eight, a warp would write every other 16 bytes.
static int64_t tileElementsOf(KernelOp kernel, ArrayRef<int64_t> space) {
  if (!targetOf(kernel).isGpu())
    return grainOf(kernel).elements;
  bool writesWide = llvm::any_of(kernel.getResults(), [&](Value result) {
    return shapeOf(result) == space &&
           elementTypeOf(result).getIntOrFloatBitWidth() >= 32;
  });
  return writesWide ? 4 : accessLanes(kernel);
}

ElementGrid::ElementGrid(KernelOp kernel, ArrayRef<int64_t> space)
    : elementsPerTile(tileElementsOf(kernel, space)),
      rank(int64_t(space.size())), groups(mergeable(kernel, space)) {
  for (ArrayRef<int64_t> group : groups) {
    outer.push_back(1);
    for (int64_t dimension : group)
      outer.back() *= space[size_t(dimension)];
  }
  if (!outer.empty())
    columns = outer.pop_back_val();
  rows = elementCount(outer);
  columnsPerTile = std::clamp<int64_t>(columns, 1, elementsPerTile);
  rowsPerTile = std::clamp<int64_t>(elementsPerTile / columnsPerTile, 1,
                                    std::max<int64_t>(rows, 1));
}

int64_t ElementGrid::columnTiles() const {
  return std::max<int64_t>((columns + columnsPerTile - 1) / columnsPerTile, 1);
}

int64_t ElementGrid::tiles() const {
  return (rows + rowsPerTile - 1) / rowsPerTile * columnTiles();
}

SmallVector<Value> ElementGrid::origin(TileKernel &k) const {
  return SmallVector<Value>(groups.size(), k.index(0));
}

bool ElementGrid::suits(int64_t lanes, int64_t block) const {
  bool isAligned = rows == 1 || columns % block == 0;
  return isAligned && (columns % lanes == 0 || columns >= 32 * lanes);
}

void ElementGrid::forElements(TileKernel &k, Body body, int64_t most) const {
  int64_t lanes = std::min(most, elementsPerTile);
  k.elements.mergeDimensions(k.b, k.loc, groups, rank);
  k.elements.assumeWholeVectors();
  if (rank == 0)
    return k.forTiles([&](Value) { body({}, k.index(0), 1); });
  k.forTiles([&](Value tile) {
    auto [rowTile, columnTile] = k.divide(tile, columnTiles());
    Value row = k.times(rowTile, rowsPerTile);
    Value column = k.times(columnTile, columnsPerTile);
    Value rowEnd = k.blockEnd(row, rowsPerTile, rows);
    Value columnEnd = k.blockEnd(column, columnsPerTile, columns);
    k.forRange(row, rowEnd, 1, [&](Value r) {
      SmallVector<Value> indices = k.split(r, outer);
      indices.push_back({});
      Value first = k.times(r, columns);
      k.forLanes(column, columnEnd, columns < lanes ? 1 : lanes,
                 [&](Value i, int64_t lanes) {
                   indices.back() = i;
                   body(indices, arith::AddIOp::create(k.b, k.loc, first, i),
                        lanes);
                 });
    });
  });
}
