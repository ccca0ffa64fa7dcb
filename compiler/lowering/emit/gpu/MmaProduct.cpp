#include "compiler/lowering/emit/gpu/MmaProduct.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mpc;

MmaProduct::MmaProduct(ThreadBuilder &b, const MmaTile &tile, Type element,
                       Value shared, MmaLoader &left, MmaLoader &right)
    : b(b), cores(b), tile(tile), element(element), shared(shared), left(left),
      right(right) {
  Value thread = b.thread();
  lane = b.rem(thread, 32);
  Value warp = cores.uniform(b.div(thread, 32));
  warpRow = b.mul(b.div(warp, tile.warpsAcross()), tile.warpRows);
  warpColumn = b.mul(b.rem(warp, tile.warpsAcross()), tile.warpColumns);
  leftPieces = pieces(left.layout, warpRow, tile.warpRows);
  rightPieces = pieces(right.layout, warpColumn, tile.warpColumns);
}

void MmaProduct::run(Value first, Value end, int64_t pitch) {
  fillRing(first, end);
  Values sums = sum(first, end);
  // Nobody reads the ring any more.
  b.barrier();
  writeSums(sums, pitch);
}

//===-- The ring ----------------------------------------------------------===//

Value MmaProduct::leftOf(Value stage) {
  return b.at(shared, b.mul(stage, tile.stageBytes()));
}

Value MmaProduct::rightOf(Value stage) {
  return b.at(shared, b.add(b.mul(stage, tile.stageBytes()), tile.leftBytes()));
}

MmaProduct::Held MmaProduct::start(Value depth, Value isStep, Value stage) {
  return {left.start(depth, isStep, leftOf(stage)),
          right.start(depth, isStep, rightOf(stage))};
}

void MmaProduct::finish(const Held &held, Value stage) {
  left.finish(held.left, leftOf(stage));
  right.finish(held.right, rightOf(stage));
}

// A group of copies ends with each step, even where there is no step: groups
// are what is waited for.
void MmaProduct::fillRing(Value first, Value end) {
  for (int64_t i = 0; i < std::max<int64_t>(tile.stages - 1, 1); ++i) {
    Value depth = b.add(first, i * tile.depth), stage = b.number(i);
    // A part has a first step.
    finish(start(depth, i ? b.less(depth, end) : Value(), stage), stage);
    cores.endCopies();
  }
}

// At the barrier all threads have seen their part of the step come, and have
// read the step before.
MmaProduct::Values MmaProduct::sum(Value first, Value end) {
  Values zeros(sumIndex(tile.warpRows / 16, 0), b.zero(b.getF32Type()));
  if (tile.stages == 1) {
    cores.waitForCopies(0);
    b.barrier();
    return multiply(b.number(0), zeros);
  }
  Values carried = {b.number(0)};
  carried.append(zeros);
  auto body = [&](Value depth, ValueRange all) -> Values {
    Value stage = all.front();
    cores.waitForCopies(tile.stages - 2);
    b.barrier();
    Value ahead = b.add(depth, (tile.stages - 1) * tile.depth);
    Value before = b.select(b.equal(stage, 0), b.number(tile.stages - 1),
                            b.sub(stage, b.number(1)));
    Held held = start(ahead, b.less(ahead, end), before);
    cores.endCopies();
    Values sums = multiply(stage, all.drop_front());
    finish(held, before);
    Value next = b.add(stage, 1);
    next = b.select(b.equal(next, tile.stages), b.number(0), next);
    sums.insert(sums.begin(), next);
    return sums;
  };
  Values last = b.loop(first, end, tile.depth, carried, body);
  return Values(ArrayRef<Value>(last).drop_front());
}

//===-- The products ------------------------------------------------------===//

// Sums of rows 16 i and columns 8 j of the warp: four of each lane.
size_t MmaProduct::sumIndex(int64_t rows16, int64_t columns8) const {
  return size_t((rows16 * (tile.warpColumns / 8) + columns8) * 4);
}

// Of a 16 x 16 piece lane l names row l mod 16 and depth 0 or 8, or, where rows
// are depths, depth l mod 8, plus 8 for the upper half of the lanes, and column
// 0 or 8. The permutation's bits are those of the row's number mod 8 at most,
// so that 16 rows further down it is the same, and so 64 elements further
// right.
MmaProduct::Pieces MmaProduct::pieces(const MmaLayout &layout, Value warpAt,
                                      int64_t warpWidth) {
  Pieces result{layout, {}};
  Value in8 = b.rem(lane, 8), odd = b.rem(b.div(lane, 8), 2),
        half = b.div(lane, 16);
  auto place = [&](Value row, Value column) {
    return swizzled(b, layout,
                    b.mul(b.mulAdd(row, layout.rowElements(), column), 2));
  };
  if (layout.depthFirst) {
    Value row = b.add(warpAt, b.mulAdd(odd, 8, in8));
    for (int64_t depth = 0; depth < layout.depth; depth += 16)
      result.places.push_back(place(row, b.add(b.mul(half, 8), depth)));
    return result;
  }
  Value row = b.mulAdd(half, 8, in8);
  for (int64_t at = 0; at < std::min<int64_t>(warpWidth, 64); at += 16)
    result.places.push_back(place(row, b.add(b.mulAdd(odd, 8, warpAt), at)));
  return result;
}

TensorCores::Fragment MmaProduct::load(const Pieces &from, Value operand,
                                       int64_t piece, int64_t slice) {
  int64_t sixteenRows = 16 * from.layout.rowBytes();
  if (from.layout.depthFirst) {
    Value at = b.add(from.places[size_t(slice)], piece * sixteenRows);
    return cores.loadMatrices(b.at(operand, at), /*transposed=*/false);
  }
  int64_t own = int64_t(from.places.size());
  Value at = b.add(from.places[size_t(piece % own)],
                   piece / own * 128 + slice * sixteenRows);
  return cores.loadMatrices(b.at(operand, at), /*transposed=*/true);
}

MmaProduct::Values MmaProduct::multiply(Value stage, ValueRange sums) {
  using Fragment = TensorCores::Fragment;
  Values next(sums);
  Value leftOperand = leftOf(stage), rightOperand = rightOf(stage);
  for (int64_t slice = 0; slice < tile.depth / 16; ++slice) {
    SmallVector<Fragment> columns;
    for (int64_t j = 0; j < tile.warpColumns / 16; ++j)
      columns.push_back(load(rightPieces, rightOperand, j, slice));
    for (int64_t i = 0; i < tile.warpRows / 16; ++i) {
      Fragment rows = load(leftPieces, leftOperand, i, slice);
      for (int64_t j = 0; j < tile.warpColumns / 8; ++j) {
        const Fragment &pair = columns[size_t(j / 2)];
        Value *sum = &next[sumIndex(i, j)];
        Fragment all =
            cores.multiply16({sum[0], sum[1], sum[2], sum[3]}, rows,
                             {pair[j % 2], pair[j % 2 + 2]}, element);
        llvm::copy(all, sum);
      }
    }
  }
  return next;
}

// Of 16 x 8 sums lane l has columns 2 (l mod 4) and the next of rows l / 4 and
// that plus 8.
void MmaProduct::writeSums(ValueRange sums, int64_t pitch) {
  Value row = b.add(warpRow, b.div(lane, 4));
  Value column = b.add(warpColumn, b.mul(b.rem(lane, 4), 2));
  Value corner = b.at(shared, b.mul(b.mulAdd(row, pitch, column), 4));
  for (int64_t i = 0; i < tile.warpRows / 16; ++i)
    for (int64_t j = 0; j < tile.warpColumns / 8; ++j)
      for (int64_t half = 0; half < 2; ++half) {
        size_t first = sumIndex(i, j) + size_t(half * 2);
        Value pair = vector::FromElementsOp::create(
            b, VectorType::get({2}, b.getF32Type()),
            ValueRange{sums[first], sums[first + 1]});
        b.store(pair, b.at(corner, ((i * 16 + half * 8) * pitch + j * 8) * 4));
      }
}
