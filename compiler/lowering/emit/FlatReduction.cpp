// Sums over all elements of one or many tensors: global_norm, nonfinite_count
// and pointwise_loss. Phase 0 sums chunks of fixed size into a workspace, phase
// 1 adds the partial sums in order; a single chunk needs one phase.
#include "compiler/lowering/LossOps.h"
#include "compiler/lowering/emit/Emitters.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>

using namespace mlir;
using namespace mpc;

static constexpr int64_t chunkElements = 8192;
static constexpr int64_t vectorLanes = 8;

static int64_t chunksOf(Value tensor) {
  return (elementCount(shapeOf(tensor)) + chunkElements - 1) / chunkElements;
}

// The tensors whose elements are walked; pointwise_loss reads its target along
// with the prediction.
static SmallVector<Value> tensorsOf(Operation *root) {
  if (isa<PointwiseLossOp>(root))
    return {root->getOperand(0)};
  return SmallVector<Value>(root->getOperands());
}

static int64_t chunkCount(KernelOp kernel) {
  int64_t count = 0;
  for (Value tensor : tensorsOf(kernel.getRootOp()))
    count += chunksOf(tensor);
  return count;
}

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  int64_t chunks = chunkCount(kernel);
  if (chunks <= 1)
    return {1};
  return {chunks, 1};
}

static bool isCount(Operation *root) { return isa<NonfiniteCountOp>(root); }

static SmallVector<MemRefType> workspacesOf(KernelOp kernel) {
  Builder b(kernel);
  Type type =
      isCount(kernel.getRootOp()) ? Type(b.getI64Type()) : b.getF32Type();
  return {MemRefType::get({std::max<int64_t>(chunkCount(kernel), 1)}, type)};
}

namespace {
class Emit {
public:
  explicit Emit(TileKernel &k) : k(k), b(k.b), loc(k.loc) {}

  void run() {
    k.elements.assumeWholeVectors();
    bool single = chunkCount(k.kernel) <= 1;
    if (k.phase == 0)
      sumChunks(single);
    if (k.phase == 1 || single)
      k.forTiles([&](Value) { combine(); });
  }

private:
  TileKernel &k;
  OpBuilder &b;
  Location loc;

  Type wordType() {
    return isCount(k.root) ? Type(b.getI64Type()) : b.getF32Type();
  }
  Value zero(int64_t lanes) {
    return isCount(k.root) ? intConstant(b, loc, b.getI64Type(), 0, lanes)
                           : f32Constant(b, loc, 0, lanes);
  }
  Value add(Value x, Value y) {
    if (isCount(k.root))
      return arith::AddIOp::create(b, loc, x, y);
    return arith::AddFOp::create(b, loc, x, y);
  }

  // What one element adds.
  Value term(Value tensor, Value i, int64_t lanes) {
    Value x = k.elements.loadFlat(b, loc, tensor, i, lanes);
    if (isCount(k.root)) {
      // Not below infinity: infinite or NaN.
      Value infinity =
          f32Constant(b, loc, std::numeric_limits<double>::infinity(), lanes);
      Value found =
          arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UGE,
                                math::AbsFOp::create(b, loc, x), infinity);
      return arith::ExtUIOp::create(b, loc, withLanes(b.getI64Type(), lanes),
                                    found);
    }
    if (auto loss = dyn_cast<PointwiseLossOp>(k.root))
      return emitPointwiseLoss(
          b, loc, loss.getKind(), x,
          k.elements.loadFlat(b, loc, loss.getTarget(), i, lanes));
    return arith::MulFOp::create(b, loc, x, x);
  }

  void sumChunks(bool single) {
    int64_t firstChunk = 0;
    for (Value tensor : tensorsOf(k.root)) {
      int64_t chunks = chunksOf(tensor);
      Value lo =
          arith::MaxSIOp::create(b, loc, k.firstTile, k.index(firstChunk));
      Value hi = arith::MinSIOp::create(b, loc, k.endTile,
                                        k.index(firstChunk + chunks));
      k.forRange(lo, hi, 1, [&](Value tile) {
        Value chunk = arith::SubIOp::create(b, loc, tile, k.index(firstChunk));
        Value begin = k.times(chunk, chunkElements);
        int64_t size = elementCount(shapeOf(tensor));
        Value total =
            sumRange(tensor, begin, k.blockEnd(begin, chunkElements, size));
        k.once([&] {
          memref::StoreOp::create(b, loc, total, k.workspaces[0], tile);
        });
      });
      firstChunk += chunks;
    }
    if (firstChunk == 0 && single)
      memref::StoreOp::create(b, loc, zero(1), k.workspaces[0], k.index(0));
  }

  // Each thread of the team sums its share, in lanes while they last.
  Value sumRange(Value tensor, Value begin, Value end) {
    int64_t size = elementCount(shapeOf(tensor));
    Value middle = k.wholeLanes(begin, end, vectorLanes);
    Value wide = k.team.size > 1 ? unrolled(tensor, begin)
                                 : sumLoop(tensor, begin, middle, vectorLanes);
    Value total = k.sumLanes(wide);
    if (size % vectorLanes != 0)
      total = add(total, sumLoop(tensor, middle, end, 1));
    return k.joinTeam(total, [&](Value x, Value y) { return add(x, y); });
  }

  Value sumLoop(Value tensor, Value lo, Value hi, int64_t lanes) {
    if (k.team.size > 1)
      lo = arith::AddIOp::create(b, loc, lo, k.times(k.team.rank, lanes));
    return k.fold(lo, hi, k.team.size * lanes, zero(lanes),
                  [&](Value i, ValueRange c) -> SmallVector<Value> {
                    return {add(c[0], term(tensor, i, lanes))};
                  })[0];
  }

  // The same sum of whole vectors without branches, so that all loads of a
  // chunk are on their way at once. Behind the tensor's end its first vector is
  // read instead and dropped.
  Value unrolled(Value tensor, Value begin) {
    int64_t whole = elementCount(shapeOf(tensor)) / vectorLanes * vectorLanes;
    if (whole == 0)
      return zero(vectorLanes);
    Value total = zero(vectorLanes);
    Value first =
        arith::AddIOp::create(b, loc, begin, k.times(k.team.rank, vectorLanes));
    for (int64_t at = 0; at < chunkElements; at += k.team.size * vectorLanes) {
      Value i = arith::AddIOp::create(b, loc, first, k.index(at));
      if (whole % chunkElements == 0) {
        total = add(total, term(tensor, i, vectorLanes));
        continue;
      }
      Value inside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, i,
                                           k.index(whole));
      Value place = arith::SelectOp::create(b, loc, inside, i, k.index(0));
      Value found = term(tensor, place, vectorLanes);
      total = add(total, arith::SelectOp::create(b, loc, inside, found,
                                                 zero(vectorLanes)));
    }
    return total;
  }

  void combine() {
    int64_t chunks = std::max<int64_t>(chunkCount(k.kernel), 1);
    Value total = k.foldShare(
        0, chunks, 1, zero(1),
        [&](Value i, ValueRange c) -> SmallVector<Value> {
          return {
              add(c[0], memref::LoadOp::create(b, loc, k.workspaces[0], i))};
        })[0];
    total = k.joinTeam(total, [&](Value x, Value y) { return add(x, y); });
    k.once([&] { finish(total); });
  }

  void finish(Value total) {
    Value result = k.root->getResult(0);
    if (isCount(k.root)) {
      Value finite = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                           total, zero(1));
      k.store({{result, total}, {k.root->getResult(1), finite}}, {});
    } else if (isa<PointwiseLossOp>(k.root)) {
      double count = double(elementCount(shapeOf(k.root->getOperand(0))));
      Value mean =
          arith::DivFOp::create(b, loc, total, f32Constant(b, loc, count));
      k.store({{result, mean}}, {});
    } else {
      k.store({{result, math::SqrtOp::create(b, loc, total)}}, {});
    }
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
const TileEmitter mpc::pointwiseLossEmitter = {"mpc.pointwise_loss", tilesOf,
                                               workspacesOf, emitFlat, teamOf};
