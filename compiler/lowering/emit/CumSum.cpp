// Running sums: each line along the axis from one end to the other, several
// neighbouring lines at once.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/Rows.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mpc;

// The shape of what has one element per line.
static Shape lines(CumSumOp op) {
  return reducedShape(shapeOf(op.getInput()), {int64_t(op.getAxis())},
                      /*keepDims=*/false);
}

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  Shape shape = lines(cast<CumSumOp>(kernel.getRootOp()));
  return {Rows(shape, grainOf(kernel).elements).tiles()};
}

static Value plus(LoopBuilder &b, Value x, Value y) {
  if (isa<FloatType>(getElementTypeOrSelf(x.getType())))
    return arith::AddFOp::create(b, x, y);
  return arith::AddIOp::create(b, x, y);
}

static LogicalResult emitCumSum(TileKernel &k) {
  auto op = cast<CumSumOp>(k.root);
  LoopBuilder b(k.loc, k.b);
  ArrayRef<int64_t> shape = shapeOf(op.getInput());
  size_t axis = op.getAxis();
  bool contiguous = axis + 1 < shape.size();
  Shape lineShape = lines(op);
  forElements(
      b, Rows(lineShape, grainOf(op).elements), k.firstTile, k.endTile,
      contiguous ? rowLanes : 1, [&](ValueRange line, int64_t lanes) {
        Value zero = numberOf(b, elementTypeOf(op.getInput()), 0, lanes);
        b.loop(
            b.index(0), b.index(shape[axis]), 1, zero,
            [&](Value step, ValueRange sum) -> SmallVector<Value> {
              Value i = op.getReverse() ? b.sub(b.index(shape[axis] - 1), step)
                                        : step;
              SmallVector<Value> at(line);
              at.insert(at.begin() + axis, i);
              Value next =
                  plus(b, sum[0], elementOf(k, b, op.getInput(), at, lanes));
              storeResult(k, b, op.getExclusive() ? sum[0] : next, at, lanes);
              return {next};
            });
      });
  return success();
}

const TileEmitter mpc::cumSumEmitter = {"mpc.cum_sum", tilesOf, nullptr,
                                        emitCumSum};
