#include "compiler/dialect/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace mpc;

LogicalResult StateOp::verify() {
  // state-s1
  bool derived = getRole() == StateRole::Derived;
  if (derived != getDerivedFromAttr().operator bool())
    return emitOpError(derived ? "is derived but names no state in derived_from"
                               : "has derived_from but is not derived");
  if (derived == getInitializerAttr().operator bool())
    return emitOpError(derived ? "is derived and must not have an initializer"
                               : "has no initializer");
  if (auto init = getInitializerAttr())
    if (!isa<FillAttr, UniformAttr, NormalAttr, FileAttr>(init))
      return emitOpError("has initializer ")
             << init
             << "; expected #mpc.fill, #mpc.uniform, #mpc.normal or #mpc.file";
  // state-s2
  auto type = dyn_cast<RankedTensorType>(getType());
  if (!type || !type.hasStaticShape())
    return emitOpError("has type ")
           << getType() << "; expected a static tensor";
  return success();
}

bool StateOp::isMutable() {
  if (auto source = getDerivedFromAttr()) {
    auto from = dyn_cast_or_null<StateOp>(
        SymbolTable::lookupNearestSymbolFrom(*this, source));
    return !from || from.getDerivedFromAttr() || from.isMutable();
  }
  return getRole() != StateRole::Constant && getRole() != StateRole::Hyper;
}

StateOp mpc::addFilledState(ModuleOp module, StringRef name,
                            RankedTensorType type, StateRole role,
                            double value) {
  SymbolTable symbols(module);
  if (auto taken = symbols.lookup<StateOp>(name)) {
    std::string renamed = ("model." + name).str();
    while (symbols.lookup(renamed))
      renamed.insert(0, "model.");
    (void)symbols.rename(taken, renamed);
  }
  OpBuilder builder(module.getContext());
  builder.setInsertionPointToStart(module.getBody());
  for (StateOp state : module.getOps<StateOp>())
    builder.setInsertionPointAfter(state);
  return StateOp::create(builder, module.getLoc(), name, type, role,
                         FillAttr::get(module.getContext(), value),
                         /*derived_from=*/nullptr, /*parameter=*/nullptr,
                         /*node=*/nullptr);
}

// The state that `symbol` names, or a diagnostic on `op`.
static FailureOr<StateOp> lookupState(Operation *op, Attribute symbol,
                                      SymbolTableCollection &symbols) {
  auto name = dyn_cast<FlatSymbolRefAttr>(symbol);
  auto state =
      name ? symbols.lookupNearestSymbolFrom<StateOp>(op, name) : StateOp();
  if (!state)
    return op->emitOpError("names ") << symbol << ", which is not a state";
  return state;
}

// Checks that `values` pair up with `names` and have their states' types.
static LogicalResult
verifyWrites(Operation *op, ArrayAttr names, ValueRange values,
             SymbolTableCollection &symbols,
             llvm::function_ref<LogicalResult(StateOp)> f) {
  if (names.size() != values.size())
    return op->emitOpError("has ")
           << names.size() << " state names but " << values.size() << " values";
  for (auto [name, value] : llvm::zip(names, values)) {
    auto state = lookupState(op, name, symbols);
    if (failed(state))
      return failure();
    if (state->getType() != value.getType())
      return op->emitOpError("writes ") << value.getType() << " to " << name
                                        << " of type " << state->getType();
    if (failed(f(*state)))
      return failure();
  }
  return success();
}

LogicalResult ReadOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto state = lookupState(*this, getStateAttr(), symbols);
  if (failed(state))
    return failure();
  // read-s1
  if (state->getType() != getType())
    return emitOpError("reads ") << getType() << " from " << getStateAttr()
                                 << " of type " << state->getType();
  return success();
}

SlotKind ParameterGradientOp::getSlotKind(OpOperand &operand) {
  return operand.getOperandNumber() == 0 ? SlotKind::Data : SlotKind::Statistic;
}

SlotKind ParameterGradientOp::getResultKind(OpResult) {
  return SlotKind::Statistic;
}

LogicalResult ParameterGradientOp::verify() {
  // parameter_gradient-g1
  if (shapeOf(getGradient()) != getType().getShape())
    return emitOpError("changes the shape from ")
           << getGradient().getType() << " to " << getType();
  return success();
}

LogicalResult GradientsOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // gradients-g1
  if (getParameters().size() != getGradients().size())
    return emitOpError("has ") << getParameters().size() << " parameters but "
                               << getGradients().size() << " gradients";
  for (auto [name, value] : llvm::zip(getParameters(), getGradients())) {
    auto state = lookupState(*this, name, symbols);
    if (failed(state))
      return failure();
    if (state->getTensorType().getShape() != shapeOf(value))
      return emitOpError("has a gradient ")
             << value.getType() << " for " << name << " of type "
             << state->getType();
  }
  return success();
}

LogicalResult CommitOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto function = (*this)->getParentOfType<func::FuncOp>();
  bool isStep = function && function.getSymName() == trainStepName;
  bool isDerive = function && function.getSymName() == deriveName;
  // commit-c4
  if (isStep && !getApplied())
    return emitOpError("has no applied operand; train_step needs one");

  llvm::StringMap<int> writes;
  auto count = [&](StateOp state) -> LogicalResult {
    if (++writes[state.getSymName()] > 1)
      return emitOpError("writes @") << state.getSymName() << " twice";
    bool wanted =
        isDerive ? state.getRole() == StateRole::Derived : state.isMutable();
    if (!wanted)
      return emitOpError("writes @")
             << state.getSymName() << " of role "
             << stringifyStateRole(state.getRole())
             << (isDerive ? "; derive writes derived state only"
                          : ", which no step may change");
    return success();
  };
  auto countAlways = [&](StateOp state) -> LogicalResult {
    // commit-c3
    if (isStep && state.getRole() != StateRole::Loop)
      return emitOpError("always writes @")
             << state.getSymName() << " of role "
             << stringifyStateRole(state.getRole())
             << "; only role loop may change in a skipped step";
    return count(state);
  };
  // commit-c1
  if (failed(verifyWrites(*this, getPredicatedStates(), getPredicated(),
                          symbols, count)) ||
      failed(verifyWrites(*this, getAlwaysStates(), getAlways(), symbols,
                          countAlways)))
    return failure();
  if (getStatusNames().size() != getStatus().size())
    return emitOpError("has ")
           << getStatusNames().size() << " status names but "
           << getStatus().size() << " values";
  // commit-c2
  if (!isStep && !isDerive)
    return success();
  for (auto state : (*this)->getParentOfType<ModuleOp>().getOps<StateOp>()) {
    bool wanted =
        isDerive ? state.getRole() == StateRole::Derived : state.isMutable();
    if (wanted && !writes.contains(state.getSymName())) {
      InFlightDiagnostic diag = emitOpError("does not write @")
                                << state.getSymName();
      diag.attachNote(state.getLoc())
          << "declared here with role " << stringifyStateRole(state.getRole());
      return diag;
    }
  }
  return success();
}

#define GET_OP_CLASSES
#include "compiler/dialect/State.cpp.inc"

void MpcDialect::addStateOps() {
  addOperations<
#define GET_OP_LIST
#include "compiler/dialect/State.cpp.inc"
      >();
}
