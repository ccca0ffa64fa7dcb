// cross_entropy. Partial sums are taken per tile of positions and combined in
// order.
#include "compiler/lowering/emit/CrossEntropyRows.h"
#include "compiler/lowering/emit/Emitters.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include <cmath>

using namespace mlir;
using namespace mpc;

SmallVector<MemRefType> CrossEntropyRows::partialSums(KernelOp kernel) {
  Builder b(kernel);
  int64_t tiles = CrossEntropyProblem(kernel.getRootOp()).tiles();
  auto floats = MemRefType::get({tiles}, b.getF32Type());
  return {floats, MemRefType::get({tiles}, b.getI64Type()), floats};
}

Value CrossEntropyRows::withoutLift(Value total, int64_t shift) {
  if (!p.isShort || shift == 0)
    return total;
  return mul(total, number(std::ldexp(1.0, int(-shift))));
}

// weights[y] * (1 - s) * -logp[y] + s / C * sum(weights[c] * -logp[c])
Value CrossEntropyRows::rowLoss(Indices position, Value label, Value atLabel,
                                const RowSum &sum, int64_t shift) {
  Value log = logOfSum(withoutLift(sum.total, shift));
  auto surprise = [&](ValueRange at, int64_t lanes) {
    return sub(spread(log, lanes), shifted(sum.reference, at, lanes));
  };
  Value loss = sub(log, sub(atLabel, sum.reference));
  if (p.isPlain())
    return loss;
  Value weight = mul(weightOf(label), number(1 - p.smoothing));
  loss = mul(weight, loss);
  if (p.smoothing == 0)
    return loss;
  Value all = sumOver(position, 1, [&](ValueRange at, int64_t lanes) {
    return mul(classWeight(at, lanes), surprise(at, lanes));
  });
  return add(loss, mul(number(p.smoothing / double(p.classes)), all));
}

void CrossEntropyRows::sumTile(Value tile, int64_t shift, RowBody body) {
  SmallVector<Value> none = {number(0), i64(0), number(0)};
  auto [begin, end] = positionsOf(tile);
  auto totals = k.fold(
      begin, end, 1, none, [&](Value i, ValueRange so) -> SmallVector<Value> {
        SmallVector<Value> position = labelAt(i);
        Value label = k.load(p.labels, position), counted = counts(label);
        auto logitAtLabel = [&] {
          return logit(classAt(position, safeIndex(label)), 1);
        };
        // What the sum waits for is on its way already if there is a gradient.
        Value early = body ? logitAtLabel() : Value();
        RowSum sum = sumOfClasses(position, shift);
        Value loss = rowLoss(position, label, early ? early : logitAtLabel(),
                             sum, shift);
        if (body)
          body(position, label, sum);
        Value more[] = {add(so[0], loss),
                        arith::AddIOp::create(b, loc, so[1], i64(1)),
                        add(so[2], weightOf(label))};
        SmallVector<Value> next;
        for (auto [with, without] : llvm::zip_equal(more, so))
          next.push_back(
              arith::SelectOp::create(b, loc, counted, with, without));
        return next;
      });
  k.once([&] { storeTile(tile, totals); });
}

void CrossEntropyRows::storeTile(Value tile, ValueRange totals) {
  for (auto [total, workspace] :
       llvm::zip_equal(totals, ArrayRef(k.workspaces).take_back(3)))
    memref::StoreOp::create(b, loc, total, workspace, tile);
}

void CrossEntropyRows::combineTiles() {
  ArrayRef<Value> partials = ArrayRef(k.workspaces).take_back(3);
  auto totals =
      k.foldShare(0, p.tiles(), 1, {number(0), i64(0), number(0)},
                  [&](Value i, ValueRange so) -> SmallVector<Value> {
                    auto partial = [&](unsigned which) -> Value {
                      return memref::LoadOp::create(b, loc, partials[which], i);
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
  Value loss =
      arith::SelectOp::create(b, loc, none, number(0), div(totals[0], divisor));
  k.once([&] { k.store({{p.loss, loss}}, {}); });
}

namespace {
struct Emit : CrossEntropyRows {
  using CrossEntropyRows::CrossEntropyRows;
  using CrossEntropyRows::partialSums;

  void run() {
    if (k.phase == 0)
      k.forTiles([&](Value tile) { sumTile(tile, 0); });
    if (k.phase == 1 || p.tiles() == 1)
      k.forTiles([&](Value) { combineTiles(); });
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  int64_t tiles = CrossEntropyProblem(kernel.getRootOp()).tiles();
  if (tiles == 1)
    return {1};
  return {tiles, 1};
}

static TeamShape teamOf(KernelOp kernel, int64_t phase) {
  CrossEntropyProblem problem(kernel.getRootOp());
  return phase == 0 ? problem.team(kernel) : problem.teamOfTiles();
}

static LogicalResult emitLoss(TileKernel &k) {
  Emit(k).run();
  return success();
}

const TileEmitter mpc::crossEntropyEmitter = {
    "mpc.cross_entropy", tilesOf, Emit::partialSums, emitLoss, teamOf};
