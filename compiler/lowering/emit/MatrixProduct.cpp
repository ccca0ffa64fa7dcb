#include "compiler/lowering/emit/MatrixProduct.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mpc;

RegisterTile RegisterTile::forLanes(int64_t lanes) {
  if (lanes >= 16)
    return {16, 12, 2};
  return {lanes, 6, 2};
}

RegisterTile RegisterTile::forResult(int64_t lanes, int64_t rows,
                                     int64_t columns) {
  RegisterTile tile = forLanes(lanes);
  if (rows >= tile.rows)
    return tile;
  int64_t accumulators = tile.rows * tile.vectors;
  int64_t useful = std::max<int64_t>(llvm::divideCeil(columns, lanes), 1);
  tile.rows = std::max<int64_t>(rows, 1);
  tile.vectors = std::min({accumulators / tile.rows, useful, int64_t(4)});
  return tile;
}

int64_t mpc::evenPart(int64_t total, int64_t largest, int64_t unit) {
  int64_t parts = (total + largest - 1) / largest;
  int64_t part = (total + parts - 1) / parts;
  return (part + unit - 1) / unit * unit;
}

TileShape mpc::planTile(int64_t rows, int64_t columns, int64_t depth,
                        RegisterTile registers, int64_t copies) {
  constexpr int64_t enoughTiles = 8, enoughWork = 1 << 18;
  TileShape tile{evenPart(rows, 96, registers.rows),
                 evenPart(columns, 256, registers.columns()), productDepth};
  auto few = [&] {
    return copies * llvm::divideCeil(rows, tile.rows) *
               llvm::divideCeil(columns, tile.columns) <
           enoughTiles;
  };
  while (few() && tile.rows * tile.columns * depth >= 2 * enoughWork) {
    if (tile.columns > registers.columns() && tile.columns >= 2 * tile.rows)
      tile.columns = evenPart(columns, tile.columns / 2, registers.columns());
    else if (tile.rows > registers.rows)
      tile.rows = evenPart(rows, tile.rows / 2, registers.rows);
    else if (tile.columns > registers.columns())
      tile.columns = evenPart(columns, tile.columns / 2, registers.columns());
    else
      break;
  }
  return tile;
}

// A panel is packed with stores of whole vectors, so the last one may write up
// to a vector past its end.
MatrixProduct::MatrixProduct(LoopBuilder &b, RegisterTile registers,
                             TileShape shape)
    : b(b), tile(registers), shape(shape),
      aPanels{b.scratch(shape.rows * shape.depth + tile.lanes), tile.rows},
      bPanels{b.scratch(shape.columns * shape.depth + tile.lanes),
              tile.columns()},
      sums(b.scratch(shape.rows * shape.columns)) {}

void MatrixProduct::packA(Value count, Value depth, bool contiguousInDepth,
                          Load load) {
  pack(aPanels, b.index(0), count, depth, contiguousInDepth, load);
}

void MatrixProduct::packB(Value count, Value depth, bool contiguousInDepth,
                          Load load) {
  pack(bPanels, b.index(0), count, depth, contiguousInDepth, load);
}

void MatrixProduct::packColumns(Value first, Value count, Value depth,
                                bool contiguousInDepth, Load load) {
  pack(bPanels, b.div(first, bPanels.width), count, depth, contiguousInDepth,
       load);
}

void MatrixProduct::pack(const Panels &to, Value firstPanel, Value count,
                         Value depth, bool contiguousInDepth, Load load) {
  if (contiguousInDepth)
    packAlongDepth(to, firstPanel, count, depth, load);
  else
    packAlongWidth(to, firstPanel, count, depth, load);
}

Value MatrixProduct::place(const Panels &to, Value panel) {
  return b.mul(panel, shape.depth * to.width);
}

// The columns past the end of a ragged panel repeat the last one: they are
// computed, never stored.
static Value clamped(LoopBuilder &b, Value at, Value count) {
  return b.min(at, b.sub(count, b.index(1)));
}

// Rows of memory outside, so that each is read from end to end.
void MatrixProduct::packAlongWidth(const Panels &to, Value firstPanel,
                                   Value count, Value depth, Load load) {
  Value whole = b.div(count, to.width), rest = b.rem(count, to.width);
  b.loop(depth, [&](Value k) {
    b.loop(whole, [&](Value panel) {
      Value from = b.mul(panel, to.width);
      Value row = b.mulAdd(k, to.width, place(to, b.add(firstPanel, panel)));
      for (int64_t i = 0; i < to.width; i += tile.lanes) {
        int64_t lanes = std::min(tile.lanes, to.width - i);
        b.store(load(b.add(from, i), k, lanes), to.memory, b.add(row, i));
      }
    });
  });
  b.branch(b.less(b.index(0), rest), [&] {
    Value from = b.mul(whole, to.width);
    Value start = place(to, b.add(firstPanel, whole));
    b.loop(depth, [&](Value k) {
      b.loop(to.width, [&](Value i) {
        Value value = load(clamped(b, b.add(from, i), count), k, 1);
        b.store(value, to.memory, b.add(b.mulAdd(k, to.width, start), i));
      });
    });
  });
}

// Transposes a square of vectors: stage s swaps bit s of the row number with
// bit s of the lane number.
static void transposeSquare(LoopBuilder &b, MutableArrayRef<Value> rows) {
  int64_t size = rows.size();
  for (int64_t bit = 1; bit < size; bit *= 2)
    for (int64_t i = 0; i < size; ++i) {
      if (i & bit)
        continue;
      SmallVector<int64_t> low, high;
      for (int64_t lane = 0; lane < size; ++lane) {
        low.push_back(lane & bit ? size + (lane ^ bit) : lane);
        high.push_back(lane & bit ? size + lane : lane | bit);
      }
      Value upper = rows[i], lower = rows[i | bit];
      rows[i] = vector::ShuffleOp::create(b, upper, lower, low);
      rows[i | bit] = vector::ShuffleOp::create(b, upper, lower, high);
    }
}

void MatrixProduct::packAlongDepth(const Panels &to, Value firstPanel,
                                   Value count, Value depth, Load load) {
  int64_t lanes = tile.lanes;
  b.loop(b.ceilDiv(count, to.width), [&](Value panel) {
    Value from = b.mul(panel, to.width);
    for (int64_t first = 0; first < to.width; first += lanes) {
      int64_t used = std::min(lanes, to.width - first);
      SmallVector<Value> at;
      for (int64_t i = 0; i < used; ++i)
        at.push_back(clamped(b, b.add(from, first + i), count));
      Value start = b.add(place(to, b.add(firstPanel, panel)), first);
      b.lanes(depth, lanes, [&](Value k, int64_t step) {
        SmallVector<Value> rows;
        for (Value row : at)
          rows.push_back(load(row, k, step));
        // Lanes past `used` land in the next depth, which is written later.
        if (step > 1) {
          rows.resize(lanes, b.f32(0, lanes));
          transposeSquare(b, rows);
        }
        Value target = b.mulAdd(k, to.width, start);
        for (auto [i, value] : llvm::enumerate(rows))
          b.store(value, to.memory, b.add(target, step > 1 ? i * to.width : i));
      });
    }
  });
}

void MatrixProduct::multiply(Value rows, Value columns, Value depth,
                             Value first) {
  b.loop(b.ceilDiv(columns, tile.columns()), [&](Value bPanel) {
    b.loop(b.ceilDiv(rows, tile.rows), [&](Value aPanel) {
      multiplyRegisters(aPanel, bPanel, depth, first);
    });
  });
}

void MatrixProduct::multiplyRegisters(Value aPanel, Value bPanel, Value depth,
                                      Value first) {
  Value aPlace = b.mul(aPanel, shape.depth * tile.rows);
  Value bPlace = b.mul(bPanel, shape.depth * tile.columns());
  SmallVector<Value> zeros(tile.rows * tile.vectors, b.f32(0, tile.lanes));
  SmallVector<Value> parts =
      b.loop(b.index(0), depth, 1, zeros, [&](Value k, ValueRange carried) {
        SmallVector<Value> next(carried), columns;
        Value bRow = b.mulAdd(k, tile.columns(), bPlace);
        for (int64_t v = 0; v < tile.vectors; ++v)
          columns.push_back(
              b.load(bPanels.memory, b.add(bRow, v * tile.lanes), tile.lanes));
        Value aRow = b.mulAdd(k, tile.rows, aPlace);
        for (int64_t r = 0; r < tile.rows; ++r) {
          Value a = vector::BroadcastOp::create(
              b, b.f32Type(tile.lanes), b.load(aPanels.memory, b.add(aRow, r)));
          for (int64_t v = 0; v < tile.vectors; ++v) {
            Value &part = next[r * tile.vectors + v];
            part = math::FmaOp::create(b, a, columns[v], part);
          }
        }
        return next;
      });
  Value row = b.mul(aPanel, tile.rows * shape.columns);
  Value corner = b.mulAdd(bPanel, tile.columns(), row);
  for (int64_t r = 0; r < tile.rows; ++r)
    for (int64_t v = 0; v < tile.vectors; ++v) {
      Value at = b.add(corner, r * shape.columns + v * tile.lanes);
      Value before =
          b.select(first, b.f32(0, tile.lanes), b.load(sums, at, tile.lanes));
      Value part = parts[r * tile.vectors + v];
      b.store(arith::AddFOp::create(b, before, part), sums, at);
    }
}

Value MatrixProduct::sum(Value row, Value column, int64_t lanes) {
  return b.load(sums, b.mulAdd(row, shape.columns, column), lanes);
}
