#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/scaling/Passes.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;
using namespace mpc;

namespace mpc {
#define GEN_PASS_DEF_SCALELOSSPASS
#include "passes/scaling/Passes.h.inc"
} // namespace mpc

namespace {
/// The overflow test: how many elements are not finite, and whether none is.
struct Verdict {
  Value count, allFinite;
};

/// Rewrites the end of train_step. Every op it builds computes in f32.
class Scaler {
public:
  Scaler(ModuleOp module, func::FuncOp step, CommitOp end)
      : module(module), step(step), end(end), builder(end) {}
  void run(const ScaleLossPassOptions &options);

private:
  bool backwardUsesF16();
  Verdict testOverflow();
  Value scaleGradients(double init);
  Value updateScale(const ScaleLossPassOptions &options, Value scale,
                    Verdict verdict);
  void commit(Verdict verdict, Value scale, Value nextScale);

  StateOp addLoopState(StringRef name, Type element, double value);
  Value read(StateOp state);
  Value hyper(StringRef name, double value);
  Value constant(Type element, Attribute value);
  Value selectNumber(Value condition, int64_t yes, int64_t no);
  Value status(StringRef name);
  /// Builds an op that reads operands as they are stored.
  template <typename Op, typename... Args> Op make(Args &&...args) {
    auto op = Op::create(builder, loc, std::forward<Args>(args)...);
    keepTypes(op);
    return op;
  }
  void keepTypes(Operation *op);
  void writeAlways(StateOp state, Value value) {
    always.push_back({state, value});
  }

  ModuleOp module;
  func::FuncOp step;
  CommitOp end;
  OpBuilder builder;
  Location loc = nodeLocation(builder.getContext(), "loss_scale");
  SmallVector<std::pair<StateOp, Value>> always;
  StateOp scaleState;
};

struct ScaleLossPass : mpc::impl::ScaleLossPassBase<ScaleLossPass> {
  using Base::Base;
  void runOnOperation() override;

private:
  LogicalResult check();
};
} // namespace

//===-- Building blocks ---------------------------------------------------===//

static ChoiceAttr choiceOf(Type type) {
  return ChoiceAttr::get(type.getContext(), type,
                         "loss scaling is computed in f32", "scaling");
}

// The type that `value` will be stored in.
static Type storedType(Value value) {
  auto node = value.getDefiningOp<NodeOpInterface>();
  if (PrecisionAttr precision =
          node ? node.getPrecisionAttr() : PrecisionAttr())
    return precision.getStores()[cast<OpResult>(value).getResultNumber()]
        .getType();
  return elementTypeOf(value);
}

// The precision phase has passed; what is built here says by itself that it
// needs no cast.
void Scaler::keepTypes(Operation *op) {
  SmallVector<ChoiceAttr> reads, stores;
  for (Value operand : op->getOperands())
    reads.push_back(choiceOf(storedType(operand)));
  for (Value result : op->getResults())
    stores.push_back(choiceOf(elementTypeOf(result)));
  auto isFloat = [](ChoiceAttr choice) {
    return isa<FloatType>(choice.getType());
  };
  if (llvm::any_of(reads, isFloat) || llvm::any_of(stores, isFloat))
    cast<NodeOpInterface>(op).setPrecisionAttr(
        PrecisionAttr::get(op->getContext(), reads, stores));
}

// Gives `op` one more operand, read in f32.
static void appendScale(Operation *op, Value scale) {
  op->insertOperands(op->getNumOperands(), scale);
  auto node = cast<NodeOpInterface>(op);
  PrecisionAttr old = node.getPrecisionAttr();
  if (!old)
    return;
  SmallVector<ChoiceAttr> reads(old.getReads());
  reads.push_back(choiceOf(elementTypeOf(scale)));
  node.setPrecisionAttr(PrecisionAttr::get(
      op->getContext(), old.getPolicyClass(), reads, old.getStores()));
}

StateOp Scaler::addLoopState(StringRef name, Type element, double value) {
  return addFilledState(module, name, RankedTensorType::get({}, element),
                        StateRole::Loop, value);
}

Value Scaler::read(StateOp state) {
  return make<ReadOp>(state.getTensorType(), FlatSymbolRefAttr::get(state));
}

Value Scaler::hyper(StringRef name, double value) {
  return read(addFilledState(module, name,
                             RankedTensorType::get({}, builder.getF32Type()),
                             StateRole::Hyper, value));
}

Value Scaler::constant(Type element, Attribute value) {
  return make<ConstantOp>(
      DenseElementsAttr::get(RankedTensorType::get({}, element), value));
}

Value Scaler::selectNumber(Value condition, int64_t yes, int64_t no) {
  Type i64 = builder.getI64Type();
  Value left = constant(i64, builder.getI64IntegerAttr(yes));
  Value right = constant(i64, builder.getI64IntegerAttr(no));
  return make<SelectOp>(left.getType(), condition, left, right);
}

Value Scaler::status(StringRef name) {
  for (auto [key, value] : llvm::zip(end.getStatusNames(), end.getStatus()))
    if (cast<StringAttr>(key) == name)
      return value;
  return {};
}

//===-- The parts of the phase --------------------------------------------===//

bool Scaler::backwardUsesF16() {
  auto isF16 = [](ChoiceAttr choice) { return choice.getType().isF16(); };
  for (auto op : step.getOps<NodeOpInterface>()) {
    DirectionAttr direction = op.getDirectionAttr();
    PrecisionAttr precision = op.getPrecisionAttr();
    if (direction && direction.getValue() == Direction::Backward && precision &&
        (llvm::any_of(precision.getReads(), isF16) ||
         llvm::any_of(precision.getStores(), isF16)))
      return true;
  }
  return false;
}

// Looks at gradients before they are unscaled, as they left the backward part.
Verdict Scaler::testOverflow() {
  SmallVector<Value> raw;
  for (auto op : step.getOps<ParameterGradientOp>())
    raw.push_back(op.getGradient());
  auto scalar = [](Type element) { return RankedTensorType::get({}, element); };
  auto test = make<NonfiniteCountOp>(scalar(builder.getI64Type()),
                                     scalar(builder.getI1Type()), raw);
  return {test.getCount(), test.getAllFinite()};
}

// The scale enters once, at the start of the derivative, and leaves in the one
// op that each gradient passes on its way to the optimizer.
Value Scaler::scaleGradients(double init) {
  auto seed = *step.getOps<GradientSeedOp>().begin();
  scaleState = addLoopState("loss_scale", builder.getF32Type(), init);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(seed);
  Value scale = read(scaleState);
  Value one = constant(builder.getF32Type(), builder.getF32FloatAttr(1));
  Value inverse = make<DivOp>(one, scale);
  appendScale(seed, scale);
  for (auto op : step.getOps<ParameterGradientOp>())
    appendScale(op, inverse);
  return scale;
}

Value Scaler::updateScale(const ScaleLossPassOptions &options, Value scale,
                          Verdict verdict) {
  if (!options.dynamic) {
    writeAlways(scaleState, scale);
    return scale;
  }
  StateOp good = addLoopState("good_steps", builder.getI64Type(), 0);
  StateOp bad = addLoopState("bad_steps", builder.getI64Type(), 0);
  Value goodSteps = read(good), badSteps = read(bad);
  Value growth = hyper("scale_growth_factor", options.growthFactor);
  Value interval = hyper("scale_growth_interval", options.growthInterval);
  Value backoff = hyper("scale_backoff_factor", options.backoff);
  Value hysteresis = hyper("scale_hysteresis", options.hysteresis);
  Value min = hyper("scale_min", options.min);
  Value max = hyper("scale_max", options.max);
  auto update = make<UpdateLossScaleOp>(
      scale.getType(), goodSteps.getType(), badSteps.getType(), scale,
      goodSteps, badSteps, verdict.allFinite, growth, interval, backoff,
      hysteresis, min, max);
  writeAlways(scaleState, update.getNextScale());
  writeAlways(good, update.getNextGoodSteps());
  writeAlways(bad, update.getNextBadSteps());
  return update.getNextScale();
}

void Scaler::commit(Verdict verdict, Value scale, Value nextScale) {
  StateOp skipped = addLoopState("skipped_steps", builder.getI64Type(), 0);
  Value skippedSteps =
      make<AddOp>(read(skipped), selectNumber(verdict.allFinite, 0, 1));
  writeAlways(skipped, skippedSteps);
  Value applied = selectNumber(verdict.allFinite, 1, 0);
  Value next = status("applied_steps");
  Value appliedSteps =
      make<SelectOp>(next.getType(), verdict.allFinite, next,
                     read(module.lookupSymbol<StateOp>("applied_steps")));

  SmallVector<Attribute> states;
  SmallVector<Value> values;
  for (auto [state, value] : always) {
    states.push_back(FlatSymbolRefAttr::get(state));
    values.push_back(value);
  }
  CommitOp::create(
      builder, end.getLoc(), verdict.allFinite, end.getPredicatedStatesAttr(),
      end.getPredicated(), builder.getArrayAttr(states), values,
      builder.getStrArrayAttr({"loss", "grad_norm", "nonfinite_count",
                               "applied", "applied_steps", "skipped_steps",
                               "loss_scale", "next_loss_scale", "lr"}),
      ValueRange{status("loss"), status("grad_norm"), verdict.count, applied,
                 appliedSteps, skippedSteps, scale, nextScale, status("lr")});
  llvm::SmallSetVector<Operation *, 16> sources;
  for (Value operand : end->getOperands())
    if (Operation *source = operand.getDefiningOp())
      sources.insert(source);
  end.erase();
  for (Operation *source : sources)
    if (isOpTriviallyDead(source))
      source->erase();
}

void Scaler::run(const ScaleLossPassOptions &options) {
  OriginScope scope(builder, builder.getStrArrayAttr({"loss_scale"}),
                    builder.getStringAttr("LossScale"), Direction::Update);
  bool scaled = backwardUsesF16();
  Value scale =
      scaled ? scaleGradients(options.init)
             : constant(builder.getF32Type(), builder.getF32FloatAttr(1));
  Verdict verdict = testOverflow();
  Value nextScale = scaled ? updateScale(options, scale, verdict) : scale;
  commit(verdict, scale, nextScale);
}

//===-- The pass ----------------------------------------------------------===//

static bool isPowerOfTwo(double value) {
  int exponent;
  return value > 0 && std::frexp(value, &exponent) == 0.5;
}

LogicalResult ScaleLossPass::check() {
  auto refuse = [&](StringRef option, double value, StringRef expected) {
    return getOperation().emitError("loss scaling has ")
           << option << " " << llvm::formatv("{0}", value).str()
           << "; expected " << expected;
  };
  std::pair<StringRef, double> powers[] = {{"init", init},
                                           {"growth-factor", growthFactor},
                                           {"backoff", backoff},
                                           {"min", min},
                                           {"max", max}};
  for (auto [option, value] : powers)
    if (!isPowerOfTwo(value))
      return refuse(option, value, "a power of two, so that scaling is exact");
  if (growthFactor < 1)
    return refuse("growth-factor", growthFactor, "1 or more");
  if (backoff > 1)
    return refuse("backoff", backoff, "1 or less");
  if (growthInterval < 1)
    return refuse("growth-interval", growthInterval, "1 or more steps");
  if (hysteresis < 1)
    return refuse("hysteresis", hysteresis, "1 or more steps");
  if (dynamic && (init < min || init > max))
    return refuse("init", init, "a scale between min and max");
  return success();
}

void ScaleLossPass::runOnOperation() {
  ModuleOp module = getOperation();
  auto step = module.lookupSymbol<func::FuncOp>(trainStepName);
  auto end =
      step ? dyn_cast<CommitOp>(step.front().getTerminator()) : CommitOp();
  if (!end || step.getOps<GradientSeedOp>().empty() ||
      !module.lookupSymbol<StateOp>("applied_steps")) {
    module.emitError("needs @train_step with gradients, ending in mpc.commit; "
                     "run mpc-add-optimizer first");
    return signalPassFailure();
  }
  if (failed(check()))
    return signalPassFailure();
  ScaleLossPassOptions options;
  options.init = init;
  options.dynamic = dynamic;
  options.growthFactor = growthFactor;
  options.growthInterval = growthInterval;
  options.backoff = backoff;
  options.hysteresis = hysteresis;
  options.min = min;
  options.max = max;
  Scaler(module, step, end).run(options);
}
