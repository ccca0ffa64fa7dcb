#include "compiler/dialect/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/cast/DerivedStates.h"
#include "passes/cast/Passes.h"
#include "llvm/ADT/MapVector.h"

namespace mpc {
#define GEN_PASS_DEF_INSERTCASTSPASS
#include "passes/cast/Passes.h.inc"
} // namespace mpc

using namespace mlir;
using namespace mpc;

namespace {
// The casts of one function.
class CastInserter {
public:
  /// `warns`: about constants that lose their value.
  CastInserter(func::FuncOp function, DerivedStates &derived, bool warns)
      : function(function), derived(derived), builder(function.getContext()),
        warns(warns) {}

  LogicalResult run();

private:
  LogicalResult applyStoredTypes(Operation *op);
  Type wantedType(OpOperand &operand);
  FailureOr<Value> castTo(Value value, FloatType type, Operation *reader);
  FailureOr<Value> create(Value value, FloatType type, Operation *reader);

  func::FuncOp function;
  DerivedStates &derived;
  OpBuilder builder;
  bool warns;
  SymbolTableCollection symbols;
  llvm::DenseMap<std::pair<Value, Type>, Value> casts;
};

struct InsertCasts : mpc::impl::InsertCastsPassBase<InsertCasts> {
  void runOnOperation() override;
};
} // namespace

static RankedTensorType withElement(Type tensor, Type element) {
  return RankedTensorType::get(cast<RankedTensorType>(tensor).getShape(),
                               element);
}

LogicalResult CastInserter::applyStoredTypes(Operation *op) {
  auto node = dyn_cast<NodeOpInterface>(op);
  PrecisionAttr precision = node ? node.getPrecisionAttr() : PrecisionAttr();
  if (!precision)
    return success();
  if (precision.getStores().size() != op->getNumResults())
    return op->emitOpError("has ")
           << op->getNumResults() << " results, but its precision says how to "
           << "store " << precision.getStores().size();
  for (auto [result, store] :
       llvm::zip(op->getResults(), precision.getStores())) {
    bool isFloat = isa<FloatType>(elementTypeOf(result));
    if (isFloat != isa<FloatType>(store.getType()) ||
        (!isFloat && store.getType() != elementTypeOf(result)))
      return op->emitOpError("has a result ")
             << result.getType() << ", which cannot be stored as "
             << store.getType();
    result.setType(withElement(result.getType(), store.getType()));
  }
  return success();
}

// The type of the state that operand `index` of a commit is written to, or
// null for a status value.
static Type writtenType(CommitOp commit, unsigned index,
                        SymbolTableCollection &symbols) {
  unsigned first = commit.getApplied() ? 1 : 0;
  if (index < first)
    return {};
  SmallVector<Attribute> states(commit.getPredicatedStates().getValue());
  llvm::append_range(states, commit.getAlwaysStates());
  if (index - first >= states.size())
    return {};
  auto state = symbols.lookupNearestSymbolFrom<StateOp>(
      commit, cast<FlatSymbolRefAttr>(states[index - first]));
  return state ? state.getTensorType().getElementType() : Type();
}

// The element type that an operand is read in, or null for as it is stored.
Type CastInserter::wantedType(OpOperand &operand) {
  Operation *op = operand.getOwner();
  unsigned index = operand.getOperandNumber();
  if (isa<func::ReturnOp>(op))
    return getElementTypeOrSelf(function.getFunctionType().getResult(index));
  if (auto commit = dyn_cast<CommitOp>(op)) {
    Type written = writtenType(commit, index, symbols);
    return written ? written : Type(Float32Type::get(op->getContext()));
  }
  auto node = dyn_cast<NodeOpInterface>(op);
  PrecisionAttr precision = node ? node.getPrecisionAttr() : PrecisionAttr();
  if (precision && index < precision.getReads().size())
    return precision.getReads()[index].getType();
  // Added after the decisions were taken.
  auto slots = dyn_cast<SlotOpInterface>(op);
  if (slots && slots.getSlotKind(operand) == SlotKind::Statistic)
    return Float32Type::get(op->getContext());
  return {};
}

static ElementsAttr rounded(ElementsAttr value, FloatType type) {
  return cast<DenseFPElementsAttr>(value).mapValues(
      type, [&](const APFloat &number) {
        APFloat result = number;
        bool inexact;
        result.convert(type.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                       &inexact);
        return result.bitcastToAPInt();
      });
}

// A finite number that becomes 0 or infinite is no longer the number the model
// means: an epsilon lets a division by 0 through, a mask gives NaN.
static void warnAboutLosses(ConstantOp constant, FloatType type,
                            ElementsAttr narrow) {
  auto wide = cast<DenseFPElementsAttr>(constant.getValue());
  for (auto [before, after] :
       llvm::zip(wide.getValues<APFloat>(), narrow.getValues<APFloat>())) {
    bool isLost = (after.isZero() && !before.isZero()) ||
                  (after.isInfinity() && before.isFinite());
    if (!isLost)
      continue;
    SmallString<16> number;
    before.toString(number, /*FormatPrecision=*/6);
    mlir::emitWarning(constant.getLoc())
        << "the constant " << number << " becomes "
        << (after.isZero()       ? "0"
            : after.isNegative() ? "-inf"
                                 : "inf")
        << " in " << type
        << "; keep what reads it in f32 with --deny, or change the constant";
    return;
  }
}

FailureOr<Value> CastInserter::create(Value value, FloatType type,
                                      Operation *reader) {
  if (auto read = value.getDefiningOp<ReadOp>(); read && type.getWidth() < 32) {
    auto state =
        symbols.lookupNearestSymbolFrom<StateOp>(read, read.getStateAttr());
    if (DerivedStates::mayDerive(state))
      return derived.read(read, state, type);
  }
  auto constant = value.getDefiningOp<ConstantOp>();
  if (constant && isa<DenseFPElementsAttr>(constant.getValue())) {
    builder.setInsertionPointAfter(constant);
    ElementsAttr narrow = rounded(constant.getValue(), type);
    if (warns)
      warnAboutLosses(constant, type, narrow);
    return ConstantOp::create(builder, constant.getLoc(), narrow.getType(),
                              narrow, constant.getNodeAttr(),
                              constant.getOpTypeAttr(),
                              constant.getDirectionAttr())
        .getResult();
  }
  // The cast belongs to the node that made the value, in the part of the step
  // that reads it first.
  builder.setInsertionPoint(reader);
  auto from = dyn_cast_or_null<NodeOpInterface>(value.getDefiningOp());
  auto to = dyn_cast<NodeOpInterface>(reader);
  NodeOpInterface origin = from && from.getNodeAttr() ? from : to;
  auto cast =
      CastOp::create(builder, origin ? origin.getLoc() : reader->getLoc(),
                     withElement(value.getType(), type), value);
  if (origin) {
    cast.setNodeAttr(origin.getNodeAttr());
    cast.setOpTypeAttr(origin.getOpTypeAttr());
  }
  if (NodeOpInterface place = to ? to : from)
    cast.setDirectionAttr(place.getDirectionAttr());
  return cast.getResult();
}

FailureOr<Value> CastInserter::castTo(Value value, FloatType type,
                                      Operation *reader) {
  Value &made = casts[{value, type}];
  if (!made) {
    FailureOr<Value> result = create(value, type, reader);
    if (failed(result))
      return failure();
    made = *result;
  }
  return made;
}

LogicalResult CastInserter::run() {
  // What is inserted below needs no cast, so the list is taken first.
  SmallVector<Operation *> ops;
  for (Operation &op : function.getBody().getOps())
    ops.push_back(&op);
  for (Operation *op : ops) {
    if (failed(applyStoredTypes(op)))
      return failure();
    for (OpOperand &operand : op->getOpOperands()) {
      auto wanted = dyn_cast_or_null<FloatType>(wantedType(operand));
      auto stored = dyn_cast<FloatType>(elementTypeOf(operand.get()));
      if (!wanted || !stored || wanted == stored)
        continue;
      auto read = castTo(operand.get(), wanted, op);
      if (failed(read))
        return failure();
      operand.set(*read);
    }
  }
  // A parameter that nobody reads in f32 any more is not loaded.
  for (Operation *op : llvm::reverse(ops))
    if (isa<ReadOp, ConstantOp>(op) && op->use_empty())
      op->erase();
  return success();
}

void InsertCasts::runOnOperation() {
  ModuleOp module = getOperation();
  DerivedStates derived(module);
  // Both functions have the forward part; it is reported once.
  bool warns = true;
  for (StringRef name : {trainStepName, forwardName}) {
    auto function = module.lookupSymbol<func::FuncOp>(name);
    if (!function || function.isExternal())
      continue;
    if (failed(CastInserter(function, derived, warns).run()))
      return signalPassFailure();
    warns = false;
  }
  derived.write();
}
