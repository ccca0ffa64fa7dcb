// Positions of the k largest elements: k passes along each line, each of which
// finds the best element behind the one before it. No element is marked or
// moved, so lines need no scratch; k is small where this op is used.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/Rows.h"

using namespace mlir;
using namespace mpc;

using arith::CmpFPredicate;
using arith::CmpIPredicate;

namespace {
/// An element and its position on the line.
struct Entry {
  Value element, at;
};

/// Emits one top_k.
class TopK {
public:
  explicit TopK(TileKernel &k)
      : k(k), op(cast<TopKOp>(k.root)), b(k.loc, k.b), axis(op.getAxis()),
        length(shapeOf(op.getInput())[axis]) {}

  void run() {
    Shape lines(shapeOf(op.getResult()));
    int64_t count = lines[axis];
    if (count == 0)
      return;
    lines[axis] = 1;
    forElements(b, Rows(lines, grainOf(op).singles), k.firstTile, k.endTile, 1,
                [&](ValueRange line, int64_t) { emitLine(line, count); });
  }

private:
  TileKernel &k;
  TopKOp op;
  LoopBuilder b;
  size_t axis;
  int64_t length;

  void emitLine(ValueRange line, int64_t count) {
    SmallVector<Value> at(line);
    auto entry = [&](Value i) {
      at[axis] = i;
      return Entry{elementOf(k, b, op.getInput(), at), i};
    };
    Entry first = entry(b.index(0));
    // `taken` is what the pass before found; -1 before the first.
    b.loop(b.index(0), b.index(count), 1, {first.element, b.index(-1)},
           [&](Value pass, ValueRange taken) -> SmallVector<Value> {
             Entry best = bestBehind(entry, {taken[0], taken[1]});
             at[axis] = pass;
             storeResult(k, b,
                         arith::IndexCastOp::create(b, b.getI64Type(), best.at),
                         at);
             return {best.element, best.at};
           });
  }

  // The best of all that come behind `taken`. There is one, as k is at most the
  // line's length.
  Entry bestBehind(llvm::function_ref<Entry(Value)> entry, Entry taken) {
    Value none = b.less(taken.at, b.index(0));
    Entry start = entry(b.index(0));
    auto best =
        b.loop(b.index(0), b.index(length), 1, {start.element, b.index(-1)},
               [&](Value i, ValueRange best) -> SmallVector<Value> {
                 Entry next = entry(i);
                 Value behind =
                     arith::OrIOp::create(b, none, precedes(taken, next));
                 Value first = b.less(best[1], b.index(0));
                 Value better = arith::OrIOp::create(
                     b, first, precedes(next, {best[0], best[1]}));
                 Value take = arith::AndIOp::create(b, behind, better);
                 return {b.select(take, next.element, best[0]),
                         b.select(take, next.at, best[1])};
               });
    return {best[0], best[1]};
  }

  // Whether x comes before y: it is better, or equal and further in front.
  Value precedes(Entry x, Entry y) {
    auto [better, equal] = compare(x.element, y.element);
    Value inFront = arith::AndIOp::create(b, equal, b.less(x.at, y.at));
    return arith::OrIOp::create(b, better, inFront);
  }

  // Whether x is better than y, and whether they are equal. NaN is better than
  // every number.
  std::pair<Value, Value> compare(Value x, Value y) {
    bool smallest = op.getSmallest();
    if (!isa<FloatType>(x.getType())) {
      // A boolean is 0 or 1, so it is compared without a sign.
      bool boolean = x.getType().isInteger(1);
      CmpIPredicate better =
          boolean ? (smallest ? CmpIPredicate::ult : CmpIPredicate::ugt)
                  : (smallest ? CmpIPredicate::slt : CmpIPredicate::sgt);
      return {b.compare(better, x, y), b.equal(x, y)};
    }
    auto test = [&](CmpFPredicate predicate, Value l, Value r) -> Value {
      return arith::CmpFOp::create(b, predicate, l, r);
    };
    auto both = [&](Value l, Value r) -> Value {
      return arith::AndIOp::create(b, l, r);
    };
    Value isNumber = test(CmpFPredicate::ORD, y, y);
    Value better =
        test(smallest ? CmpFPredicate::ULT : CmpFPredicate::UGT, x, y);
    Value areNaN =
        both(test(CmpFPredicate::UNO, x, x), test(CmpFPredicate::UNO, y, y));
    Value equal =
        arith::OrIOp::create(b, test(CmpFPredicate::OEQ, x, y), areNaN);
    return {both(isNumber, better), equal};
  }
};
} // namespace

// Tiles are parts of the lines, of which each is one element of this shape.
static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  auto op = cast<TopKOp>(kernel.getRootOp());
  Shape lines(shapeOf(op.getResult()));
  lines[op.getAxis()] = 1;
  return {Rows(lines, grainOf(kernel).singles).tiles()};
}

static LogicalResult emitTopK(TileKernel &k) {
  TopK(k).run();
  return success();
}

const TileEmitter mpc::topKEmitter = {"mpc.top_k", tilesOf, nullptr, emitTopK};
