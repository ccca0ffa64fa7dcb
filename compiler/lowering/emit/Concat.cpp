// Concatenation: the tiles of each operand, one operand after another.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/Rows.h"

using namespace mlir;
using namespace mpc;

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  int64_t tiles = 0;
  for (Value input : cast<ConcatOp>(kernel.getRootOp()).getInputs())
    tiles += Rows(shapeOf(input), grainOf(kernel).elements).tiles();
  return {tiles};
}

static LogicalResult emitConcat(TileKernel &k) {
  auto op = cast<ConcatOp>(k.root);
  LoopBuilder b(k.loc, k.b);
  size_t axis = op.getAxis();
  int64_t tilesBefore = 0, elementsBefore = 0;
  for (Value input : op.getInputs()) {
    Rows rows(shapeOf(input), grainOf(k.kernel).elements);
    // The part of this call's tiles that are the operand's.
    auto own = [&](Value tile) {
      Value number = b.sub(tile, b.index(tilesBefore));
      return b.min(b.max(number, 0), rows.tiles());
    };
    forElements(b, rows, own(k.firstTile), own(k.endTile), rowLanes,
                [&](ValueRange at, int64_t lanes) {
                  SmallVector<Value> to(at);
                  to[axis] = b.add(to[axis], elementsBefore);
                  storeResult(k, b, elementOf(k, b, input, at, lanes), to,
                              lanes);
                });
    tilesBefore += rows.tiles();
    elementsBefore += shapeOf(input)[axis];
  }
  return success();
}

const TileEmitter mpc::concatEmitter = {"mpc.concat", tilesOf, nullptr,
                                        emitConcat};
