#include "compiler/lowering/emit/gpu/WgmmaResults.h"
#include "compiler/lowering/ScalarOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mpc;

// Of the memory in which a warp turns 16 rows around.
static constexpr int64_t turnedRowBytes = WgmmaTile::turnBytes / 16;

// Sums that are rounded to 16 bits before anything else is done with them are
// turned around as such.
static Type stagedType(const GemmProblem &p) {
  Type stored = getElementTypeOrSelf(p.result.getType());
  bool isSum = !p.c && p.alpha == 1;
  return isSum && stored.getIntOrFloatBitWidth() == 16
             ? stored
             : Float32Type::get(stored.getContext());
}

WgmmaResults::WgmmaResults(GpuKernel &kernel, const GemmProblem &problem,
                           const WgmmaWork &work, ThreadBuilder &b,
                           Value thread, Value rank)
    : k(kernel), work(work), tile(work.tile), b(b), cores(b),
      result(resultOf(kernel, problem, tile.parts > 1 ? 4 : 8)),
      staged(stagedType(problem)), thread(thread), rank(rank),
      warp(cores.uniform(b.div(thread, 32))), lane(b.rem(thread, 32)) {
  k.elements.assumeWholeVectors();
}

void WgmmaResults::write(const GemmPlace &place, Value sums) {
  if (tile.parts > 1)
    return writeParts(place, sums);
  int64_t most = turnedRowBytes / stagedBytes();
  for (int64_t first = 0; first < tile.columns; first += most) {
    int64_t width = std::min(most, tile.columns - first);
    turn(sums, first, width);
    writeTurned(place, first, width);
  }
}

int64_t WgmmaResults::stagedBytes() const {
  return staged.getIntOrFloatBitWidth() / 8;
}

// Where 8 columns of a row lie: a permutation in each 128 bytes.
Value WgmmaResults::turned(Value row, Value group) const {
  int64_t groupBytes = 8 * stagedBytes();
  Value place = b.exclusiveOr(group, b.rem(row, 128 / groupBytes));
  Value offset = b.mulAdd(row, turnedRowBytes, b.mul(place, groupBytes));
  return b.at(k.shared, b.add(b.mulAdd(warp, WgmmaTile::turnBytes, offset),
                              tile.turnOffset()));
}

void WgmmaResults::turn(Value sums, int64_t first, int64_t width) {
  // What was there before has been read.
  cores.syncWarp();
  for (int64_t group = 0; group < width / 8; ++group)
    for (int64_t half = 0; half < 2; ++half) {
      Value pair = cores.pair(sums, (first / 8 + group) * 4 + half * 2);
      if (!staged.isF32())
        pair = arith::TruncFOp::create(b, withLanes(staged, 2), pair);
      Value row = b.add(b.div(lane, 4), half * 8);
      Value inGroup = b.mul(b.rem(lane, 4), 2 * stagedBytes());
      b.store(pair, b.at(turned(row, b.number(group)), inGroup));
    }
  cores.syncWarp();
}

void WgmmaResults::writeTurned(const GemmPlace &place, int64_t first,
                               int64_t width) {
  int64_t lanes = result.lanes, chunks = width / lanes;
  b.loop(b.number(0), b.number(16 * chunks), 32, [&](Value turn) {
    Value chunk = b.add(turn, lane);
    Value row = b.div(chunk, chunks),
          column = b.mul(b.rem(chunk, chunks), lanes);
    Value from = b.at(turned(row, b.div(column, 8)),
                      b.mul(b.rem(column, 8), stagedBytes()));
    Value sum = b.load(from, staged, lanes);
    if (!staged.isF32())
      sum = arith::ExtFOp::create(b, withLanes(b.getF32Type(), lanes), sum);
    writeSum(place, b.mulAdd(warp, 16, row), b.add(column, first), sum);
  });
}

void WgmmaResults::writeSum(const GemmPlace &place, Value inRow, Value inColumn,
                            Value sum) {
  Value row = b.add(place.row, inRow), column = b.add(place.column, inColumn);
  auto write = [&] { result.write(b, sum, place.batch, row, column); };
  if (work.isWhole())
    return write();
  b.branch(b.both(b.less(row, work.extents.m), b.less(column, work.extents.n)),
           write);
}

void WgmmaResults::storeParts(Value sums) {
  Value row = b.mulAdd(warp, 16, b.div(lane, 4));
  Value column = b.mul(b.rem(lane, 4), 2);
  for (int64_t pair = 0; pair < tile.columns / 4; ++pair) {
    Value at = b.mulAdd(b.add(row, pair % 2 * 8), tile.sumsPitch(),
                        b.add(column, pair / 2 * 8));
    b.store(cores.pair(sums, pair * 2), b.at(k.shared, b.mul(at, 4)));
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
void WgmmaResults::writeParts(const GemmPlace &place, Value sums) {
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
