#include "compiler/lowering/emit/gpu/SimtProduct.h"
#include "compiler/lowering/ScalarOps.h"
#include "compiler/lowering/emit/MatrixProduct.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mpc;

SimtProduct::SimtProduct(ThreadBuilder &b, const SimtTile &tile, Value shared,
                         OperandSource left, OperandSource right)
    : b(b), tile(tile), shared(shared), left{std::move(left), tile.rows, 0},
      right{std::move(right), tile.columns, tile.depth * tile.pitch(tile.rows)},
      thread(b.thread()) {
  int64_t across = tile.columns / tile.threadColumns;
  threadRow = b.div(thread, across);
  threadColumn = b.rem(thread, across);
}

void SimtProduct::run(Value first, Value end, int64_t most, int64_t pitch) {
  keep(fetch(first), b.number(0));
  Values sums = sum(first, end, most);
  b.barrier();
  writeSums(sums, pitch);
}

//===-- From the sources to shared memory ---------------------------------===//

int64_t SimtProduct::turns(const Operand &of) const {
  return of.width * tile.depth / (tile.threads() * chunk);
}

SimtProduct::Spot SimtProduct::spot(const Operand &of, int64_t turn) {
  Value number = b.add(thread, turn * tile.threads());
  int64_t line = (of.source.depthFirst ? tile.depth : of.width) / chunk;
  Value along = b.mul(b.rem(number, line), chunk);
  Value across = b.div(number, line);
  return of.source.depthFirst ? Spot{across, along} : Spot{along, across};
}

// What this thread brings of the step that starts at depth `step`.
SimtProduct::Values SimtProduct::fetch(Value step) {
  Values fetched;
  for (const Operand *of : {&left, &right})
    for (int64_t turn = 0; turn < turns(*of); ++turn) {
      Spot here = spot(*of, turn);
      llvm::append_range(fetched,
                         of->source.read(here.at, b.add(step, here.depth)));
    }
  return fetched;
}

// Puts it into shared buffer 0 or 1.
void SimtProduct::keep(ArrayRef<Value> fetched, Value buffer) {
  for (const Operand *of : {&left, &right})
    for (int64_t turn = 0; turn < turns(*of); ++turn) {
      size_t count = size_t(pieces(*of));
      keepChunk(*of, spot(*of, turn), fetched.take_front(count), buffer);
      fetched = fetched.drop_front(count);
    }
}

void SimtProduct::keepChunk(const Operand &of, Spot spot,
                            ArrayRef<Value> pieces, Value buffer) {
  int64_t pitch = tile.pitch(of.width), lanes = of.source.lanes;
  Value first = b.add(b.mulAdd(spot.depth, pitch, spot.at), of.offset);
  Value base =
      b.at(shared, b.mul(b.mulAdd(buffer, tile.stepFloats(), first), 4));
  for (auto [i, piece] : llvm::enumerate(pieces)) {
    int64_t at = int64_t(i) * lanes;
    if (!of.source.depthFirst)
      b.store(piece, b.at(base, at * 4));
    else
      for (int64_t lane = 0; lane < lanes; ++lane)
        b.store(b.extract(piece, lane), b.at(base, (at + lane) * pitch * 4));
  }
}

//===-- The sums ----------------------------------------------------------===//

int64_t SimtProduct::columnWidth() const {
  return std::min<int64_t>(tile.threadColumns, 4);
}

SimtProduct::Values SimtProduct::zeros() {
  return Values(size_t(tile.threadRows * columnGroups()),
                b.zero(withLanes(b.getF32Type(), columnWidth())));
}

SimtProduct::Values SimtProduct::sum(Value first, Value end, int64_t most) {
  if (most <= productDepth)
    return add(zeros(), sumBlock(first, end));
  return b.loop(first, end, productDepth, zeros(),
                [&](Value begin, ValueRange before) {
                  Value next = b.add(begin, productDepth);
                  next = b.select(b.less(next, end), next, end);
                  return add(before, sumBlock(begin, next));
                });
}

// The sums over depths [begin, end), at most productDepth of them. The step at
// `begin` is in shared memory already, and so will be the one at `end`.
SimtProduct::Values SimtProduct::sumBlock(Value begin, Value end) {
  return b.loop(begin, end, tile.depth, zeros(),
                [&](Value step, ValueRange sums) {
                  b.barrier();
                  Value buffer = b.rem(b.div(step, tile.depth), 2);
                  Values fetched = fetch(b.add(step, tile.depth));
                  Values next = multiply(buffer, sums);
                  keep(fetched, b.sub(b.number(1), buffer));
                  return next;
                });
}

SimtProduct::Values SimtProduct::multiply(Value buffer, ValueRange sums) {
  Values next(sums);
  for (int64_t depth = 0; depth < tile.depth; ++depth) {
    Values rows = fragment(left, buffer, depth, threadRow, tile.threadRows);
    Values columns =
        fragment(right, buffer, depth, threadColumn, tile.threadColumns);
    int64_t height = tile.threadRows / int64_t(rows.size());
    for (int64_t r = 0; r < tile.threadRows; ++r) {
      Value one = b.extract(rows[size_t(r / height)], r % height);
      Value row = broadcastLanes(b, b.getLoc(), one, columnWidth());
      for (int64_t c = 0; c < columnGroups(); ++c) {
        Value &sum = next[size_t(r * columnGroups() + c)];
        sum = math::FmaOp::create(b, row, columns[size_t(c)], sum);
      }
    }
  }
  return next;
}

// A thread's elements of one depth: groups of `width`, spread evenly.
SimtProduct::Values SimtProduct::fragment(const Operand &from, Value buffer,
                                          int64_t depth, Value place,
                                          int64_t count) {
  int64_t width = std::min<int64_t>(count, 4), groups = count / width;
  int64_t start = depth * tile.pitch(from.width) + from.offset;
  Value base = b.add(b.mul(buffer, tile.stepFloats()), b.mul(place, width));
  Values result;
  for (int64_t g = 0; g < groups; ++g) {
    Value at = b.add(base, start + g * (from.width / groups));
    result.push_back(b.load(b.at(shared, b.mul(at, 4)), b.getF32Type(), width));
  }
  return result;
}

SimtProduct::Values SimtProduct::add(ValueRange sums, ValueRange parts) {
  Values after;
  for (auto [sum, part] : llvm::zip_equal(sums, parts))
    after.push_back(arith::AddFOp::create(b, sum, part));
  return after;
}

void SimtProduct::writeSums(ValueRange sums, int64_t pitch) {
  int64_t height = std::min<int64_t>(tile.threadRows, 4);
  int64_t rowGroups = tile.threadRows / height;
  for (int64_t r = 0; r < tile.threadRows; ++r) {
    Value row = b.add(b.mul(threadRow, height),
                      r / height * (tile.rows / rowGroups) + r % height);
    for (int64_t c = 0; c < columnGroups(); ++c) {
      Value column = b.add(b.mul(threadColumn, columnWidth()),
                           c * (tile.columns / columnGroups()));
      Value at = b.mul(b.mulAdd(row, pitch, column), 4);
      b.store(sums[size_t(r * columnGroups() + c)], b.at(shared, at));
    }
  }
}
