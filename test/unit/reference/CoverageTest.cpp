#include "test/unit/reference/Program.h"

using namespace mlir;
using namespace mpc;

// What the interpreter runs itself: declarations, reads of state, terminators
// and the region op of the schedule phase. Every other op computes something.
static bool isRunByInterpreter(RegisteredOperationName name) {
  return name.hasInterface<SymbolOpInterface>() ||
         name.hasTrait<OpTrait::IsTerminator>() ||
         name.getStringRef() == ReadOp::getOperationName() ||
         name.getStringRef() == KernelOp::getOperationName();
}

TEST(Reference, EveryOpOfTheDialectHasSemantics) {
  test::Program program("");
  program.context.getOrLoadDialect<MpcDialect>();
  int count = 0;
  for (RegisteredOperationName name :
       program.context.getRegisteredOperationsByDialect("mpc")) {
    if (isRunByInterpreter(name))
      continue;
    ++count;
    EXPECT_TRUE(name.hasInterface<reference::ReferenceOpInterface>())
        << name.getStringRef().str() << " has no model in compiler/reference";
  }
  EXPECT_GT(count, 30);
}
