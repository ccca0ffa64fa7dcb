#include "compiler/dialect/Dialect.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mpc;

#include "compiler/dialect/Dialect.cpp.inc"
#include "compiler/dialect/Enums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "compiler/dialect/Attributes.cpp.inc"

#include "compiler/dialect/Interfaces.cpp.inc"

void MpcDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "compiler/dialect/Attributes.cpp.inc"
      >();
  addStateOps();
  addElementwiseOps();
  addShapeOps();
  addIndexingOps();
  addReductionOps();
  addLinearAlgebraOps();
  addConvolutionOps();
  addPoolingOps();
  addSoftmaxOps();
  addNormalizationOps();
  addLossOps();
  addRandomOps();
  addOptimizerOps();
  addScalingOps();
  addKernelOps();
}

Operation *MpcDialect::materializeConstant(OpBuilder &builder, Attribute value,
                                           Type type, Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type)
    return nullptr;
  return ConstantOp::create(builder, loc, elements);
}

SlotKind mpc::defaultSlotKind(Type type) {
  return isa<FloatType>(getElementTypeOrSelf(type)) ? SlotKind::Data
                                                    : SlotKind::Index;
}

//===-- Attributes --------------------------------------------------------===//

// Doubles print with enough digits to be read back exactly.
static void printDouble(AsmPrinter &printer, double value) {
  printer << "<";
  printer.printFloat(APFloat(value));
  printer << ">";
}

static FailureOr<double> parseDouble(AsmParser &parser) {
  double value = 0;
  if (parser.parseLess() || parser.parseFloat(value) || parser.parseGreater())
    return failure();
  return value;
}

#define MPC_DOUBLE_ATTR(NAME)                                                  \
  Attribute NAME::parse(AsmParser &parser, Type) {                             \
    auto value = parseDouble(parser);                                          \
    return failed(value) ? Attribute()                                         \
                         : NAME::get(parser.getContext(), *value);             \
  }                                                                            \
  void NAME::print(AsmPrinter &printer) const {                                \
    printDouble(printer, asDouble());                                          \
  }
MPC_DOUBLE_ATTR(FillAttr)
MPC_DOUBLE_ATTR(UniformAttr)
MPC_DOUBLE_ATTR(NormalAttr)
#undef MPC_DOUBLE_ATTR

// <class [f16 "reason" from "origin", ...] -> [...]>
static void printChoices(AsmPrinter &printer, ArrayRef<ChoiceAttr> choices) {
  printer << "[";
  llvm::interleaveComma(choices, printer, [&](ChoiceAttr choice) {
    printer << choice.getType() << " ";
    printer.printString(choice.getReason());
    printer << " from ";
    printer.printString(choice.getOrigin());
  });
  printer << "]";
}

static ParseResult parseChoices(AsmParser &parser,
                                SmallVectorImpl<ChoiceAttr> &choices) {
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
    Type type;
    std::string reason, origin;
    if (parser.parseType(type) || parser.parseString(&reason) ||
        parser.parseKeyword("from") || parser.parseString(&origin))
      return failure();
    choices.push_back(
        ChoiceAttr::get(parser.getContext(), type, reason, origin));
    return success();
  });
}

Attribute PrecisionAttr::parse(AsmParser &parser, Type) {
  SmallVector<ChoiceAttr> reads, stores;
  StringRef policyClass;
  if (parser.parseLess())
    return {};
  (void)parser.parseOptionalKeyword(&policyClass);
  if (parseChoices(parser, reads) || parser.parseArrow() ||
      parseChoices(parser, stores) || parser.parseGreater())
    return {};
  return get(parser.getContext(), policyClass, reads, stores);
}

void PrecisionAttr::print(AsmPrinter &printer) const {
  printer << "<";
  if (!getPolicyClass().empty())
    printer << getPolicyClass() << " ";
  printChoices(printer, getReads());
  printer << " -> ";
  printChoices(printer, getStores());
  printer << ">";
}

//===-- Origins -----------------------------------------------------------===//

Location mpc::nodeLocation(MLIRContext *context, StringRef node) {
  return NameLoc::get(StringAttr::get(context, node));
}

OriginScope::OriginScope(OpBuilder &builder, NodeOpInterface origin,
                         Direction direction)
    : OriginScope(builder, origin.getNodeAttr(), origin.getOpTypeAttr(),
                  direction) {}

OriginScope::OriginScope(OpBuilder &builder, ArrayAttr node, StringAttr opType,
                         Direction direction)
    : builder(builder), outer(builder.getListener()), node(node),
      opType(opType),
      direction(DirectionAttr::get(builder.getContext(), direction)) {
  builder.setListener(this);
}

OriginScope::~OriginScope() { builder.setListener(outer); }

void OriginScope::notifyOperationInserted(Operation *op,
                                          OpBuilder::InsertPoint previous) {
  if (auto inserted = dyn_cast<NodeOpInterface>(op)) {
    if (!inserted.getNodeAttr())
      inserted.setNodeAttr(node);
    if (!inserted.getOpTypeAttr())
      inserted.setOpTypeAttr(opType);
    if (!inserted.getDirectionAttr())
      inserted.setDirectionAttr(direction);
  }
  if (auto *listener = dyn_cast_or_null<OpBuilder::Listener>(outer))
    listener->notifyOperationInserted(op, previous);
}
