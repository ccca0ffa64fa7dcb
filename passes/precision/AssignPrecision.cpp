#include "compiler/analysis/Painting.h"
#include "compiler/analysis/Policy.h"
#include "compiler/dialect/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/precision/Passes.h"
#include "passes/precision/PolicyQueries.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"

namespace mpc {
#define GEN_PASS_DEF_ASSIGNPRECISIONPASS
#include "passes/precision/Passes.h.inc"
} // namespace mpc

using namespace mlir;
using namespace mpc;

namespace {
// What is decided for one op as a whole; its slots follow.
struct Decision {
  bool narrow = false;
  std::string policyClass, reason, origin;
};

// The decisions of one function, by op.
using Decisions = llvm::MapVector<Operation *, Decision>;

class AssignPrecision
    : public mpc::impl::AssignPrecisionPassBase<AssignPrecision> {
public:
  using AssignPrecisionPassBase::AssignPrecisionPassBase;
  void runOnOperation() override;

private:
  LogicalResult readOptions();
  FailureOr<Decisions> decide(func::FuncOp function);
  Decisions follow(func::FuncOp function, const Decisions &step);
  LogicalResult assign(func::FuncOp function, const Decisions &decisions);
  FailureOr<PrecisionAttr> choose(SlotOpInterface op, const Decision &decision);
  FailureOr<ChoiceAttr> chooseSlot(SlotOpInterface op, PolicySlot slot,
                                   Value value, SlotKind kind,
                                   const Decision &decision);
  ChoiceAttr choice(Type type, const Twine &reason, const Twine &origin) {
    return ChoiceAttr::get(&getContext(), type, reason.str(), origin.str());
  }

  std::optional<Policy> active; // none in f32
  Type narrowType;
};
} // namespace

//===-- Which ops a policy decides ----------------------------------------===//

static bool isUpdate(Operation *op) {
  auto node = dyn_cast<NodeOpInterface>(op);
  DirectionAttr direction = node ? node.getDirectionAttr() : DirectionAttr();
  // A parameter's gradient is the border: it widens whatever was stored.
  return isa<ParameterGradientOp>(op) ||
         (direction && direction.getValue() == Direction::Update);
}

static bool isDataOperand(OpOperand &operand) {
  return cast<SlotOpInterface>(operand.getOwner()).getSlotKind(operand) ==
         SlotKind::Data;
}

static bool isDataResult(OpResult result) {
  return cast<SlotOpInterface>(result.getOwner()).getResultKind(result) ==
         SlotKind::Data;
}

// Whether the model itself says which formats the op works in: its own casts,
// and all that they lead to.
static bool isTypedByModel(Operation *op) {
  if (auto castOp = dyn_cast<CastOp>(op))
    return castOp.getUser();
  auto isNarrow = [](Value value) {
    auto type = dyn_cast<FloatType>(elementTypeOf(value));
    return type && !type.isF32();
  };
  return llvm::any_of(op->getResults(), isNarrow);
}

static bool isDecidedByPolicy(Operation *op) {
  auto slots = dyn_cast<SlotOpInterface>(op);
  if (!slots || isUpdate(op) || isTypedByModel(op))
    return false;
  return llvm::any_of(op->getOpOperands(), isDataOperand) ||
         llvm::any_of(op->getResults(), isDataResult);
}

//===-- Decisions for whole ops -------------------------------------------===//

FailureOr<Decisions> AssignPrecision::decide(func::FuncOp function) {
  Decisions decisions;
  std::vector<Ruling> rulings;
  PaintGraph graph;
  llvm::DenseMap<Operation *, unsigned> numbers;
  for (Operation &op : function.getBody().getOps()) {
    if (!isDecidedByPolicy(&op))
      continue;
    if (!active) {
      decisions[&op] = {false, "deny", "the step is f32", "--precision fp32"};
      continue;
    }
    auto ruling = active->classify(queryFor(cast<NodeOpInterface>(op)));
    if (!ruling)
      return op.emitError(llvm::toString(ruling.takeError()));
    numbers[&op] = graph.addNode(ruling->policyClass);
    for (OpOperand &operand : op.getOpOperands())
      if (Operation *producer = operand.get().getDefiningOp())
        if (auto found = numbers.find(producer);
            found != numbers.end() && isDataOperand(operand))
          graph.addEdge(found->second, numbers[&op]);
    rulings.push_back(std::move(*ruling));
  }
  if (!active)
    return decisions;
  std::vector<Paint> paints = paint(graph, active->getFormat());
  for (Operation &op : function.getBody().getOps()) {
    auto found = numbers.find(&op);
    if (found == numbers.end())
      continue;
    const Ruling &ruling = rulings[found->second];
    Paint paint = paints[found->second];
    StringRef reason = paintReason(paint.step);
    decisions[&op] = {paint.narrow, policyClassName(ruling.policyClass).str(),
                      reason.empty() ? ruling.reason : reason.str(),
                      ruling.origin};
  }
  return decisions;
}

// Evaluation must compute what training computed, so each op of `function`
// takes the decision of its twin: same nodes, same op type, same place among
// those.
Decisions AssignPrecision::follow(func::FuncOp function,
                                  const Decisions &step) {
  auto key = [](Operation *op) {
    PolicyQuery query = queryFor(cast<NodeOpInterface>(op));
    std::string text = query.opType;
    for (const std::string &node : query.nodes)
      text += '\0' + node;
    return text;
  };
  llvm::StringMap<SmallVector<const Decision *, 1>> twins;
  for (auto &[op, decision] : step)
    if (!isBackward(cast<NodeOpInterface>(op)))
      twins[key(op)].push_back(&decision);
  llvm::StringMap<unsigned> seen;
  Decisions decisions;
  for (Operation &op : function.getBody().getOps()) {
    if (!isDecidedByPolicy(&op))
      continue;
    auto found = twins.find(key(&op));
    if (found == twins.end()) {
      decisions[&op] = {false, "deny", "train_step has no such op",
                        "the order of phases"};
      continue;
    }
    unsigned place = seen[key(&op)]++;
    decisions[&op] =
        *found->second[std::min<size_t>(place, found->second.size() - 1)];
  }
  return decisions;
}

//===-- Choices for slots -------------------------------------------------===//

FailureOr<ChoiceAttr> AssignPrecision::chooseSlot(SlotOpInterface op,
                                                  PolicySlot slot, Value value,
                                                  SlotKind kind,
                                                  const Decision &decision) {
  Type f32 = Float32Type::get(&getContext());
  if (kind == SlotKind::Index)
    return choice(elementTypeOf(value), "not a float", "the op");
  if (kind == SlotKind::Statistic)
    return choice(f32, "statistics and scalars of the op are f32", "the op");
  if (active) {
    StringRef tensor = slot.isResult ? StringRef() : tensorName(value);
    auto ruling = active->classifySlot(queryFor(cast<NodeOpInterface>(*op)),
                                       slot, tensor);
    if (!ruling)
      return op->emitError(llvm::toString(ruling.takeError()));
    if (*ruling)
      return choice((*ruling)->policyClass == PolicyClass::Allow ? narrowType
                                                                 : f32,
                    (*ruling)->reason, (*ruling)->origin);
  }
  return choice(decision.narrow ? narrowType : f32, decision.reason,
                decision.origin);
}

// The one choice for all data of an op that moves it: the first f32 one, or
// else the first.
static ChoiceAttr moveIn(SlotOpInterface op, ArrayRef<ChoiceAttr> reads,
                         ArrayRef<ChoiceAttr> stores) {
  SmallVector<ChoiceAttr> choices;
  for (OpOperand &operand : op->getOpOperands())
    if (op.getSlotKind(operand) == SlotKind::Data)
      choices.push_back(reads[operand.getOperandNumber()]);
  for (OpResult result : op->getResults())
    if (op.getResultKind(result) == SlotKind::Data)
      choices.push_back(stores[result.getResultNumber()]);
  for (ChoiceAttr choice : choices)
    if (choice.getType().isF32())
      return choice;
  return choices.empty() ? ChoiceAttr() : choices.front();
}

FailureOr<PrecisionAttr> AssignPrecision::choose(SlotOpInterface op,
                                                 const Decision &decision) {
  SmallVector<ChoiceAttr> reads, stores;
  for (OpOperand &operand : op->getOpOperands()) {
    auto read = chooseSlot(op, {false, operand.getOperandNumber()},
                           operand.get(), op.getSlotKind(operand), decision);
    if (failed(read))
      return failure();
    reads.push_back(*read);
  }
  for (OpResult result : op->getResults()) {
    auto store = chooseSlot(op, {true, result.getResultNumber()}, result,
                            op.getResultKind(result), decision);
    if (failed(store))
      return failure();
    stores.push_back(*store);
  }
  // An op that only moves elements cannot round: one f32 slot makes it f32.
  if (op->hasTrait<trait::MovesElements>()) {
    ChoiceAttr one = moveIn(op, reads, stores);
    for (OpOperand &operand : op->getOpOperands())
      if (op.getSlotKind(operand) == SlotKind::Data)
        reads[operand.getOperandNumber()] = one;
    for (OpResult result : op->getResults())
      if (op.getResultKind(result) == SlotKind::Data)
        stores[result.getResultNumber()] = one;
  }
  return PrecisionAttr::get(&getContext(), decision.policyClass, reads, stores);
}

// The type that `value` will be stored in: its op's decision if it has one.
static Type storedType(Value value) {
  auto result = dyn_cast<OpResult>(value);
  auto node =
      result ? dyn_cast<NodeOpInterface>(result.getOwner()) : NodeOpInterface();
  if (PrecisionAttr precision =
          node ? node.getPrecisionAttr() : PrecisionAttr())
    return precision.getStores()[result.getResultNumber()].getType();
  return elementTypeOf(value);
}

static std::pair<StringRef, StringRef> fixedReason(Operation *op) {
  if (isa<ReadOp>(op))
    return {"state is stored f32", "the state"};
  if (isa<ConstantOp>(op))
    return {"constants are f32", "the model"};
  if (isUpdate(op))
    return {"updates are computed and stored in f32", "the optimizer"};
  if (isTypedByModel(op))
    return {"the model says so", "a Cast in the model"};
  return {"statistics and scalars of the op are f32", "the op"};
}

// For ops that no policy decides: operands are read as they were stored
// (statistics in f32), results keep their types.
static PrecisionAttr keep(Operation *op) {
  auto [reason, origin] = fixedReason(op);
  SmallVector<ChoiceAttr> reads, stores;
  auto slots = dyn_cast<SlotOpInterface>(op);
  for (OpOperand &operand : op->getOpOperands()) {
    bool asStored = !slots || slots.getSlotKind(operand) == SlotKind::Data;
    Type type =
        asStored ? storedType(operand.get()) : elementTypeOf(operand.get());
    reads.push_back(ChoiceAttr::get(
        op->getContext(), type, asStored ? "read as stored" : reason, origin));
  }
  for (OpResult result : op->getResults())
    stores.push_back(ChoiceAttr::get(op->getContext(), elementTypeOf(result),
                                     reason, origin));
  return PrecisionAttr::get(op->getContext(), "", reads, stores);
}

static bool hasFloats(Operation *op) {
  auto isFloat = [](Value value) {
    return isa<FloatType>(elementTypeOf(value));
  };
  return llvm::any_of(op->getOperands(), isFloat) ||
         llvm::any_of(op->getResults(), isFloat);
}

LogicalResult AssignPrecision::assign(func::FuncOp function,
                                      const Decisions &decisions) {
  for (Operation &op : function.getBody().getOps()) {
    auto node = dyn_cast<NodeOpInterface>(op);
    if (!node || !hasFloats(&op))
      continue;
    auto found = decisions.find(&op);
    FailureOr<PrecisionAttr> precision =
        found == decisions.end()
            ? FailureOr<PrecisionAttr>(keep(&op))
            : choose(cast<SlotOpInterface>(op), found->second);
    if (failed(precision))
      return failure();
    node.setPrecisionAttr(*precision);
  }
  return success();
}

//===-- The pass ----------------------------------------------------------===//

LogicalResult AssignPrecision::readOptions() {
  active.reset();
  narrowType = Type();
  if (format == "fp32")
    return success();
  if (format != "fp16" && format != "bf16")
    return emitError(UnknownLoc::get(&getContext()))
           << "precision is '" << format << "'; expected fp16, bf16 or fp32";
  bool fp16 = format == "fp16";
  narrowType = fp16 ? Type(Float16Type::get(&getContext()))
                    : Type(BFloat16Type::get(&getContext()));
  auto read = Policy::create(fp16 ? NarrowFormat::Fp16 : NarrowFormat::Bf16,
                             policy, ArrayRef<std::string>(rules));
  if (!read)
    return emitError(UnknownLoc::get(&getContext()))
           << llvm::toString(read.takeError());
  active = std::move(*read);
  return success();
}

void AssignPrecision::runOnOperation() {
  if (failed(readOptions()))
    return signalPassFailure();
  ModuleOp module = getOperation();
  auto step = module.lookupSymbol<func::FuncOp>(trainStepName);
  auto forward = module.lookupSymbol<func::FuncOp>(forwardName);
  Decisions stepDecisions;
  for (func::FuncOp function : {step, forward}) {
    if (!function || function.isExternal())
      continue;
    FailureOr<Decisions> decisions = function == forward && step
                                         ? follow(forward, stepDecisions)
                                         : decide(function);
    if (failed(decisions) || failed(assign(function, *decisions)))
      return signalPassFailure();
    stepDecisions = std::move(*decisions);
  }
  if (active)
    for (const std::string &sentence : active->unmatchedRules())
      emitWarning(module.getLoc()) << sentence;
}
