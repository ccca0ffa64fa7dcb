#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/optimizer/EvaluationForm.h"
#include "passes/optimizer/Passes.h"

using namespace mlir;
using namespace mpc;

namespace mpc {
#define GEN_PASS_DEF_ADDOPTIMIZERPASS
#include "passes/optimizer/Passes.h.inc"
} // namespace mpc

namespace {
/// The lr schedule `step:EVERY:FACTOR`.
struct StepSchedule {
  double every = 0, factor = 0;
};

/// The options of the pass, checked and with defaults filled in.
struct Recipe {
  bool adam = false, decoupled = false, momentum = false, nesterov = false;
  std::string opType;
  double lr = 0, momentumValue = 0, weightDecay = 0, beta1 = 0, beta2 = 0,
         eps = 0, clipNorm = 0;
  std::optional<StepSchedule> schedule;
};

/// Rewrites the end of train_step.
class StepBuilder {
public:
  StepBuilder(ModuleOp module, GradientsOp end, const Recipe &recipe)
      : module(module), end(end), recipe(recipe), builder(end) {}
  LogicalResult run();

private:
  void addGradients();
  void addUpdates();
  void addUpdate(StateOp parameter, Value gradient);
  LogicalResult addStatistics();
  void keepTheRest();
  void commit();

  Value read(StateOp state);
  Value hyper(StringRef name, double value);
  StateOp addMoment(StateOp parameter, StringRef suffix);
  void write(StateOp state, Value value) { next[state] = value; }
  ArrayAttr nodeOf(StateOp state);

  ModuleOp module;
  GradientsOp end;
  const Recipe &recipe;
  OpBuilder builder;
  Location loc = nodeLocation(builder.getContext(), "optimizer");
  SmallVector<std::pair<StateOp, Value>> gradients;
  llvm::DenseMap<StateOp, Value> next, reads;
  StateOp appliedSteps;
  Value norm, lr, weightDecay, momentum, beta1, beta2, eps, stepSize, root;
};

struct AddOptimizerPass : mpc::impl::AddOptimizerPassBase<AddOptimizerPass> {
  using Base::Base;
  void runOnOperation() override;

private:
  FailureOr<Recipe> makeRecipe();
  FailureOr<std::optional<StepSchedule>> parseSchedule();
};
} // namespace

//===-- Options -----------------------------------------------------------===//

FailureOr<std::optional<StepSchedule>> AddOptimizerPass::parseSchedule() {
  if (lrSchedule == "constant")
    return std::optional<StepSchedule>();
  SmallVector<StringRef> parts;
  StringRef(lrSchedule).split(parts, ':');
  StepSchedule schedule;
  if (parts.size() != 3 || parts[0] != "step" ||
      parts[1].getAsDouble(schedule.every) ||
      parts[2].getAsDouble(schedule.factor) || schedule.every < 1 ||
      schedule.every != static_cast<int64_t>(schedule.every))
    return getOperation().emitError("unknown learning rate schedule '")
           << lrSchedule
           << "'; expected constant or step:EVERY:FACTOR with a whole number "
              "of steps";
  return std::optional(schedule);
}

FailureOr<Recipe> AddOptimizerPass::makeRecipe() {
  if (kind != "sgd" && kind != "adam" && kind != "adamw")
    return getOperation().emitError("unknown optimizer '")
           << kind << "'; expected sgd, adam or adamw";
  if (nesterov && (kind != "sgd" || momentum <= 0))
    return getOperation().emitError(
        "nesterov needs sgd with a momentum above 0; set --momentum");
  FailureOr<std::optional<StepSchedule>> schedule = parseSchedule();
  if (failed(schedule))
    return failure();
  Recipe recipe;
  recipe.adam = kind != "sgd";
  recipe.decoupled = kind == "adamw";
  recipe.opType = recipe.decoupled ? "AdamW" : recipe.adam ? "Adam" : "SGD";
  recipe.momentum = !recipe.adam && momentum != 0;
  recipe.nesterov = nesterov;
  recipe.lr = lr >= 0 ? lr : recipe.adam ? 1e-3 : 1e-2;
  recipe.momentumValue = momentum;
  recipe.weightDecay = weightDecay >= 0   ? weightDecay
                       : recipe.decoupled ? 1e-2
                                          : 0;
  recipe.beta1 = beta1;
  recipe.beta2 = beta2;
  recipe.eps = eps;
  recipe.clipNorm = clipNorm;
  recipe.schedule = *schedule;
  return recipe;
}

//===-- The end of train_step ---------------------------------------------===//

LogicalResult StepBuilder::run() {
  // Reads that are there serve again; state is constant within a step.
  for (auto op : end->getBlock()->getOps<ReadOp>())
    reads.try_emplace(module.lookupSymbol<StateOp>(op.getState()), op);
  for (auto [name, gradient] :
       llvm::zip(end.getParameters(), end.getGradients()))
    gradients.push_back(
        {module.lookupSymbol<StateOp>(cast<FlatSymbolRefAttr>(name).getValue()),
         gradient});

  OriginScope scope(builder, builder.getStrArrayAttr({"optimizer"}),
                    builder.getStringAttr(recipe.opType), Direction::Update);
  addGradients();
  addUpdates();
  if (failed(addStatistics()))
    return failure();
  keepTheRest();
  commit();
  return success();
}

// Names of the nodes that use a parameter; its own name if none is known.
ArrayAttr StepBuilder::nodeOf(StateOp state) {
  return state.getNodeAttr() ? state.getNodeAttr()
                             : builder.getStrArrayAttr({state.getSymName()});
}

Value StepBuilder::read(StateOp state) {
  Value &value = reads[state];
  if (!value)
    value = ReadOp::create(builder, loc, state.getTensorType(),
                           FlatSymbolRefAttr::get(state));
  return value;
}

Value StepBuilder::hyper(StringRef name, double value) {
  return read(addFilledState(module, name,
                             RankedTensorType::get({}, builder.getF32Type()),
                             StateRole::Hyper, value));
}

StateOp StepBuilder::addMoment(StateOp parameter, StringRef suffix) {
  std::string name = (parameter.getSymName() + suffix).str();
  StateOp moment = addFilledState(module, name, parameter.getTensorType(),
                                  StateRole::Moment, 0);
  moment.setParameterAttr(FlatSymbolRefAttr::get(parameter));
  moment.setNodeAttr(parameter.getNodeAttr());
  return moment;
}

void StepBuilder::addGradients() {
  SmallVector<Value> unscaled;
  for (auto &[parameter, gradient] : gradients) {
    OriginScope scope(builder, nodeOf(parameter),
                      builder.getStringAttr(recipe.opType), Direction::Update);
    gradient = ParameterGradientOp::create(
        builder, parameter.getLoc(), parameter.getTensorType(), gradient,
        /*inverse_scale=*/Value(), FlatSymbolRefAttr::get(parameter));
    unscaled.push_back(gradient);
  }
  auto scalar = RankedTensorType::get({}, builder.getF32Type());
  norm = GlobalNormOp::create(builder, loc, scalar, unscaled);
  if (recipe.clipNorm <= 0)
    return;
  Value factor = ClipFactorOp::create(builder, loc, scalar, norm,
                                      hyper("clip_norm", recipe.clipNorm));
  for (auto &[parameter, gradient] : gradients) {
    OriginScope scope(builder, nodeOf(parameter),
                      builder.getStringAttr(recipe.opType), Direction::Update);
    gradient = MulOp::create(builder, parameter.getLoc(), gradient, factor);
  }
}

void StepBuilder::addUpdates() {
  auto counter = RankedTensorType::get({}, builder.getI64Type());
  appliedSteps =
      addFilledState(module, "applied_steps", counter, StateRole::Step, 0);
  (void)read(appliedSteps);
  lr = hyper("lr", recipe.lr);
  if (recipe.schedule) {
    Value factor = hyper("lr_factor", recipe.schedule->factor);
    Value every = hyper("lr_every", recipe.schedule->every);
    lr = StepLrOp::create(builder, loc, lr.getType(), lr, factor, every,
                          read(appliedSteps));
  }
  weightDecay = hyper("weight_decay", recipe.weightDecay);
  if (recipe.momentum)
    momentum = hyper("momentum", recipe.momentumValue);
  if (recipe.adam) {
    beta1 = hyper("beta1", recipe.beta1);
    beta2 = hyper("beta2", recipe.beta2);
    eps = hyper("eps", recipe.eps);
    auto factors =
        AdamFactorsOp::create(builder, loc, lr.getType(), lr.getType(), lr,
                              beta1, beta2, read(appliedSteps));
    stepSize = factors.getStepSize();
    root = factors.getRoot();
  }
  for (auto [parameter, gradient] : gradients)
    addUpdate(parameter, gradient);
  Value one = ConstantOp::create(builder, loc,
                                 DenseElementsAttr::get(counter, int64_t(1)));
  write(appliedSteps, AddOp::create(builder, loc, read(appliedSteps), one));
}

void StepBuilder::addUpdate(StateOp parameter, Value gradient) {
  OriginScope scope(builder, nodeOf(parameter),
                    builder.getStringAttr(recipe.opType), Direction::Update);
  Location loc = parameter.getLoc();
  Type type = parameter.getTensorType();
  if (recipe.adam) {
    StateOp first = addMoment(parameter, ".exp_avg");
    StateOp second = addMoment(parameter, ".exp_avg_sq");
    auto update =
        AdamOp::create(builder, loc, type, type, type, read(parameter),
                       gradient, read(first), read(second), lr, beta1, beta2,
                       eps, weightDecay, stepSize, root, recipe.decoupled);
    write(parameter, update.getNextParameter());
    write(first, update.getNextFirstMoment());
    write(second, update.getNextSecondMoment());
    return;
  }
  StateOp moment =
      recipe.momentum ? addMoment(parameter, ".momentum") : StateOp();
  auto update =
      SgdOp::create(builder, loc, type, moment ? type : Type(), read(parameter),
                    gradient, moment ? read(moment) : Value(), lr, weightDecay,
                    momentum, recipe.nesterov);
  write(parameter, update.getNextParameter());
  if (moment)
    write(moment, update.getNextMoment());
}

// The next value of a state that an op of the forward part reads and updates.
LogicalResult StepBuilder::addStatistics() {
  for (Operation &op : end->getBlock()->without_terminator()) {
    auto update = dyn_cast<StateUpdateOpInterface>(op);
    if (!update)
      continue;
    for (auto [operand, result] : update.getStateUpdates()) {
      auto source = op.getOperand(operand).getDefiningOp<ReadOp>();
      auto state =
          source ? module.lookupSymbol<StateOp>(source.getState()) : StateOp();
      if (!state || (state.getRole() != StateRole::Statistic &&
                     state.getRole() != StateRole::Step))
        return op.emitOpError("updates operand #")
               << operand << ", which is not a state of role statistic or step";
      if (next.contains(state))
        return op.emitOpError("updates @")
               << state.getSymName() << ", which another op updates too";
      write(state, op.getResult(result));
    }
  }
  return success();
}

// State that nothing updates keeps its value.
void StepBuilder::keepTheRest() {
  for (auto state : module.getOps<StateOp>())
    if (state.isMutable() && !next.contains(state))
      write(state, read(state));
}

void StepBuilder::commit() {
  SmallVector<Attribute> states;
  SmallVector<Value> values;
  for (auto state : module.getOps<StateOp>())
    if (Value value = next.lookup(state)) {
      states.push_back(FlatSymbolRefAttr::get(state));
      values.push_back(value);
    }
  auto constant = [&](Type type, auto value) -> Value {
    return ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(RankedTensorType::get({}, type), value));
  };
  Value applied = constant(builder.getI1Type(), true);
  Value status = constant(builder.getI64Type(), int64_t(1));
  CommitOp::create(
      builder, end.getLoc(), applied, builder.getArrayAttr(states), values,
      builder.getArrayAttr({}), ValueRange(),
      builder.getStrArrayAttr(
          {"loss", "grad_norm", "applied", "applied_steps", "lr"}),
      ValueRange{end.getLoss(), norm, status, next.lookup(appliedSteps), lr});
  end.erase();
}

//===-- The pass ----------------------------------------------------------===//

void AddOptimizerPass::runOnOperation() {
  ModuleOp module = getOperation();
  auto forward = module.lookupSymbol<func::FuncOp>(forwardName);
  auto step = module.lookupSymbol<func::FuncOp>(trainStepName);
  auto end = step ? dyn_cast<GradientsOp>(step.front().getTerminator())
                  : GradientsOp();
  if (!forward || !end || end.getParameters().empty()) {
    module.emitError("needs @forward, and @train_step ending in mpc.gradients; "
                     "run mpc-differentiate first");
    return signalPassFailure();
  }
  FailureOr<Recipe> recipe = makeRecipe();
  if (failed(recipe) || failed(StepBuilder(module, end, *recipe).run()))
    return signalPassFailure();
  takeEvaluationForm(forward);
  addDerive(module);
}
