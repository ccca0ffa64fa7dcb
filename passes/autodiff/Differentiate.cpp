#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/autodiff/Passes.h"

using namespace mlir;
using namespace mpc;

namespace mpc {
#define GEN_PASS_DEF_DIFFERENTIATEPASS
#include "passes/autodiff/Passes.h.inc"
} // namespace mpc

static bool isFloat(Value value) {
  return isa<FloatType>(getElementTypeOrSelf(value.getType()));
}

namespace {
/// What of train_step lies between a parameter and the loss.
class Activity {
public:
  Activity(ModuleOp module, GradientsOp end);

  /// A read of a parameter that `value` depends on, or null.
  ReadOp variesWith(Value value) const { return varies.lookup(value); }
  /// Whether the loss depends on `value`.
  bool reachesLoss(Value value) const { return reaches.contains(value); }
  /// Whether a gradient flows through `op`, and from which parameter.
  ReadOp isOnTheWay(Operation &op) const;
  /// All reads of a parameter share one gradient, kept for the first of them.
  Value keyOf(Value value) const {
    auto read = value.getDefiningOp<ReadOp>();
    auto first =
        read ? firstReads.lookup(read.getStateAttr().getAttr()) : ReadOp();
    return first ? first.getResult() : value;
  }
  /// The parameters that train_step reads, in order of declaration.
  SmallVector<std::pair<StateOp, ReadOp>> parameters;

private:
  llvm::DenseMap<Value, ReadOp> varies;
  llvm::DenseSet<Value> reaches;
  llvm::DenseMap<StringAttr, ReadOp> firstReads;
};

/// Builds the backward part, op by op from the loss.
class Backward {
public:
  Backward(const Activity &activity, GradientsOp end)
      : activity(activity), end(end), builder(end) {}
  LogicalResult run();

private:
  void seed();
  LogicalResult differentiate(DifferentiableOpInterface op);
  void add(Value value, Value gradient, Location loc);
  LogicalResult finish();

  const Activity &activity;
  GradientsOp end;
  OpBuilder builder;
  llvm::DenseMap<Value, Value> gradients;
};

struct DifferentiatePass : mpc::impl::DifferentiatePassBase<DifferentiatePass> {
  using Base::Base;
  void runOnOperation() override;
};
} // namespace

Activity::Activity(ModuleOp module, GradientsOp end) {
  Block &block = *end->getBlock();
  llvm::DenseSet<StringAttr> trainable;
  for (auto state : module.getOps<StateOp>())
    if (state.getRole() == StateRole::Parameter)
      trainable.insert(state.getSymNameAttr());

  for (Operation &op : block) {
    ReadOp source;
    if (auto read = dyn_cast<ReadOp>(op)) {
      StringAttr name = read.getStateAttr().getAttr();
      if (trainable.contains(name))
        source = firstReads.try_emplace(name, read).first->second;
    }
    for (Value operand : op.getOperands())
      if (!source)
        source = variesWith(operand);
    if (!source)
      continue;
    for (Value result : op.getResults())
      if (isFloat(result))
        varies[result] = source;
  }

  reaches.insert(end.getLoss());
  for (Operation &op : llvm::reverse(block.without_terminator()))
    if (llvm::any_of(op.getResults(), [&](Value r) { return reachesLoss(r); }))
      for (Value operand : op.getOperands())
        if (isFloat(operand))
          reaches.insert(operand);

  for (auto state : module.getOps<StateOp>())
    if (ReadOp read = firstReads.lookup(state.getSymNameAttr()))
      parameters.push_back({state, read});
}

ReadOp Activity::isOnTheWay(Operation &op) const {
  if (llvm::none_of(op.getResults(), [&](Value r) { return reachesLoss(r); }))
    return {};
  for (Value operand : op.getOperands())
    if (ReadOp read = variesWith(operand))
      return read;
  return {};
}

static InFlightDiagnostic refuse(StateOp parameter, ReadOp read) {
  return mlir::emitError(read.getLoc())
         << "parameter @" << parameter.getSymName()
         << " does not reach the loss, so it has no gradient; leave it out of "
            "training with --trainable";
}

// Every parameter reaches the loss, through ops that have derivatives.
static LogicalResult check(const Activity &activity, GradientsOp end) {
  LogicalResult result = success();
  if (activity.parameters.empty())
    result = end.emitOpError("has no parameter to train: no state of role "
                             "parameter is read");
  for (Operation &op : end->getBlock()->without_terminator()) {
    ReadOp read = activity.isOnTheWay(op);
    if (read && !isa<DifferentiableOpInterface>(op))
      result = op.emitOpError("has no derivative, but parameter ")
               << read.getStateAttr()
               << " reaches the loss through it; leave the parameter out of "
                  "training with --trainable";
  }
  // Any of several reads may be the one that reaches the loss.
  llvm::DenseSet<Value> reaching;
  for (auto read : end->getBlock()->getOps<ReadOp>())
    if (activity.reachesLoss(read))
      reaching.insert(activity.keyOf(read));
  for (auto [state, read] : activity.parameters)
    if (!reaching.contains(read))
      result = refuse(state, read);
  return result;
}

LogicalResult Backward::run() {
  SmallVector<DifferentiableOpInterface> way;
  for (Operation &op : end->getBlock()->without_terminator())
    if (activity.isOnTheWay(op))
      way.push_back(cast<DifferentiableOpInterface>(op));
  seed();
  LogicalResult result = success();
  for (DifferentiableOpInterface op : llvm::reverse(way))
    if (failed(differentiate(op)))
      result = failure();
  return succeeded(result) ? finish() : result;
}

void Backward::seed() {
  Operation *loss = end.getLoss().getDefiningOp();
  OriginScope scope(builder, cast<NodeOpInterface>(loss), Direction::Backward);
  gradients[activity.keyOf(end.getLoss())] = GradientSeedOp::create(
      builder, loss->getLoc(), end.getLoss().getType(), Value());
}

LogicalResult Backward::differentiate(DifferentiableOpInterface op) {
  SmallVector<Value> ofResults;
  for (Value result : op->getResults())
    ofResults.push_back(gradients.lookup(result));
  // An op further on has failed, or gave this one nothing.
  if (llvm::none_of(ofResults, [](Value v) { return !!v; }))
    return success();
  SmallVector<bool> needed;
  for (Value operand : op->getOperands())
    needed.push_back(isFloat(operand) && activity.variesWith(operand));
  SmallVector<Value> ofOperands(op->getNumOperands());

  OriginScope scope(builder, cast<NodeOpInterface>(op.getOperation()),
                    Direction::Backward);
  if (failed(op.buildGradients(builder, ofResults, needed, ofOperands)))
    return failure();
  for (auto [operand, gradient] : llvm::zip(op->getOperands(), ofOperands))
    if (gradient)
      add(operand, gradient, op->getLoc());
  return success();
}

void Backward::add(Value value, Value gradient, Location loc) {
  assert(value.getType() == gradient.getType() && "rule gave another type");
  Value &sum = gradients[activity.keyOf(value)];
  sum = sum ? Value(AddOp::create(builder, loc, sum, gradient)) : gradient;
}

LogicalResult Backward::finish() {
  LogicalResult result = success();
  SmallVector<Attribute> names;
  SmallVector<Value> values;
  for (auto [state, read] : activity.parameters) {
    Value gradient = gradients.lookup(read);
    if (!gradient)
      result = refuse(state, read);
    names.push_back(FlatSymbolRefAttr::get(state));
    values.push_back(gradient);
  }
  if (failed(result))
    return result;
  GradientsOp::create(builder, end.getLoc(), end.getLoss(),
                      builder.getArrayAttr(names), values);
  end.erase();
  return success();
}

void DifferentiatePass::runOnOperation() {
  ModuleOp module = getOperation();
  auto step = module.lookupSymbol<func::FuncOp>(trainStepName);
  auto end = step ? dyn_cast<GradientsOp>(step.front().getTerminator())
                  : GradientsOp();
  if (!end || !end.getParameters().empty()) {
    module.emitError("needs @train_step ending in mpc.gradients without "
                     "parameters; run mpc-append-loss first");
    return signalPassFailure();
  }
  Activity activity(module, end);
  if (failed(check(activity, end)) || failed(Backward(activity, end).run()))
    return signalPassFailure();
}
