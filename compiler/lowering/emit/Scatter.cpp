// Scatter and the gradient of gather. Both bring several numbers to one row, in
// the order of the indices: the first phases thread the indices of each row
// into a list, and in the last one each element of the result walks the list of
// its row, so that it has one writer and one order whatever the number of
// threads.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/RowLists.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mpc;

static RowLists listsOf(GatherGradOp op) {
  return {op.getIndices(), shapeOf(op.getResult())[op.getAxis()]};
}
static RowLists listsOf(ScatterOp op) {
  return {op.getIndices(), shapeOf(op.getResult())[0]};
}

template <typename Op> static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  auto tiles = listsOf(cast<Op>(kernel.getRootOp())).tiles(targetOf(kernel));
  tiles.push_back(resultTiles(kernel)[0]);
  return tiles;
}

template <typename Op>
static SmallVector<MemRefType> workspacesOf(KernelOp kernel) {
  return listsOf(cast<Op>(kernel.getRootOp())).workspaces(targetOf(kernel));
}

static LogicalResult emitGatherGrad(TileKernel &k) {
  auto op = cast<GatherGradOp>(k.root);
  LoopBuilder b(k.loc, k.b);
  RowLists lists = listsOf(op);
  if (lists.build(k))
    return success();
  ArrayRef<int64_t> shape = shapeOf(op.getResult());
  size_t axis = op.getAxis();
  bool contiguous = axis + 1 < shape.size();
  forElements(b, Rows(shape, grainOf(op).elements), k.firstTile, k.endTile,
              contiguous ? rowLanes : 1, [&](ValueRange at, int64_t lanes) {
                Value sum = lists.fold(
                    k, b, at[axis], b.f32(0, lanes),
                    [&](LoopBuilder &inner, Value number, Value sum) -> Value {
                      SmallVector<Value> from(at.take_front(axis));
                      llvm::append_range(
                          from,
                          indicesOf(inner, number, shapeOf(op.getIndices())));
                      llvm::append_range(from, at.drop_front(axis + 1));
                      return arith::AddFOp::create(
                          inner, sum,
                          elementOf(k, inner, op.getGradient(), from, lanes));
                    });
                storeResult(k, b, sum, at, lanes);
              });
  return success();
}

static Value combineFloats(LoopBuilder &b, ScatterReduction reduction, Value x,
                           Value update) {
  switch (reduction) {
  case ScatterReduction::None:
    return update;
  case ScatterReduction::Add:
    return arith::AddFOp::create(b, x, update);
  case ScatterReduction::Mul:
    return arith::MulFOp::create(b, x, update);
  case ScatterReduction::Max:
    return arith::MaximumFOp::create(b, x, update);
  case ScatterReduction::Min:
    return arith::MinimumFOp::create(b, x, update);
  }
  llvm_unreachable("no such reduction");
}

// A boolean is 0 or 1, so it is compared without a sign.
static Value combineIntegers(LoopBuilder &b, ScatterReduction reduction,
                             Value x, Value update) {
  bool isBoolean = getElementTypeOrSelf(x.getType()).isInteger(1);
  switch (reduction) {
  case ScatterReduction::None:
    return update;
  case ScatterReduction::Add:
    return arith::AddIOp::create(b, x, update);
  case ScatterReduction::Mul:
    return arith::MulIOp::create(b, x, update);
  case ScatterReduction::Max:
    if (isBoolean)
      return arith::MaxUIOp::create(b, x, update);
    return arith::MaxSIOp::create(b, x, update);
  case ScatterReduction::Min:
    if (isBoolean)
      return arith::MinUIOp::create(b, x, update);
    return arith::MinSIOp::create(b, x, update);
  }
  llvm_unreachable("no such reduction");
}

static LogicalResult emitScatter(TileKernel &k) {
  auto op = cast<ScatterOp>(k.root);
  LoopBuilder b(k.loc, k.b);
  RowLists lists = listsOf(op);
  if (lists.build(k))
    return success();
  ArrayRef<int64_t> shape = shapeOf(op.getResult());
  auto combine = isa<FloatType>(elementTypeOf(op.getData())) ? combineFloats
                                                             : combineIntegers;
  forElements(
      b, Rows(shape, grainOf(op).elements), k.firstTile, k.endTile,
      shape.size() > 1 ? rowLanes : 1, [&](ValueRange at, int64_t lanes) {
        Value element = lists.fold(
            k, b, at[0], elementOf(k, b, op.getData(), at, lanes),
            [&](LoopBuilder &inner, Value number, Value old) -> Value {
              SmallVector<Value> from = {number};
              llvm::append_range(from, at.drop_front());
              return combine(inner, op.getReduction(), old,
                             elementOf(k, inner, op.getUpdates(), from, lanes));
            });
        storeResult(k, b, element, at, lanes);
      });
  return success();
}

const TileEmitter mpc::gatherGradEmitter = {
    "mpc.gather_grad", tilesOf<GatherGradOp>, workspacesOf<GatherGradOp>,
    emitGatherGrad, RowLists::team};
const TileEmitter mpc::scatterEmitter = {"mpc.scatter", tilesOf<ScatterOp>,
                                         workspacesOf<ScatterOp>, emitScatter,
                                         RowLists::team};
