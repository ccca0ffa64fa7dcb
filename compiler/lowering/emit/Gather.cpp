// Gathers, element by element of the result; lanes along what lies behind the
// axis.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/Moves.h"

using namespace mlir;
using namespace mpc;

static Moves movesOf(KernelOp kernel) {
  auto op = cast<GatherOp>(kernel.getRootOp());
  ArrayRef<int64_t> data = shapeOf(op.getData());
  bool isContiguous = op.getAxis() + 1 < data.size();
  return Moves(kernel, shapeOf(op.getResult()), isContiguous, data.back());
}

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  return {movesOf(kernel).tiles()};
}

static LogicalResult emitGather(TileKernel &k) {
  auto op = cast<GatherOp>(k.root);
  LoopBuilder b(k.loc, k.b);
  ArrayRef<int64_t> data = shapeOf(op.getData());
  size_t axis = op.getAxis(), rank = shapeOf(op.getIndices()).size();
  movesOf(k.kernel).forElements(k, b, [&](ValueRange at, int64_t lanes) {
    SmallVector<Value> from(at.take_front(axis));
    from.push_back(
        rowOf(k, b, op.getIndices(), at.slice(axis, rank), data[axis]));
    llvm::append_range(from, at.drop_front(axis + rank));
    storeResult(k, b, elementOf(k, b, op.getData(), from, lanes), at, lanes);
  });
  return success();
}

const TileEmitter mpc::gatherEmitter = {"mpc.gather", tilesOf, nullptr,
                                        emitGather, moveTeam};
