#include "compiler/lowering/emit/gpu/WgmmaWork.h"
#include "compiler/lowering/emit/gpu/SimtTiles.h"

using namespace mlir;
using namespace mpc;

// Rows of items that a walk goes down before the next column.
static constexpr int64_t walk = 8;
// Shared memory of a multiprocessor, 1 KB of each block's for the system.
static constexpr int64_t sharedBytes = 228 * 1024, systemBytes = 1024;

int64_t WgmmaWork::columnTiles() const {
  return llvm::divideCeil(extents.n, tile.columns);
}

int64_t WgmmaWork::rowItems() const {
  return llvm::divideCeil(extents.m, tile.rows * tile.sharing);
}

int64_t WgmmaWork::items() const {
  return extents.batches * rowItems() * columnTiles();
}

// Parts are added at the end of a block, so that it has one item.
int64_t WgmmaWork::workers() const {
  if (tile.parts > 1)
    return items();
  int64_t together = sharedBytes / (tile.sharedBytes() + systemBytes);
  return std::min(items(), together * multiprocessors / tile.cluster());
}

bool WgmmaWork::isWhole() const {
  return extents.m % (tile.rows * tile.sharing) == 0 &&
         extents.n % tile.columns == 0;
}

// Row and column of an item. The last walk may be over fewer rows.
std::pair<Value, Value> WgmmaWork::cell(ThreadBuilder &b, Value item) const {
  int64_t columns = columnTiles(), rest = rowItems() % walk;
  int64_t whole = rowItems() - rest;
  auto in = [&](Value here, int64_t first, int64_t rows) {
    Value area = b.div(here, rows * columns),
          inside = b.rem(here, rows * columns);
    Value row = b.add(b.mulAdd(area, rows, b.rem(inside, rows)), first);
    return std::pair(row, b.div(inside, rows));
  };
  if (rest == 0)
    return in(item, 0, walk);
  if (whole == 0)
    return in(item, 0, rest);
  Value isLast = b.less(b.number(whole * columns - 1), item);
  auto [row, column] = in(item, 0, walk);
  auto [lastRow, lastColumn] =
      in(b.sub(item, b.number(whole * columns)), whole, rest);
  return {b.select(isLast, lastRow, row), b.select(isLast, lastColumn, column)};
}

GemmPlace WgmmaWork::place(ThreadBuilder &b, Value item, Value rank) const {
  int64_t area = rowItems() * columnTiles();
  auto [row, column] = cell(b, b.rem(item, area));
  Value zero = b.number(0);
  if (tile.sharing > 1)
    row = b.mulAdd(row, tile.sharing, rank);
  return {b.div(item, area), b.mul(row, tile.rows), b.mul(column, tile.columns),
          tile.parts > 1 ? rank : zero};
}

std::pair<Value, Value> WgmmaWork::depths(ThreadBuilder &b,
                                          const GemmPlace &place) const {
  return depthsOfPart(b, place.part, tile.parts, tile.partDepth, extents.k);
}
