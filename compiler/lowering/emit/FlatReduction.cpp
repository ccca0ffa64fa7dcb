// Sums over all elements of one or many tensors: global_norm, nonfinite_count,
// both at once, and pointwise_loss. Phase 0 sums chunks of fixed size into a
// workspace, phase 1 adds the partial sums in order; a single chunk needs one
// phase.
#include "compiler/lowering/LossOps.h"
#include "compiler/lowering/emit/Emitters.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"
#include <limits>

using namespace mlir;
using namespace mpc;

static constexpr int64_t chunkElements = 8192;
static constexpr int64_t vectorLanes = 8;

static int64_t chunksOf(Value tensor) {
  return (elementCount(shapeOf(tensor)) + chunkElements - 1) / chunkElements;
}

namespace {
/// What is summed.
enum class Term { Square, Nonfinite, Loss };

/// One of the sums of a root, over all elements of `tensors`.
struct Sum {
  Term term;
  SmallVector<Value> tensors;
};
} // namespace

// All sums of a root are over the same shapes. pointwise_loss reads its target
// along with the prediction.
static SmallVector<Sum> sumsOf(Operation *root) {
  if (isa<PointwiseLossOp>(root))
    return {{Term::Loss, {root->getOperand(0)}}};
  if (auto both = dyn_cast<NormAndCountOp>(root))
    return {{Term::Square, SmallVector<Value>(both.getMeasured())},
            {Term::Nonfinite, SmallVector<Value>(both.getTested())}};
  Term term = isa<NonfiniteCountOp>(root) ? Term::Nonfinite : Term::Square;
  return {{term, SmallVector<Value>(root->getOperands())}};
}

static int64_t chunkCount(KernelOp kernel) {
  int64_t count = 0;
  SmallVector<Value> tensors = sumsOf(kernel.getRootOp()).front().tensors;
  for (Value tensor : tensors)
    count += chunksOf(tensor);
  return count;
}

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  int64_t chunks = chunkCount(kernel);
  if (chunks <= 1)
    return {1};
  return {chunks, 1};
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel) {
  Builder b(kernel);
  SmallVector<MemRefType> types;
  for (const Sum &sum : sumsOf(kernel.getRootOp()))
    types.push_back(MemRefType::get(
        {std::max<int64_t>(chunkCount(kernel), 1)},
        sum.term == Term::Nonfinite ? Type(b.getI64Type()) : b.getF32Type()));
  return types;
}

namespace {
class Emit {
public:
  explicit Emit(TileKernel &k)
      : k(k), b(k.b), loc(k.loc), sums(sumsOf(k.root)) {}

  void run() {
    k.elements.assumeWholeVectors();
    bool single = chunkCount(k.kernel) <= 1;
    if (k.phase == 0)
      sumChunks(single);
    if (k.phase == 1 || single)
      k.forTiles([&](Value) { combine(); });
  }

private:
  using Values = SmallVector<Value>; ///< one per sum
  TileKernel &k;
  OpBuilder &b;
  Location loc;
  SmallVector<Sum> sums;

  // Counts are i32 within a chunk, and i64 behind it.
  Value zero(size_t sum, bool inChunk, int64_t lanes) {
    if (sums[sum].term != Term::Nonfinite)
      return f32Constant(b, loc, 0, lanes);
    return intConstant(b, loc, inChunk ? b.getI32Type() : b.getI64Type(), 0,
                       lanes);
  }
  Values zeros(bool inChunk, int64_t lanes) {
    Values all;
    for (size_t i = 0; i < sums.size(); ++i)
      all.push_back(zero(i, inChunk, lanes));
    return all;
  }
  Value add(Value x, Value y) {
    if (isa<IntegerType>(getElementTypeOrSelf(x.getType())))
      return arith::AddIOp::create(b, loc, x, y);
    return arith::AddFOp::create(b, loc, x, y);
  }
  Values add(ValueRange x, ValueRange y) {
    Values all;
    for (auto [left, right] : llvm::zip_equal(x, y))
      all.push_back(add(left, right));
    return all;
  }
  Values joinTeam(ValueRange values) {
    Values all;
    for (Value value : values)
      all.push_back(
          k.joinTeam(value, [&](Value x, Value y) { return add(x, y); }));
    return all;
  }

  // What an element of the tensors `number` adds to each sum.
  Values terms(size_t number, Value i, int64_t lanes) {
    Values all;
    for (const Sum &sum : sums)
      all.push_back(term(sum.term, sum.tensors[number], i, lanes));
    return all;
  }
  Value term(Term term, Value tensor, Value i, int64_t lanes) {
    Value x = k.elements.loadFlat(b, loc, tensor, i, lanes);
    if (term == Term::Nonfinite) {
      // Not below infinity: infinite or NaN.
      Value infinity =
          f32Constant(b, loc, std::numeric_limits<double>::infinity(), lanes);
      Value found =
          arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UGE,
                                math::AbsFOp::create(b, loc, x), infinity);
      return arith::ExtUIOp::create(b, loc, withLanes(b.getI32Type(), lanes),
                                    found);
    }
    if (auto loss = dyn_cast<PointwiseLossOp>(k.root))
      return emitPointwiseLoss(
          b, loc, loss.getKind(), x,
          k.elements.loadFlat(b, loc, loss.getTarget(), i, lanes));
    return arith::MulFOp::create(b, loc, x, x);
  }

  void storeChunk(ValueRange totals, Value tile) {
    for (auto [total, memory] : llvm::zip_equal(totals, k.workspaces)) {
      Value word = total;
      if (total.getType().isInteger())
        word = arith::ExtUIOp::create(b, loc, b.getI64Type(), total);
      memref::StoreOp::create(b, loc, word, memory, tile);
    }
  }

  void sumChunks(bool single) {
    int64_t firstChunk = 0;
    for (auto [number, tensor] : llvm::enumerate(sums.front().tensors)) {
      int64_t chunks = chunksOf(tensor);
      Value lo =
          arith::MaxSIOp::create(b, loc, k.firstTile, k.index(firstChunk));
      Value hi = arith::MinSIOp::create(b, loc, k.endTile,
                                        k.index(firstChunk + chunks));
      k.forRange(lo, hi, 1, [&](Value tile) {
        Value chunk = arith::SubIOp::create(b, loc, tile, k.index(firstChunk));
        Value begin = k.times(chunk, chunkElements);
        int64_t size = elementCount(shapeOf(tensor));
        Values totals =
            sumRange(number, begin, k.blockEnd(begin, chunkElements, size));
        k.once([&] { storeChunk(totals, tile); });
      });
      firstChunk += chunks;
    }
    if (firstChunk == 0 && single)
      storeChunk(zeros(true, 1), k.index(0));
  }

  // Each thread of the team sums its share, in lanes while they last.
  Values sumRange(size_t number, Value begin, Value end) {
    int64_t size = elementCount(shapeOf(sums.front().tensors[number]));
    Value middle = k.wholeLanes(begin, end, vectorLanes);
    Values wide = k.team.size > 1 ? unrolled(number, size, begin)
                                  : sumLoop(number, begin, middle, vectorLanes);
    Values totals;
    for (Value lanes : wide)
      totals.push_back(k.sumLanes(lanes));
    if (size % vectorLanes != 0)
      totals = add(totals, sumLoop(number, middle, end, 1));
    return joinTeam(totals);
  }

  Values sumLoop(size_t number, Value lo, Value hi, int64_t lanes) {
    if (k.team.size > 1)
      lo = arith::AddIOp::create(b, loc, lo, k.times(k.team.rank, lanes));
    return k.fold(lo, hi, k.team.size * lanes, zeros(true, lanes),
                  [&](Value i, ValueRange c) -> Values {
                    return add(c, terms(number, i, lanes));
                  });
  }

  // The same sums of whole vectors without branches, so that all loads of a
  // chunk are on their way at once. Behind the tensor's end its first vector is
  // read instead and dropped.
  Values unrolled(size_t number, int64_t size, Value begin) {
    int64_t whole = size / vectorLanes * vectorLanes;
    Values none = zeros(true, vectorLanes), totals = none;
    if (whole == 0)
      return none;
    Value first =
        arith::AddIOp::create(b, loc, begin, k.times(k.team.rank, vectorLanes));
    for (int64_t at = 0; at < chunkElements; at += k.team.size * vectorLanes) {
      Value i = arith::AddIOp::create(b, loc, first, k.index(at));
      if (whole % chunkElements == 0) {
        totals = add(totals, terms(number, i, vectorLanes));
        continue;
      }
      Value inside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, i,
                                           k.index(whole));
      Value place = arith::SelectOp::create(b, loc, inside, i, k.index(0));
      Values found = terms(number, place, vectorLanes);
      for (auto [element, other] : llvm::zip_equal(found, none))
        element = arith::SelectOp::create(b, loc, inside, element, other);
      totals = add(totals, found);
    }
    return totals;
  }

  void combine() {
    int64_t chunks = std::max<int64_t>(chunkCount(k.kernel), 1);
    Values totals = k.foldShare(
        0, chunks, 1, zeros(false, 1), [&](Value i, ValueRange c) -> Values {
          Values parts;
          for (size_t sum = 0; sum < sums.size(); ++sum)
            parts.push_back(
                memref::LoadOp::create(b, loc, k.workspaces[sum], i));
          return add(c, parts);
        });
    totals = joinTeam(totals);
    k.once([&] { finish(totals); });
  }

  void finish(ValueRange totals) {
    SmallVector<std::pair<Value, Value>> elements;
    for (auto [sum, total] : llvm::zip_equal(sums, totals)) {
      Value result = k.root->getResult(unsigned(elements.size()));
      if (sum.term == Term::Square)
        total = math::SqrtOp::create(b, loc, total);
      if (sum.term == Term::Loss)
        total = arith::DivFOp::create(
            b, loc, total,
            f32Constant(b, loc, double(elementCount(shapeOf(sum.tensors[0])))));
      elements.push_back({result, total});
      if (sum.term == Term::Nonfinite)
        elements.push_back(
            {k.root->getResult(unsigned(elements.size())),
             arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, total,
                                   intConstant(b, loc, b.getI64Type(), 0))});
    }
    k.store(elements, {});
  }
};
} // namespace

static TeamShape teamOf(KernelOp, int64_t) { return {.size = 256}; }

static LogicalResult emitFlat(TileKernel &k) {
  for (Value operand : k.root->getOperands())
    if (!isFlat(operand))
      return k.kernel.emitOpError(
          "has a root that needs its operands without broadcasts before it");
  Emit(k).run();
  return success();
}

const TileEmitter mpc::globalNormEmitter = {"mpc.global_norm", tilesOf,
                                            workspacesOf, emitFlat, teamOf};
const TileEmitter mpc::nonfiniteCountEmitter = {"mpc.nonfinite_count", tilesOf,
                                                workspacesOf, emitFlat, teamOf};
const TileEmitter mpc::normAndCountEmitter = {"mpc.norm_and_count", tilesOf,
                                              workspacesOf, emitFlat, teamOf};
const TileEmitter mpc::pointwiseLossEmitter = {"mpc.pointwise_loss", tilesOf,
                                               workspacesOf, emitFlat, teamOf};
