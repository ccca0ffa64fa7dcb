// cross_entropy. Partial sums are taken per tile of positions and combined in
// order.
#include "compiler/lowering/emit/CrossEntropyRows.h"
#include "compiler/lowering/emit/Emitters.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mpc;

namespace {
class Emit : CrossEntropyRows {
public:
  using CrossEntropyRows::CrossEntropyRows;

  void run() {
    if (k.phase == 0)
      k.forTiles([&](Value tile) { sumTile(tile); });
    if (k.phase == 1 || p.tiles() == 1)
      k.forTiles([&](Value) { combine(); });
  }

private:
  // weights[y] * (1 - s) * -logp[y] + s / C * sum(weights[c] * -logp[c])
  Value rowLoss(Indices position, Value label) {
    Sum sum = sumOfPowers(position, 0);
    Value log = logOfSum(sum.total);
    auto surprise = [&](ValueRange at, int64_t lanes) {
      return sub(spread(log, lanes), shifted(sum.reference, at, lanes));
    };
    Value loss = surprise(classAt(position, safeIndex(label)), 1);
    if (p.isPlain())
      return loss;
    Value weight = mul(weightOf(label), number(1 - p.smoothing));
    loss = mul(weight, loss);
    if (p.smoothing == 0)
      return loss;
    Value all = sumClasses(position, [&](ValueRange at, int64_t lanes) {
      return mul(classWeight(at, lanes), surprise(at, lanes));
    });
    return add(loss, mul(number(p.smoothing / double(p.classes)), all));
  }

  // The tile's loss, how many labels count, and the sum of their weights.
  void sumTile(Value tile) {
    SmallVector<Value> none = {number(0), i64(0), number(0)};
    auto [begin, end] = positionsOf(tile);
    auto totals = k.fold(
        begin, end, 1, none, [&](Value i, ValueRange so) -> SmallVector<Value> {
          SmallVector<Value> position = labelAt(i);
          Value label = k.load(p.labels, position), counted = counts(label);
          Value more[] = {add(so[0], rowLoss(position, label)),
                          arith::AddIOp::create(b, loc, so[1], i64(1)),
                          add(so[2], weightOf(label))};
          SmallVector<Value> next;
          for (auto [with, without] : llvm::zip_equal(more, so))
            next.push_back(
                arith::SelectOp::create(b, loc, counted, with, without));
          return next;
        });
    k.once([&] {
      for (auto [total, workspace] : llvm::zip_equal(totals, k.workspaces))
        memref::StoreOp::create(b, loc, total, workspace, tile);
    });
  }

  void combine() {
    auto totals = k.foldShare(
        0, p.tiles(), 1, {number(0), i64(0), number(0)},
        [&](Value i, ValueRange so) -> SmallVector<Value> {
          auto partial = [&](unsigned which) -> Value {
            return memref::LoadOp::create(b, loc, k.workspaces[which], i);
          };
          return {add(so[0], partial(0)),
                  arith::AddIOp::create(b, loc, so[1], partial(1)),
                  add(so[2], partial(2))};
        });
    for (Value &total : totals)
      total = k.joinTeam(total, [&](Value x, Value y) -> Value {
        if (isa<FloatType>(x.getType()))
          return add(x, y);
        return arith::AddIOp::create(b, loc, x, y);
      });
    Value divisor = totals[2];
    if (!p.weights)
      divisor = arith::SIToFPOp::create(b, loc, b.getF32Type(), totals[1]);
    Value none = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                       totals[1], i64(0));
    Value loss = arith::SelectOp::create(b, loc, none, number(0),
                                         div(totals[0], divisor));
    k.once([&] { k.store({{k.root->getResult(0), loss}}, {}); });
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  int64_t tiles = CrossEntropyProblem(kernel.getRootOp()).tiles();
  if (tiles == 1)
    return {1};
  return {tiles, 1};
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel) {
  Builder b(kernel);
  int64_t tiles = CrossEntropyProblem(kernel.getRootOp()).tiles();
  auto floats = MemRefType::get({tiles}, b.getF32Type());
  return {floats, MemRefType::get({tiles}, b.getI64Type()), floats};
}

static TeamShape teamOf(KernelOp kernel, int64_t phase) {
  CrossEntropyProblem problem(kernel.getRootOp());
  return phase == 0 ? problem.team(kernel) : teamForRow(problem.tiles());
}

static LogicalResult emitLoss(TileKernel &k) {
  Emit(k).run();
  return success();
}

const TileEmitter mpc::crossEntropyEmitter = {"mpc.cross_entropy", tilesOf,
                                              workspacesOf, emitLoss, teamOf};
