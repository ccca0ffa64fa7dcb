#include "compiler/lowering/emit/PoolRules.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mpc;

using arith::CmpFPredicate;

template <typename Op> static PoolWindows forwardWindows(Op op) {
  return {shapeOf(op.getInput()), shapeOf(op.getResult()),
          op.getKernel(),         op.getStrides(),
          op.getPads(),           op.getDilations()};
}

template <typename Op> static PoolWindows gradientWindows(Op op) {
  return {shapeOf(op.getResult()),
          shapeOf(op.getGradient()),
          op.getKernel(),
          op.getStrides(),
          op.getPads(),
          op.getDilations()};
}

PoolWindows mpc::poolWindowsOf(Operation *root) {
  return llvm::TypeSwitch<Operation *, PoolWindows>(root)
      .Case<MaxPoolOp, AveragePoolOp>(
          [](auto op) { return forwardWindows(op); })
      .Case<MaxPoolGradOp, AveragePoolGradOp>(
          [](auto op) { return gradientWindows(op); });
}

static Value load(TileKernel &k, LoopBuilder &b, Value value, ValueRange window,
                  Value h, Value w) {
  return k.elements.load(b, k.loc, value, {window[0], window[1], h, w});
}

static Value largest(TileKernel &k, LoopBuilder &b, WindowLoops &loops,
                     MaxPoolOp op, ValueRange window) {
  Value lowest = b.f32(-std::numeric_limits<double>::infinity());
  return loops.fold(
      window[2], window[3], lowest,
      [&](Value h, Value w, ValueRange best) -> SmallVector<Value> {
        Value x = load(k, b, op.getInput(), window, h, w);
        return {arith::MaximumFOp::create(b, best[0], x)};
      })[0];
}

static Value mean(TileKernel &k, LoopBuilder &b, WindowLoops &loops,
                  AveragePoolOp op, ValueRange window) {
  Value sum =
      loops.fold(window[2], window[3], b.f32(0),
                 [&](Value h, Value w, ValueRange sum) -> SmallVector<Value> {
                   Value x = load(k, b, op.getInput(), window, h, w);
                   return {arith::AddFOp::create(b, sum[0], x)};
                 })[0];
  Value count = loops.count(window[2], window[3], op.getCountIncludePad());
  return arith::DivFOp::create(b, sum, count);
}

Value mpc::pooled(TileKernel &k, LoopBuilder &b, WindowLoops &loops,
                  ValueRange window) {
  if (auto op = dyn_cast<MaxPoolOp>(k.root))
    return largest(k, b, loops, op, window);
  return mean(k, b, loops, cast<AveragePoolOp>(k.root), window);
}

LoopBuilder::Values mpc::largerOf(LoopBuilder &b, ValueRange best, Value x,
                                  Value at) {
  Value larger = arith::CmpFOp::create(b, CmpFPredicate::UGT, x, best[0]);
  Value number = arith::CmpFOp::create(b, CmpFPredicate::ORD, best[0], best[0]);
  Value take = arith::AndIOp::create(b, larger, number);
  return {b.select(take, x, best[0]), b.select(take, at, best[1])};
}

Value mpc::firstLargest(TileKernel &k, LoopBuilder &b, WindowLoops &loops,
                        ValueRange window) {
  auto op = cast<MaxPoolGradOp>(k.root);
  int64_t width = shapeOf(op.getInput())[3];
  Value oh = window[2], ow = window[3];
  Value lowest = b.f32(-std::numeric_limits<double>::infinity());
  Value start =
      b.mulAdd(loops.range(0, oh).first, width, loops.range(1, ow).first);
  auto found =
      loops.fold(oh, ow, {lowest, start},
                 [&](Value h, Value w, ValueRange best) -> SmallVector<Value> {
                   Value x = load(k, b, op.getInput(), window, h, w);
                   return largerOf(b, best, x, b.mulAdd(h, width, w));
                 });
  return found[1];
}

Value mpc::averageShare(TileKernel &k, LoopBuilder &b, WindowLoops &loops,
                        ValueRange window) {
  auto op = cast<AveragePoolGradOp>(k.root);
  Value gradient = k.elements.load(b, k.loc, op.getGradient(), window);
  Value count = loops.count(window[2], window[3], op.getCountIncludePad());
  return arith::DivFOp::create(b, gradient, count);
}

Value mpc::pooledShare(TileKernel &k, LoopBuilder &b, WindowLoops &loops,
                       ValueRange window, Value h, Value w) {
  auto op = dyn_cast<MaxPoolGradOp>(k.root);
  if (!op)
    return averageShare(k, b, loops, window);
  Value own = b.mulAdd(h, shapeOf(op.getInput())[3], w);
  Value isLargest = b.equal(firstLargest(k, b, loops, window), own);
  Value gradient = k.elements.load(b, k.loc, op.getGradient(), window);
  return b.select(isLargest, gradient, b.f32(0));
}
