#include "compiler/lowering/KernelCode.h"

using namespace mlir;
using namespace mpc;

// Attributes that say where an op comes from, not what it computes.
static bool isOrigin(NamedAttribute attribute) {
  StringRef name = attribute.getName();
  return name == "node" || name == "op_type" || name == "direction" ||
         name == "precision" || isa<SymbolRefAttr>(attribute.getValue());
}

std::string mpc::codeKey(KernelOp kernel) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::DenseMap<Value, unsigned> numbers;
  auto number = [&](ValueRange values) {
    for (Value value : values) {
      os << "%" << numbers.try_emplace(value, numbers.size()).first->second
         << ":" << value.getType() << " ";
    }
  };
  os << kernel.getRoot() << "\n";
  Block &body = kernel.getBody().front();
  number(body.getArguments());
  for (Operation &op : body) {
    os << "\n";
    number(op.getResults());
    os << op.getName() << " ";
    number(op.getOperands());
    for (NamedAttribute attribute : op.getAttrDictionary())
      if (!isOrigin(attribute))
        os << attribute.getName() << "=" << attribute.getValue() << " ";
  }
  return text;
}

LogicalResult mpc::checkBody(KernelOp kernel) {
  Operation *root = rootOf(kernel);
  for (Operation &op : kernel.getBody().front().without_terminator()) {
    auto constant = dyn_cast<ConstantOp>(op);
    if (&op == root || isa<ScalarOpInterface>(op) ||
        (constant && isa<SplatElementsAttr>(constant.getValue())))
      continue;
    return op.emitOpError("stands in a kernel with root ")
           << kernel.getRoot() << " but is neither elementwise nor a splat";
  }
  return success();
}

std::string mpc::functionName(KernelOp kernel, size_t number, size_t phase,
                              size_t phases) {
  StringRef root = kernel.getRoot();
  root.consume_front("mpc.");
  std::string name = ("k" + Twine(number) + "_" + root).str();
  return phases > 1 ? name + "_" + std::to_string(phase) : name;
}

SmallVector<Type> mpc::bufferTypes(KernelOp kernel,
                                   ArrayRef<MemRefType> workspaces) {
  SmallVector<Type> types;
  for (Type type : kernel->getOperandTypes())
    types.push_back(memoryType(cast<RankedTensorType>(type)));
  for (Type type : kernel.getResultTypes())
    types.push_back(memoryType(cast<RankedTensorType>(type)));
  llvm::append_range(types, workspaces);
  return types;
}
