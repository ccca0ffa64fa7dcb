// Gathers, element by element of the result; lanes along what lies behind the
// axis.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/Rows.h"

using namespace mlir;
using namespace mpc;

static LogicalResult emitGather(TileKernel &k) {
  auto op = cast<GatherOp>(k.root);
  LoopBuilder b(k.loc, k.b);
  k.elements.assumeWholeVectors();
  ArrayRef<int64_t> data = shapeOf(op.getData());
  size_t axis = op.getAxis(), rank = shapeOf(op.getIndices()).size();
  bool contiguous = axis + 1 < data.size();
  forElements(b, Rows(shapeOf(op.getResult()), grainOf(op).elements),
              k.firstTile, k.endTile, contiguous ? rowLanes : 1,
              [&](ValueRange at, int64_t lanes) {
                SmallVector<Value> from(at.take_front(axis));
                from.push_back(rowOf(k, b, op.getIndices(),
                                     at.slice(axis, rank), data[axis]));
                llvm::append_range(from, at.drop_front(axis + rank));
                storeResult(k, b, elementOf(k, b, op.getData(), from, lanes),
                            at, lanes);
              });
  return success();
}

const TileEmitter mpc::gatherEmitter = {"mpc.gather", resultTiles, nullptr,
                                        emitGather};
