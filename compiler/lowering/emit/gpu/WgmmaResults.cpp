#include "compiler/lowering/emit/gpu/WgmmaResults.h"
#include "compiler/lowering/ScalarOps.h"
#include "compiler/lowering/gpu/TileCode.h"
#include "mlir/IR/TypeUtilities.h"
#include <numeric>

using namespace mlir;
using namespace mpc;

bool mpc::areResultsNarrow(const GemmProblem &p) {
  bool isNarrow =
      getElementTypeOrSelf(p.result.getType()).getIntOrFloatBitWidth() == 16;
  if (!isNarrow || !p.c)
    return isNarrow;
  ArrayRef<int64_t> added = shapeOf(p.c);
  return p.n % 2 == 0 && (added.size() < 2 || added.front() == 1);
}

WgmmaResults::WgmmaResults(GpuKernel &kernel, const GemmProblem &problem,
                           const WgmmaWork &work, ThreadBuilder &b,
                           Value thread, Value rank)
    : k(kernel), problem(problem), work(work), tile(work.tile), b(b), cores(b),
      result(resultOf(kernel, problem, tile.parts > 1 ? 4 : 8)),
      staged(tile.parts == 1 && areResultsNarrow(problem)
                 ? getElementTypeOrSelf(problem.result.getType())
                 : b.getF32Type()),
      thread(thread), rank(rank), warp(cores.uniform(b.div(thread, 32))),
      lane(b.rem(thread, 32)) {
  k.elements.assumeWholeVectors();
  // Half of the second-level cache of an H100, which operands need meanwhile.
  constexpr int64_t room = 25 << 20;
  if (bytesOf(k.kernel.getResults()) > room)
    k.elements.streamResults();
}

void WgmmaResults::write(const GemmPlace &place, ValueRange sums) {
  if (tile.parts > 1)
    return writeParts(place, sums);
  int64_t most = turnedRowBytes() / stagedBytes();
  for (int64_t first = 0; first < tile.columns; first += most) {
    int64_t width = std::min(most, tile.columns - first);
    turn(pairs(sums, first, width));
    b.loop(b.number(0), b.number(16 * width / result.lanes), 32,
           [&](Value turn) {
             writeChunk(place, b.add(turn, lane), first, width);
           });
  }
}

// Times that a warp writes a vector per lane, until all that it keeps is
// written.
int64_t WgmmaResults::turns() const {
  return 16 * tile.columns / result.lanes / 32;
}

WgmmaResults::Values WgmmaResults::nothingKept() {
  Values kept = {b.number(0), b.number(0), b.number(0), b.number(turns())};
  kept.append(size_t(tile.columns / 4), b.zero(withLanes(staged, 2)));
  return kept;
}

WgmmaResults::Values WgmmaResults::keep(const GemmPlace &place,
                                        ValueRange sums) {
  Values kept = {place.batch, place.row, place.column, b.number(0)};
  llvm::append_range(kept, pairs(sums, 0, tile.columns));
  return kept;
}

WgmmaResults::Values WgmmaResults::storeKept(ValueRange kept) {
  turn(kept.drop_front(4));
  return Values(kept.take_front(4));
}

WgmmaResults::Values WgmmaResults::writeSomeKept(ValueRange kept) {
  int64_t steps = llvm::divideCeil(work.extents.k, WgmmaTile::depth), some = 1;
  while (some * (steps - 1) < turns() || turns() % some)
    ++some;
  GemmPlace place = {kept[0], kept[1], kept[2], b.number(0)};
  b.branch(b.less(kept[3], turns()), [&] {
    for (int64_t i = 0; i < some; ++i)
      writeChunk(place, b.add(b.mul(b.add(kept[3], i), 32), lane), 0,
                 tile.columns);
  });
  return {kept[0], kept[1], kept[2], b.add(kept[3], some)};
}

void WgmmaResults::writeKept(ValueRange kept) {
  storeKept(kept);
  GemmPlace place = {kept[0], kept[1], kept[2], b.number(0)};
  int64_t together = std::gcd(int64_t(4), turns());
  b.loop(kept[3], b.number(turns()), together, [&](Value turn) {
    for (int64_t i = 0; i < together; ++i)
      writeChunk(place, b.add(b.mul(b.add(turn, i), 32), lane), 0,
                 tile.columns);
  });
}

int64_t WgmmaResults::stagedBytes() const {
  return staged.getIntOrFloatBitWidth() / 8;
}

// Of the memory in which a warp turns 16 rows around.
int64_t WgmmaResults::turnedRowBytes() const { return tile.turnBytes() / 16; }

// Where 8 columns of a row lie: a permutation in each 128 bytes.
Value WgmmaResults::turned(Value row, Value group) const {
  int64_t groupBytes = 8 * stagedBytes();
  Value place = b.exclusiveOr(group, b.rem(row, 128 / groupBytes));
  Value offset = b.mulAdd(row, turnedRowBytes(), b.mul(place, groupBytes));
  return b.at(k.shared, b.add(b.mulAdd(warp, tile.turnBytes(), offset),
                              tile.turnOffset()));
}

// Sums number `first` and the next.
Value WgmmaResults::pairOf(ValueRange sums, int64_t first) {
  int64_t each = tile.pieceColumns() / 2;
  return cores.pair(sums[size_t(first / each)], first % each);
}

// Of all groups of 8 columns in both halves of the rows two neighbours, rounded
// if results are.
WgmmaResults::Values WgmmaResults::pairs(ValueRange sums, int64_t first,
                                         int64_t width) {
  Values all;
  for (int64_t group = first / 8; group < (first + width) / 8; ++group)
    for (int64_t half = 0; half < 2; ++half) {
      Value pair = pairOf(sums, group * 4 + half * 2);
      all.push_back(staged.isF32() ? pair : rounded(pair, group));
    }
  return all;
}

void WgmmaResults::turn(ValueRange pairs) {
  // What was there before has been read.
  cores.syncWarp();
  // The same groups of each 128 bytes, of both halves of the rows, are at
  // constant distances.
  int64_t permuted = 128 / (8 * stagedBytes());
  Value inGroup = b.mul(b.rem(lane, 4), 2);
  Values to;
  for (int64_t group = 0; group < permuted; ++group)
    to.push_back(b.at(turned(b.div(lane, 4), b.number(group)),
                      b.mul(inGroup, stagedBytes())));
  for (auto [i, pair] : llvm::enumerate(pairs)) {
    int64_t group = int64_t(i) / 2, half = int64_t(i) % 2;
    b.store(pair, b.at(to[size_t(group % permuted)],
                       half * 8 * turnedRowBytes() + group / permuted * 128));
  }
  cores.syncWarp();
}

// Of columns outside what is added is read inside.
void WgmmaResults::fetchAdded(const GemmPlace &place) {
  added.clear();
  if (staged.isF32() || !problem.c)
    return;
  for (int64_t group = 0; group < tile.columns / 8; ++group) {
    Value column =
        b.add(place.column, b.add(b.mul(b.rem(lane, 4), 2), group * 8));
    if (!work.isWhole())
      column = b.select(b.less(column, problem.n), column, b.number(0));
    added.push_back(k.elements.load(
        b, k.loc, problem.c, {b.index(b.number(0)), b.index(column)}, 2));
  }
}

// Two neighbours of the result, of the group's columns.
Value WgmmaResults::rounded(Value pair, int64_t group) {
  pair =
      problem.scaled(b, pair, added.empty() ? Value() : added[size_t(group)]);
  return arith::TruncFOp::create(b, withLanes(staged, 2), pair);
}

// Chunk number `chunk` of the turned rows, a vector.
void WgmmaResults::writeChunk(const GemmPlace &place, Value chunk,
                              int64_t first, int64_t width) {
  int64_t lanes = result.lanes, chunks = width / lanes;
  Value row = b.div(chunk, chunks);
  Value column = b.mul(b.rem(chunk, chunks), lanes);
  Value from = b.at(turned(row, b.div(column, 8)),
                    b.mul(b.rem(column, 8), stagedBytes()));
  Value sum = b.load(from, staged, lanes);
  if (!staged.isF32())
    sum = arith::ExtFOp::create(b, withLanes(b.getF32Type(), lanes), sum);
  writeSum(place, b.mulAdd(warp, 16, row), b.add(column, first), sum);
}

void WgmmaResults::writeSum(const GemmPlace &place, Value inRow, Value inColumn,
                            Value sum) {
  Value row = b.add(place.row, inRow), column = b.add(place.column, inColumn);
  auto write = [&] {
    if (staged.isF32())
      return result.write(b, sum, place.batch, row, column);
    k.elements.store(b, k.loc, {{problem.result, sum}},
                     problem.indices(problem.result, b.index(place.batch),
                                     b.index(row), b.index(column)),
                     result.lanes);
  };
  if (work.isWhole())
    return write();
  b.branch(b.both(b.less(row, work.extents.m), b.less(column, work.extents.n)),
           write);
}

void WgmmaResults::storeParts(ValueRange sums) {
  Value row = b.mulAdd(warp, 16, b.div(lane, 4));
  Value column = b.mul(b.rem(lane, 4), 2);
  for (int64_t pair = 0; pair < tile.columns / 4; ++pair) {
    Value at = b.mulAdd(b.add(row, pair % 2 * 8), tile.sumsPitch(),
                        b.add(column, pair / 2 * 8));
    b.store(pairOf(sums, pair * 2), b.at(k.shared, b.mul(at, 4)));
  }
}

// sum = this block's + the next one's + ..., in this order: all at once from
// different ones.
Value WgmmaResults::addParts(Value chunk) {
  int64_t lanes = result.lanes, chunks = tile.columns / lanes;
  Value column = b.mul(b.rem(chunk, chunks), lanes);
  Value from =
            b.mul(b.mulAdd(b.div(chunk, chunks), tile.sumsPitch(), column), 4),
        sum;
  for (int64_t part = 0; part < tile.parts; ++part) {
    Value block = b.rem(b.add(rank, part), tile.parts);
    Value there = cores.inBlock(b.at(k.shared, from), block);
    Value one = b.load(there, b.getF32Type(), lanes);
    sum = sum ? arith::AddFOp::create(b, sum, one) : one;
  }
  return sum;
}

// Several chunks of the block's share are on their way at a time.
void WgmmaResults::writeParts(const GemmPlace &place, ValueRange sums) {
  int64_t threads = tile.threads() - 128;
  // Nobody of this block reads the ring any more.
  b.barrier(b.number(1), threads);
  storeParts(sums);
  cores.syncCluster();
  int64_t chunks = tile.columns / result.lanes, all = tile.rows * chunks;
  int64_t share = llvm::divideCeil(all, tile.parts);
  int64_t together = std::max<int64_t>(1, 8 / tile.parts);
  Value begin = b.add(b.mul(rank, share), thread);
  Value end = b.mulAdd(rank, share, b.number(share));
  end = b.select(b.less(end, all), end, b.number(all));
  b.loop(begin, end, threads * together, [&](Value first) {
    SmallVector<std::pair<Value, Value>> taken;
    for (int64_t i = 0; i < together; ++i) {
      Value chunk = b.add(first, i * threads);
      // Behind the end what is there is read, and nothing written.
      Value inside = b.select(b.less(chunk, end), chunk, first);
      taken.emplace_back(chunk, addParts(inside));
    }
    for (auto [chunk, sum] : taken)
      b.branch(b.less(chunk, end), [&] {
        writeSum(place, b.div(chunk, chunks),
                 b.mul(b.rem(chunk, chunks), result.lanes), sum);
      });
  });
}
