// Positions of largest and smallest elements, one line after another.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/Rows.h"

using namespace mlir;
using namespace mpc;

using arith::CmpFPredicate;
using arith::CmpIPredicate;

// Whether `x` is preferred to `best`, which stands before it. NaN comes before
// every number.
static Value isPreferred(LoopBuilder &b, ArgReduceOp op, Value x, Value best) {
  bool smallest = op.getSmallest(), last = op.getLast();
  if (isa<FloatType>(x.getType())) {
    Value isNumber = arith::CmpFOp::create(b, CmpFPredicate::ORD, best, best);
    if (!last) {
      Value better = arith::CmpFOp::create(
          b, smallest ? CmpFPredicate::ULT : CmpFPredicate::UGT, x, best);
      return arith::AndIOp::create(b, isNumber, better);
    }
    Value isNaN = arith::CmpFOp::create(b, CmpFPredicate::UNO, x, x);
    Value better = arith::CmpFOp::create(
        b, smallest ? CmpFPredicate::OLE : CmpFPredicate::OGE, x, best);
    return arith::OrIOp::create(b, isNaN, better);
  }
  // A boolean is 0 or 1, so it is compared without a sign.
  if (x.getType().isInteger(1))
    return b.compare(smallest
                         ? (last ? CmpIPredicate::ule : CmpIPredicate::ult)
                         : (last ? CmpIPredicate::uge : CmpIPredicate::ugt),
                     x, best);
  return b.compare(smallest ? (last ? CmpIPredicate::sle : CmpIPredicate::slt)
                            : (last ? CmpIPredicate::sge : CmpIPredicate::sgt),
                   x, best);
}

static LogicalResult emitArgReduce(TileKernel &k) {
  auto op = cast<ArgReduceOp>(k.root);
  LoopBuilder b(k.loc, k.b);
  size_t axis = op.getAxis();
  Value input = op.getInput();
  forElements(
      b, Rows(shapeOf(op.getResult()), grainOf(op).singles), k.firstTile,
      k.endTile, 1, [&](ValueRange at, int64_t) {
        auto element = [&](Value i) {
          SmallVector<Value> from(at);
          from.insert(from.begin() + axis, i);
          return elementOf(k, b, input, from);
        };
        auto best = b.loop(b.index(1), b.index(shapeOf(input)[axis]), 1,
                           {element(b.index(0)), b.index(0)},
                           [&](Value i, ValueRange best) -> SmallVector<Value> {
                             Value x = element(i);
                             Value take = isPreferred(b, op, x, best[0]);
                             return {b.select(take, x, best[0]),
                                     b.select(take, i, best[1])};
                           });
        storeResult(k, b,
                    arith::IndexCastOp::create(b, b.getI64Type(), best[1]), at);
      });
  return success();
}

const TileEmitter mpc::argReduceEmitter = {"mpc.arg_reduce", singleTiles,
                                           nullptr, emitArgReduce};
