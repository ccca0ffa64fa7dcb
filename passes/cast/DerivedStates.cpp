#include "passes/cast/DerivedStates.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace mpc;

bool DerivedStates::mayDerive(StateOp state) {
  return state && (state.getRole() == StateRole::Parameter ||
                   state.getRole() == StateRole::Constant);
}

FailureOr<StateOp> DerivedStates::copyOf(StateOp state, FloatType type) {
  StateOp &copy = copies[{state, type}];
  if (copy)
    return copy;
  std::string name =
      (state.getSymName() + (type.isF16() ? ".f16" : ".bf16")).str();
  if (Operation *taken = symbols.lookup(name)) {
    InFlightDiagnostic diag = state.emitOpError("needs the name @")
                              << name << " for its narrow copy, but it is "
                              << "taken; rename that tensor of the model";
    diag.attachNote(taken->getLoc()) << "taken here";
    return diag;
  }
  OpBuilder builder(module.getContext());
  builder.setInsertionPointAfter(state);
  auto tensor = RankedTensorType::get(state.getTensorType().getShape(), type);
  copy = StateOp::create(
      builder, state.getLoc(), builder.getStringAttr(name),
      TypeAttr::get(tensor),
      StateRoleAttr::get(module.getContext(), StateRole::Derived),
      /*initializer=*/Attribute(), FlatSymbolRefAttr::get(state),
      /*parameter=*/FlatSymbolRefAttr(), state.getNodeAttr());
  symbols.insert(copy, std::next(Block::iterator(state)));
  return copy;
}

FailureOr<Value> DerivedStates::read(ReadOp read, StateOp state,
                                     FloatType type) {
  FailureOr<StateOp> copy = copyOf(state, type);
  if (failed(copy))
    return failure();
  OpBuilder builder(read);
  auto narrow = ReadOp::create(builder, read.getLoc(), copy->getTensorType(),
                               FlatSymbolRefAttr::get(*copy));
  narrow.setNodeAttr(read.getNodeAttr());
  narrow.setOpTypeAttr(read.getOpTypeAttr());
  narrow.setDirectionAttr(read.getDirectionAttr());
  return narrow.getResult();
}

void DerivedStates::write() {
  if (copies.empty())
    return;
  writeInStep();
  writeInDerive();
}

static Value narrowed(OpBuilder &builder, Value value, StateOp copy) {
  auto cast =
      CastOp::create(builder, copy.getLoc(), copy.getTensorType(), value);
  // A parameter has no node; its own name says where the cast comes from.
  cast.setNodeAttr(copy.getNodeAttr()
                       ? copy.getNodeAttr()
                       : builder.getStrArrayAttr({*copy.getDerivedFrom()}));
  cast.setOpTypeAttr(builder.getStringAttr("Cast"));
  cast.setDirectionAttr(
      DirectionAttr::get(copy.getContext(), Direction::Update));
  return cast.getResult();
}

// A copy changes exactly when its parameter does: under the same predicate.
void DerivedStates::writeInStep() {
  auto function = module.lookupSymbol<func::FuncOp>(trainStepName);
  if (!function || function.isExternal())
    return;
  auto commit = dyn_cast<CommitOp>(function.getBody().front().getTerminator());
  if (!commit)
    return;
  OpBuilder builder(commit);
  SmallVector<Attribute> names(commit.getPredicatedStates().getValue());
  SmallVector<Value> values(commit.getPredicated());
  for (auto &[key, copy] : copies)
    for (auto [index, name] : llvm::enumerate(commit.getPredicatedStates())) {
      if (name != copy.getDerivedFromAttr())
        continue;
      names.push_back(FlatSymbolRefAttr::get(copy));
      values.push_back(narrowed(builder, commit.getPredicated()[index], copy));
    }
  commit.setPredicatedStatesAttr(builder.getArrayAttr(names));
  commit.getPredicatedMutable().assign(values);
}

static func::FuncOp createDerive(ModuleOp module) {
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  auto derive = func::FuncOp::create(builder, module.getLoc(), deriveName,
                                     builder.getFunctionType({}, {}));
  builder.setInsertionPointToStart(derive.addEntryBlock());
  ArrayAttr none = builder.getArrayAttr({});
  CommitOp::create(builder, module.getLoc(), Value(), none, ValueRange(), none,
                   ValueRange(), none, ValueRange());
  return derive;
}

void DerivedStates::writeInDerive() {
  auto derive = module.lookupSymbol<func::FuncOp>(deriveName);
  if (!derive)
    derive = createDerive(module);
  auto commit = cast<CommitOp>(derive.getBody().front().getTerminator());
  OpBuilder builder(commit);
  SmallVector<Attribute> names(commit.getAlwaysStates().getValue());
  SmallVector<Value> values(commit.getAlways());
  for (auto &[key, copy] : copies) {
    auto source = cast<StateOp>(key.first);
    Value wide =
        ReadOp::create(builder, source.getLoc(), source.getTensorType(),
                       FlatSymbolRefAttr::get(source));
    names.push_back(FlatSymbolRefAttr::get(copy));
    values.push_back(narrowed(builder, wide, copy));
  }
  commit.setAlwaysStatesAttr(builder.getArrayAttr(names));
  commit.getAlwaysMutable().assign(values);
}
