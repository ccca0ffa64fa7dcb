// Kernels without a root: every yielded value has the same shape.
#include "compiler/lowering/emit/ElementGrid.h"
#include "compiler/lowering/emit/Emitters.h"

using namespace mlir;
using namespace mpc;

static ArrayRef<int64_t> spaceOf(KernelOp kernel) {
  return shapeOf(kernel.getBody().front().getTerminator()->getOperand(0));
}

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  return {ElementGrid(kernel, spaceOf(kernel)).tiles()};
}

static LogicalResult emitElementwise(TileKernel &k) {
  for (Value value : k.kernel.getBody().front().getTerminator()->getOperands())
    if (shapeOf(value) != spaceOf(k.kernel))
      return k.kernel.emitOpError("yields ")
             << value.getType() << "; expected one shape for all results";
  ElementGrid(k.kernel, spaceOf(k.kernel))
      .forElements(k, [&](ValueRange indices, Value, int64_t lanes) {
        k.store({}, indices, lanes);
      });
  return success();
}

const TileEmitter mpc::elementwiseEmitter = {"elementwise", tilesOf, nullptr,
                                             emitElementwise};
