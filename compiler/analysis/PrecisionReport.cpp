#include "compiler/analysis/PrecisionReport.h"
#include "compiler/dialect/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace mpc;
using nlohmann::json;

static std::string typeName(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

static int64_t byteSize(Value value) {
  unsigned bits = elementTypeOf(value).getIntOrFloatBitWidth();
  return elementCount(shapeOf(value)) * ((bits + 7) / 8);
}

static bool isNarrow(Value value) {
  auto type = dyn_cast<FloatType>(elementTypeOf(value));
  return type && type.getWidth() < 32;
}

static bool isInserted(Operation *op) {
  auto castOp = dyn_cast<CastOp>(op);
  return castOp && !castOp.getUser();
}

// An op that a decision was taken for.
static bool isReported(Operation *op) {
  auto node = dyn_cast<NodeOpInterface>(op);
  return node && node.getPrecisionAttr() && isa<SlotOpInterface>(op) &&
         !isInserted(op);
}

namespace {
class Reporter {
public:
  explicit Reporter(func::FuncOp function) : function(function) {}
  json run();

private:
  void readFunction();
  json describe(Operation *op);
  json slots(ValueRange values, ArrayRef<ChoiceAttr> choices);
  json source(Value value);
  json describeCast(CastOp op);
  void addTotals(Operation *op);

  func::FuncOp function;
  llvm::DenseMap<Operation *, unsigned> numbers;
  json ops = json::array(), casts = json::array();
  json perFormat = {{"f32", 0}, {"f16", 0}, {"bf16", 0}};
  int64_t castBytes = 0, bytesSaved = 0;
};
} // namespace

// One object per value: the type it has and why.
json Reporter::slots(ValueRange values, ArrayRef<ChoiceAttr> choices) {
  json list = json::array();
  for (auto [index, value] : llvm::enumerate(values)) {
    json slot = {{"type", typeName(elementTypeOf(value))},
                 {"shape", std::vector<int64_t>(shapeOf(value))},
                 {"bytes", byteSize(value)}};
    if (index < choices.size()) {
      slot["reason"] = choices[index].getReason().str();
      slot["origin"] = choices[index].getOrigin().str();
    }
    list.push_back(std::move(slot));
  }
  return list;
}

// Where a value comes from: the number of an op, or the name of a state or
// input.
json Reporter::source(Value value) {
  Operation *op = value.getDefiningOp();
  if (op && isInserted(op))
    return source(op->getOperand(0));
  if (auto found = numbers.find(op); found != numbers.end())
    return found->second;
  if (auto read = dyn_cast_or_null<ReadOp>(op))
    return "@" + read.getState().str();
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                                      "mpc.name");
    return name ? name.str() : "%" + std::to_string(argument.getArgNumber());
  }
  return "constant";
}

static json nodeNames(NodeOpInterface op) {
  json names = json::array();
  if (ArrayAttr nodes = op.getNodeAttr())
    for (auto name : nodes.getAsRange<StringAttr>())
      names.push_back(name.str());
  return names;
}

static std::string directionName(NodeOpInterface op) {
  DirectionAttr direction = op.getDirectionAttr();
  return stringifyDirection(direction ? direction.getValue()
                                      : Direction::Forward)
      .str();
}

// The choice that speaks for the op as a whole: the first about data.
static ChoiceAttr leadingChoice(Operation *op, PrecisionAttr precision) {
  auto slots = cast<SlotOpInterface>(op);
  auto reads = precision.getReads();
  for (OpResult result : op->getResults())
    if (slots.getResultKind(result) == SlotKind::Data)
      return precision.getStores()[result.getResultNumber()];
  for (OpOperand &operand : op->getOpOperands())
    if (slots.getSlotKind(operand) == SlotKind::Data &&
        operand.getOperandNumber() < reads.size())
      return reads[operand.getOperandNumber()];
  return precision.getStores().empty() ? reads.front()
                                       : precision.getStores().front();
}

json Reporter::describe(Operation *op) {
  auto node = cast<NodeOpInterface>(op);
  PrecisionAttr precision = node.getPrecisionAttr();
  ChoiceAttr leading = leadingChoice(op, precision);
  json inputs = json::array(), paid = json::array();
  for (Value operand : op->getOperands()) {
    inputs.push_back(source(operand));
    Operation *producer = operand.getDefiningOp();
    // The first reader pays for a cast that several share.
    if (producer && isInserted(producer) &&
        numbers.try_emplace(producer, casts.size()).second) {
      paid.push_back(casts.size());
      casts.push_back(describeCast(cast<CastOp>(producer)));
    }
  }
  StringAttr type = node.getOpTypeAttr();
  return {{"id", numbers.at(op)},
          {"node", nodeNames(node)},
          {"op", type ? type.str() : ""},
          {"ir", op->getName().getStringRef().str()},
          {"direction", directionName(node)},
          {"class", precision.getPolicyClass().str()},
          {"reason", leading.getReason().str()},
          {"origin", leading.getOrigin().str()},
          {"accumulation", "f32"},
          {"reads", slots(op->getOperands(), precision.getReads())},
          {"stores", slots(op->getResults(), precision.getStores())},
          {"inputs", inputs},
          {"casts", paid}};
}

json Reporter::describeCast(CastOp op) {
  int64_t bytes = byteSize(op.getInput()) + byteSize(op.getResult());
  castBytes += bytes;
  return {
      {"of", source(op.getInput())},
      {"node", nodeNames(cast<NodeOpInterface>(op.getOperation()))},
      {"direction", directionName(cast<NodeOpInterface>(op.getOperation()))},
      {"from", typeName(elementTypeOf(op.getInput()))},
      {"to", typeName(elementTypeOf(op.getResult()))},
      {"bytes", bytes}};
}

void Reporter::addTotals(Operation *op) {
  std::string format = "f32";
  for (Value value : op->getOperands())
    if (isNarrow(value))
      format = typeName(elementTypeOf(value));
  for (Value value : op->getResults())
    if (isNarrow(value)) {
      format = typeName(elementTypeOf(value));
      // f32 would take as many bytes again.
      bytesSaved += byteSize(value);
    }
  perFormat[format] = perFormat[format].get<int64_t>() + 1;
}

void Reporter::readFunction() {
  unsigned number = 0;
  for (Operation &op : function.getBody().getOps())
    if (isReported(&op))
      numbers[&op] = number++;
  for (Operation &op : function.getBody().getOps())
    if (isReported(&op)) {
      ops.push_back(describe(&op));
      addTotals(&op);
    }
  // What only the outputs and the commit read.
  for (auto op : function.getBody().getOps<CastOp>())
    if (!op.getUser() && numbers.try_emplace(op, casts.size()).second)
      casts.push_back(describeCast(op));
}

json Reporter::run() {
  if (function)
    readFunction();
  json totals = {{"ops", perFormat},
                 {"casts", casts.size()},
                 {"cast_bytes", castBytes},
                 {"bytes_saved", bytesSaved}};
  return {{"entry", function ? function.getSymName().str() : ""},
          {"ops", std::move(ops)},
          {"casts", std::move(casts)},
          {"totals", std::move(totals)}};
}

json mpc::precisionReport(ModuleOp module) {
  auto function = module.lookupSymbol<func::FuncOp>(trainStepName);
  if (!function)
    function = module.lookupSymbol<func::FuncOp>(forwardName);
  json report = Reporter(function).run();
  report["mpc_explain"] = 1;
  auto model = module->getAttrOfType<StringAttr>("mpc.model");
  report["model"] = model ? model.str() : "";
  json copies = json::array();
  for (auto state : module.getOps<StateOp>())
    if (auto source = state.getDerivedFromAttr()) {
      RankedTensorType type = state.getTensorType();
      copies.push_back({{"name", state.getSymName().str()},
                        {"of", source.getValue().str()},
                        {"type", typeName(type.getElementType())},
                        {"bytes", type.getNumElements() *
                                      type.getElementTypeBitWidth() / 8}});
    }
  report["copies"] = std::move(copies);
  json counts = json::object();
  for (auto entry : module.getOps<func::FuncOp>()) {
    int64_t inserted = 0, kept = 0;
    entry.walk([&](CastOp op) { ++(op.getUser() ? kept : inserted); });
    counts[entry.getSymName().str()] = {{"inserted", inserted},
                                        {"model", kept}};
  }
  report["casts_in"] = std::move(counts);
  return report;
}
