#include "compiler/dialect/Dialect.h"

using namespace mlir;
using namespace mpc;

LogicalResult NormAndCountOp::verify() {
  // norm_and_count-n1
  for (auto [measured, tested] : llvm::zip_equal(getMeasured(), getTested()))
    if (shapeOf(measured) != shapeOf(tested))
      return emitOpError("measures ")
             << measured.getType() << " where it tests " << tested.getType();
  return success();
}

#define GET_OP_CLASSES
#include "compiler/dialect/Scaling.cpp.inc"

void MpcDialect::addScalingOps() {
  addOperations<
#define GET_OP_LIST
#include "compiler/dialect/Scaling.cpp.inc"
      >();
}
