#include "compiler/lowering/KernelCode.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace mpc;

// Attributes that say where an op comes from, not what it computes.
static bool isOrigin(NamedAttribute attribute) {
  StringRef name = attribute.getName();
  return name == "node" || name == "op_type" || name == "direction" ||
         name == "precision" || isa<SymbolRefAttr>(attribute.getValue());
}

// Text that two kernels share exactly if one function serves both: what they
// compute, without where it comes from.
static std::string codeKey(KernelOp kernel) {
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

// Whether every op of the body is the root, elementwise or a splat.
static LogicalResult checkBody(KernelOp kernel) {
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

// "k3_gemm", or "k3_gemm_1" for phase 1 of several.
static std::string functionName(KernelOp kernel, size_t number, size_t phase,
                                size_t phases) {
  StringRef root = kernel.getRoot();
  root.consume_front("mpc.");
  std::string name = ("k" + Twine(number) + "_" + root).str();
  return phases > 1 ? name + "_" + std::to_string(phase) : name;
}

static LogicalResult lowerKernel(KernelOp kernel, StringRef image,
                                 size_t number, EmitPhase emit,
                                 ArrayAttr &entries) {
  FailureOr<KernelPlan> plan = planKernel(kernel);
  if (failed(plan) || failed(checkBody(kernel)))
    return failure();
  SmallVector<Attribute> names;
  for (size_t phase = 0; phase < plan->tiles.size(); ++phase) {
    auto function =
        emit(kernel, *plan, phase,
             functionName(kernel, number, phase, plan->tiles.size()));
    if (failed(function))
      return failure();
    names.push_back(SymbolRefAttr::get(kernel.getContext(), image,
                                       {FlatSymbolRefAttr::get(*function)}));
  }
  entries = ArrayAttr::get(kernel.getContext(), names);
  return success();
}

LogicalResult mpc::lowerKernels(ModuleOp module, ModuleOp image,
                                EmitPhase emit) {
  llvm::StringMap<ArrayAttr> done;
  auto lower = [&](KernelOp kernel) -> WalkResult {
    ArrayAttr &entries = done[codeKey(kernel)];
    if (!entries && failed(lowerKernel(kernel, *image.getSymName(),
                                       done.size() - 1, emit, entries)))
      return WalkResult::interrupt();
    kernel.setEntriesAttr(entries);
    return WalkResult::advance();
  };
  return failure(module.walk(lower).wasInterrupted());
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
