#include "compiler/lowering/emit/ControlBuilder.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mpc;

ControlBuilder::Values ControlBuilder::countedLoop(
    Value begin, Value end, Value step, ValueRange carried,
    llvm::function_ref<Values(Value, ValueRange)> body) {
  auto op = scf::ForOp::create(*this, begin, end, step, carried);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(op.getBody());
  Values next = body(op.getInductionVar(), op.getRegionIterArgs());
  // A loop that carries nothing is built with its terminator.
  if (!carried.empty())
    scf::YieldOp::create(*this, next);
  return Values(op.getResults());
}

void ControlBuilder::branch(Value condition, llvm::function_ref<void()> then,
                            llvm::function_ref<void()> otherwise) {
  auto op = scf::IfOp::create(*this, condition, bool(otherwise));
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(op.thenBlock());
  then();
  if (!otherwise)
    return;
  setInsertionPointToStart(op.elseBlock());
  otherwise();
}

ControlBuilder::Values
ControlBuilder::branch(Value condition, TypeRange types,
                       llvm::function_ref<Values()> then,
                       llvm::function_ref<Values()> otherwise) {
  auto op = scf::IfOp::create(*this, types, condition, true);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(op.thenBlock());
  scf::YieldOp::create(*this, then());
  setInsertionPointToStart(op.elseBlock());
  scf::YieldOp::create(*this, otherwise());
  return Values(op.getResults());
}

ControlBuilder::Values
ControlBuilder::loopWhile(ValueRange carried,
                          llvm::function_ref<Value(ValueRange)> condition,
                          llvm::function_ref<Values(ValueRange)> body) {
  TypeRange types = carried.getTypes();
  SmallVector<Location> locations(types.size(), getLoc());
  auto op = scf::WhileOp::create(*this, types, carried);
  OpBuilder::InsertionGuard guard(*this);
  Block *test = createBlock(&op.getBefore(), {}, types, locations);
  scf::ConditionOp::create(*this, condition(test->getArguments()),
                           test->getArguments());
  Block *turn = createBlock(&op.getAfter(), {}, types, locations);
  scf::YieldOp::create(*this, body(turn->getArguments()));
  return Values(op.getResults());
}
