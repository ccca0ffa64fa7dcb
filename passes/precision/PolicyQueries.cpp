#include "passes/precision/PolicyQueries.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace mpc;

// Null for what has no counterpart in a policy file.
static nlohmann::json asJson(Attribute attribute) {
  if (isa<UnitAttr>(attribute))
    return true;
  if (auto flag = dyn_cast<BoolAttr>(attribute))
    return flag.getValue();
  if (auto integer = dyn_cast<IntegerAttr>(attribute))
    return integer.getInt();
  if (auto number = dyn_cast<FloatAttr>(attribute))
    return number.getValueAsDouble();
  if (auto text = dyn_cast<StringAttr>(attribute))
    return text.str();
  if (auto list = dyn_cast<DenseI64ArrayAttr>(attribute))
    return std::vector<int64_t>(list.asArrayRef());
  return nullptr;
}

bool mpc::isBackward(NodeOpInterface op) {
  DirectionAttr direction = op.getDirectionAttr();
  return direction && direction.getValue() == Direction::Backward;
}

PolicyQuery mpc::queryFor(NodeOpInterface op) {
  PolicyQuery query;
  if (StringAttr type = op.getOpTypeAttr())
    query.opType = type.str();
  if (ArrayAttr nodes = op.getNodeAttr())
    for (auto name : nodes.getAsRange<StringAttr>())
      query.nodes.push_back(name.str());
  query.backward = isBackward(op);
  for (NamedAttribute named : op->getAttrDictionary())
    if (auto value = asJson(named.getValue()); !value.is_null())
      query.attributes[named.getName().str()] = value;
  return query;
}

StringRef mpc::tensorName(Value value) {
  if (auto read = value.getDefiningOp<ReadOp>())
    return read.getState();
  auto argument = dyn_cast<BlockArgument>(value);
  auto function =
      argument ? dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp())
               : func::FuncOp();
  auto name = function ? function.getArgAttrOfType<StringAttr>(
                             argument.getArgNumber(), "mpc.name")
                       : StringAttr();
  return name ? name.getValue() : StringRef();
}
