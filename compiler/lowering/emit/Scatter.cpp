// Scatter brings several numbers to one row, in the order of the indices: the
// first phases thread the indices of each row into a list, and in the last one
// each element of the result walks the list of its row, so that it has one
// writer and one order whatever the number of threads.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/RowLists.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mpc;

static RowLists listsOf(KernelOp kernel) {
  auto op = cast<ScatterOp>(kernel.getRootOp());
  return {op.getIndices(), shapeOf(op.getResult())[0]};
}

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  auto tiles = listsOf(kernel).tiles(targetOf(kernel));
  tiles.push_back(resultTiles(kernel)[0]);
  return tiles;
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel) {
  return listsOf(kernel).workspaces(targetOf(kernel));
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
  RowLists lists = listsOf(k.kernel);
  if (lists.build(k))
    return success();
  k.elements.assumeWholeVectors();
  ArrayRef<int64_t> shape = shapeOf(op.getResult());
  auto combine = isa<FloatType>(elementTypeOf(op.getData())) ? combineFloats
                                                             : combineIntegers;
  forElements(
      b, Rows(shape, grainOf(op).elements), k.firstTile, k.endTile,
      shape.size() > 1 ? rowLanes : 1, [&](ValueRange at, int64_t lanes) {
        Value element =
            lists.fold(k, b, at[0], elementOf(k, b, op.getData(), at, lanes),
                       [&](LoopBuilder &inner, Value number,
                           ValueRange old) -> LoopBuilder::Values {
                         SmallVector<Value> from = {number};
                         llvm::append_range(from, at.drop_front());
                         return {combine(inner, op.getReduction(), old[0],
                                         elementOf(k, inner, op.getUpdates(),
                                                   from, lanes))};
                       })[0];
        storeResult(k, b, element, at, lanes);
      });
  return success();
}

const TileEmitter mpc::scatterEmitter = {"mpc.scatter", tilesOf, workspacesOf,
                                         emitScatter, RowLists::team};
