#include "compiler/dialect/Dialect.h"

using namespace mlir;
using namespace mpc;

LogicalResult KernelOp::verify() {
  // kernel-k1
  Block &block = getBody().front();
  if (block.getArgumentTypes() != getInputs().getTypes())
    return emitOpError("block arguments differ from the operands");
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!yield || yield.getValues().getTypes() != getResultTypes())
    return emitOpError("yields differ from the results");
  // kernel-k2
  size_t workspaces = getWorkspaces() ? getWorkspaces()->size() : 0;
  size_t expected = getNumOperands() + getNumResults() + workspaces;
  if (getBuffers() && getBuffers()->size() != expected)
    return emitOpError("has ")
           << getBuffers()->size() << " buffers; expected " << expected;
  return success();
}

Operation *KernelOp::getRootOp() {
  for (Operation &op : getBody().front())
    if (op.getName().getStringRef() == getRoot())
      return &op;
  return nullptr;
}

#define GET_OP_CLASSES
#include "compiler/dialect/Kernel.cpp.inc"

void MpcDialect::addKernelOps() {
  addOperations<
#define GET_OP_LIST
#include "compiler/dialect/Kernel.cpp.inc"
      >();
}
