#include "compiler/lowering/Emitter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mpc;

Operation *mpc::rootOf(KernelOp kernel) {
  for (Operation &op : kernel.getBody().front())
    if (op.getName().getStringRef() == kernel.getRoot())
      return &op;
  return nullptr;
}

SmallVector<Value> CpuKernel::fold(Value lo, Value hi, int64_t step,
                                   ValueRange init, FoldBody body) {
  auto loop = scf::ForOp::create(b, loc, lo, hi, index(step), init);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> next =
      body(loop.getInductionVar(), loop.getRegionIterArgs());
  if (!init.empty())
    scf::YieldOp::create(b, loc, next);
  return SmallVector<Value>(loop.getResults());
}

void CpuKernel::forRange(Value lo, Value hi, int64_t step, Body body) {
  fold(lo, hi, step, {}, [&](Value i, ValueRange) -> SmallVector<Value> {
    body(i);
    return {};
  });
}

void CpuKernel::forTiles(Body body) { forRange(firstTile, endTile, 1, body); }

void CpuKernel::forLanes(Value lo, Value hi, int64_t lanes, LanesBody body) {
  if (lanes > 1) {
    Value extent = arith::SubIOp::create(b, loc, hi, lo);
    Value rest = arith::RemSIOp::create(b, loc, extent, index(lanes));
    Value middle = arith::SubIOp::create(b, loc, hi, rest);
    forRange(lo, middle, lanes, [&](Value i) { body(i, lanes); });
    lo = middle;
  }
  forRange(lo, hi, 1, [&](Value i) { body(i, 1); });
}

Value CpuKernel::blockEnd(Value begin, int64_t size, int64_t limit) {
  Value end = arith::AddIOp::create(b, loc, begin, index(size));
  return arith::MinSIOp::create(b, loc, end, index(limit));
}
