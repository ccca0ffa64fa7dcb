#include "compiler/dialect/Dialect.h"

using namespace mlir;
using namespace mpc;

#define GET_OP_CLASSES
#include "compiler/dialect/Scaling.cpp.inc"

void MpcDialect::addScalingOps() {
  addOperations<
#define GET_OP_LIST
#include "compiler/dialect/Scaling.cpp.inc"
      >();
}
