#include "passes/schedule/Passes.h"

namespace mpc {
#define GEN_PASS_DEF_EXPANDCOMMITPASS
#include "passes/schedule/Passes.h.inc"
} // namespace mpc

using namespace mlir;
using namespace mpc;

static bool isConstantTrue(Value value) {
  auto constant = value ? value.getDefiningOp<ConstantOp>() : ConstantOp();
  if (!constant)
    return false;
  auto splat = dyn_cast<SplatElementsAttr>(constant.getValue());
  return splat && splat.getSplatValue<bool>();
}

// The value that `value` is a view of.
static Value baseOf(Value value) {
  while (auto view = value.getDefiningOp<ReshapeOp>())
    value = view.getInput();
  return value;
}

// Whether some op computes what `value` shows, rather than it being there
// before the step.
static bool isComputed(Value value) {
  Operation *op = baseOf(value).getDefiningOp();
  return op && !isa<ReadOp, ConstantOp>(op);
}

namespace {
// New ops come from the node whose value they write.
struct OriginOf {
  std::optional<OriginScope> scope;

  OriginOf(OpBuilder &b, Value value) {
    auto origin = value.getDefiningOp<NodeOpInterface>();
    if (!origin)
      return;
    DirectionAttr direction = origin.getDirectionAttr();
    scope.emplace(b, origin,
                  direction ? direction.getValue() : Direction::Update);
  }
};

struct ExpandCommit : mpc::impl::ExpandCommitPassBase<ExpandCommit> {
  using Base::Base;

  void runOnOperation() override {
    taken.clear();
    if (getOperation().isExternal())
      return;
    Operation *end = getOperation().front().getTerminator();
    if (isa<GradientsOp>(end)) {
      end->emitOpError("ends the function; expected a commit, which "
                       "mpc-add-optimizer makes");
      return signalPassFailure();
    }
    OpBuilder b(end);
    if (auto commit = dyn_cast<CommitOp>(end)) {
      expandCommit(b, commit);
      return;
    }
    for (OpOperand &operand : end->getOpOperands())
      if (!isComputed(operand.get()) || !take(baseOf(operand.get())))
        operand.set(copy(b, operand.get()));
  }

private:
  llvm::DenseSet<Value> taken; ///< values that have a place to be written to

  bool take(Value value) { return taken.insert(value).second; }

  Value copy(OpBuilder &b, Value value) {
    OriginOf origin(b, value);
    return BroadcastOp::create(b, value.getLoc(), value, shapeOf(value));
  }

  Value read(OpBuilder &b, Attribute state, Type type) {
    for (auto op : getOperation().getOps<ReadOp>())
      if (op.getStateAttr() == state)
        return op.getResult();
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&getOperation().front());
    auto op = ReadOp::create(b, getOperation().getLoc(), type,
                             cast<FlatSymbolRefAttr>(state), {}, {}, {}, {});
    return op.getResult();
  }

  // A computed value that nothing else writes anywhere.
  Value owned(OpBuilder &b, Value value) {
    bool own = baseOf(value) == value && isComputed(value) && take(value);
    return own ? value : copy(b, value);
  }

  void expandCommit(OpBuilder &b, CommitOp commit) {
    Value applied = commit.getApplied();
    bool always = !applied || isConstantTrue(applied);
    Value condition = always ? Value() : applied;
    MutableOperandRange predicated = commit.getPredicatedMutable();
    for (auto [i, state] : llvm::enumerate(commit.getPredicatedStates()))
      predicated[unsigned(i)].set(
          written(b, predicated[unsigned(i)].get(), state, condition));
    MutableOperandRange unconditional = commit.getAlwaysMutable();
    for (auto [i, state] : llvm::enumerate(commit.getAlwaysStates()))
      unconditional[unsigned(i)].set(
          written(b, unconditional[unsigned(i)].get(), state, {}));
    for (OpOperand &operand : commit.getStatusMutable())
      operand.set(reported(b, operand.get()));
  }

  // The value to write to `state`. A state that keeps its value is not written.
  Value written(OpBuilder &b, Value value, Attribute state, Value applied) {
    auto unchanged = value.getDefiningOp<ReadOp>();
    if (unchanged && unchanged.getStateAttr() == state)
      return value;
    if (!applied)
      return owned(b, value);
    OriginOf origin(b, value);
    return SelectOp::create(b, value.getLoc(), value.getType(), applied, value,
                            read(b, state, value.getType()));
  }

  // The status block holds f32 and i64: i1 becomes 0 or 1.
  Value reported(OpBuilder &b, Value value) {
    if (!elementTypeOf(value).isInteger(1))
      return copy(b, value);
    OriginOf origin(b, value);
    auto type = RankedTensorType::get(shapeOf(value), b.getI64Type());
    auto number = [&](int64_t n) -> Value {
      return ConstantOp::create(
          b, value.getLoc(),
          DenseElementsAttr::get(type, b.getI64IntegerAttr(n)));
    };
    return SelectOp::create(b, value.getLoc(), type, value, number(1),
                            number(0));
  }
};
} // namespace
