// Pooling and its gradients for GPUs: where windows do not tile the input
// (PoolCells.h), a thread computes one window, or gathers the gradient of one
// input element from the windows that it lies in, in their order.
#include "compiler/lowering/emit/PoolRules.h"
#include "compiler/lowering/emit/PoolWindows.h"
#include "compiler/lowering/emit/Rows.h"
#include "compiler/lowering/emit/gpu/GpuEmitters.h"
#include "compiler/lowering/emit/gpu/PoolCells.h"

using namespace mlir;
using namespace mpc;

namespace {
class PoolElements {
public:
  explicit PoolElements(TileKernel &kernel)
      : windows(poolWindowsOf(kernel.root)), b(kernel.loc, kernel.b),
        k(kernel.with(b)), loops(b, windows) {}

  void forward() {
    forResults([&](ValueRange at) { return pooled(k, b, loops, at); });
  }

  void gradient() {
    forResults([&](ValueRange at) {
      Value h = at[2], w = at[3];
      int64_t kernel[] = {windows.kernel[0], windows.kernel[1]};
      // From the last tap on, so that windows ascend.
      return k.foldShape(
          kernel, b.f32(0),
          [&](ValueRange tap, ValueRange sum) -> SmallVector<Value> {
            Window row = windowAt(0, h, tap[0]),
                   column = windowAt(1, w, tap[1]);
            Value isThere =
                arith::AndIOp::create(b, row.isThere, column.isThere);
            auto added = [&]() -> SmallVector<Value> {
              Value window[] = {at[0], at[1], row.at, column.at};
              Value share = pooledShare(k, b, loops, window, h, w);
              return {arith::AddFOp::create(b, sum[0], share)};
            };
            return b.branch(isThere, sum.getTypes(), added,
                            [&]() -> SmallVector<Value> { return {sum[0]}; });
          })[0];
    });
  }

private:
  PoolWindows windows;
  LoopBuilder b;
  TileKernel k; ///< emits through `b`
  WindowLoops loops;

  struct Window {
    Value at, isThere;
  };

  void forResults(llvm::function_ref<Value(ValueRange at)> compute) {
    Value result = k.root->getResult(0);
    forElements(b, Rows(shapeOf(result), grainOf(k.root).singles), k.firstTile,
                k.endTile, 1, [&](ValueRange at, int64_t) {
                  k.store({{result, compute(at)}}, at);
                });
  }

  // The window along `d` that has input position `at` at its tap number
  // `reversed` from the end.
  Window windowAt(int d, Value at, Value reversed) {
    Value tap = b.sub(b.index(windows.kernel[d] - 1), reversed);
    Value shifted =
        b.sub(b.add(at, windows.pads[d]), b.mul(tap, windows.dilations[d]));
    // Of a negative number the unsigned quotient is far outside.
    Value number = b.div(shifted, windows.strides[d]);
    Value isWhole = b.equal(b.rem(shifted, windows.strides[d]), b.index(0));
    Value isInside = b.compare(arith::CmpIPredicate::ult, number,
                               b.index(windows.output[2 + d]));
    return {number, arith::AndIOp::create(b, isWhole, isInside)};
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  if (auto cells = PoolCells::of(poolWindowsOf(kernel.getRootOp())))
    return {elementCount(cells->grid())};
  return singleTiles(kernel);
}

static LogicalResult emitForward(TileKernel &k) {
  if (auto cells = PoolCells::of(poolWindowsOf(k.root)))
    emitPoolCells(k, *cells);
  else
    PoolElements(k).forward();
  return success();
}

static LogicalResult emitGradient(TileKernel &k) {
  if (auto cells = PoolCells::of(poolWindowsOf(k.root)))
    emitPoolGradCells(k, *cells);
  else
    PoolElements(k).gradient();
  return success();
}

const TileEmitter mpc::averagePoolElementsEmitter = {
    "mpc.average_pool", tilesOf, nullptr, emitForward};
const TileEmitter mpc::averagePoolGradElementsEmitter = {
    "mpc.average_pool_grad", tilesOf, nullptr, emitGradient};
const TileEmitter mpc::maxPoolElementsEmitter = {"mpc.max_pool", tilesOf,
                                                 nullptr, emitForward};
const TileEmitter mpc::maxPoolGradElementsEmitter = {
    "mpc.max_pool_grad", tilesOf, nullptr, emitGradient};
