// Transposes, one result element at a time; lanes where both sides are
// contiguous.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/Rows.h"

using namespace mlir;
using namespace mpc;

static bool isContiguous(TransposeOp op) {
  ArrayRef<int64_t> perm = op.getPerm();
  return !perm.empty() && perm.back() == int64_t(perm.size()) - 1;
}

static Rows rowsOf(TransposeOp op) {
  Grain grain = grainOf(op);
  return Rows(shapeOf(op.getResult()),
              isContiguous(op) ? grain.elements : grain.singles);
}

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  return {rowsOf(cast<TransposeOp>(kernel.getRootOp())).tiles()};
}

static LogicalResult emitTranspose(TileKernel &k) {
  auto op = cast<TransposeOp>(k.root);
  ArrayRef<int64_t> perm = op.getPerm();
  LoopBuilder b(k.loc, k.b);
  k.elements.assumeWholeVectors();
  forElements(b, rowsOf(op), k.firstTile, k.endTile,
              isContiguous(op) ? rowLanes : 1,
              [&](ValueRange at, int64_t lanes) {
                SmallVector<Value> from(perm.size());
                for (auto [d, index] : llvm::zip_equal(perm, at))
                  from[size_t(d)] = index;
                storeResult(k, b, elementOf(k, b, op.getInput(), from, lanes),
                            at, lanes);
              });
  return success();
}

const TileEmitter mpc::transposeEmitter = {"mpc.transpose", tilesOf, nullptr,
                                           emitTranspose};
