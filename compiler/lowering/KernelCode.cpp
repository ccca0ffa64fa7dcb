#include "compiler/lowering/KernelCode.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/ADT/StringMap.h"

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
    if (auto member = dyn_cast<KernelOp>(op))
      os << "{" << codeKey(member) << "}";
  }
  return text;
}

// Whether every op of the body is the root, elementwise, a splat, or expands
// rows that are in memory.
static LogicalResult checkBody(KernelOp kernel) {
  Operation *root = kernel.getRootOp();
  for (Operation &op : kernel.getBody().front().without_terminator()) {
    if (auto member = dyn_cast<KernelOp>(op)) {
      if (failed(checkBody(member)))
        return failure();
      continue;
    }
    auto constant = dyn_cast<ConstantOp>(op);
    bool expands = isa<ExpandRowsOp>(op) &&
                   llvm::all_of(op.getOperands(), llvm::IsaPred<BlockArgument>);
    if (&op == root || expands || isa<ScalarOpInterface>(op) ||
        (constant && isa<SplatElementsAttr>(constant.getValue())))
      continue;
    return op.emitOpError("stands in a kernel with root ")
           << kernel.getRoot() << " but is neither elementwise nor a splat";
  }
  return success();
}

// "k3_gemm", "k3_gemm_1" for phase 1 of several, or "k3_gather_x26" for a group
// of 26.
static std::string functionName(KernelOp kernel, size_t number, size_t phase,
                                size_t phases) {
  // A group is named after its first member.
  auto members = kernel.getBody().front().getOps<KernelOp>();
  StringRef root =
      members.empty() ? kernel.getRoot() : (*members.begin()).getRoot();
  root.consume_front("mpc.");
  std::string name = ("k" + Twine(number) + "_" + root).str();
  if (!members.empty())
    name += "_x" + std::to_string(llvm::range_size(members));
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

// Whether one of these functions counts something in global memory, so that it
// must not run twice at a time.
static bool keepsCount(ModuleOp image, ArrayAttr entries) {
  return llvm::any_of(entries.getAsRange<SymbolRefAttr>(), [&](auto entry) {
    auto function = image.lookupSymbol<func::FuncOp>(entry.getLeafReference());
    return function
        .walk([](LLVM::AddressOfOp address) {
          return address.getType().getAddressSpace() ==
                         unsigned(NVVM::NVVMMemorySpace::Global)
                     ? WalkResult::interrupt()
                     : WalkResult::advance();
        })
        .wasInterrupted();
  });
}

LogicalResult mpc::lowerKernels(ModuleOp module, ModuleOp image,
                                EmitPhase emit) {
  llvm::StringMap<ArrayAttr> done;
  size_t count = 0;
  for (auto function : module.getOps<func::FuncOp>())
    for (auto kernel : function.getOps<KernelOp>()) {
      ArrayAttr &entries = done[codeKey(kernel)];
      bool isShared = entries && !keepsCount(image, entries);
      if (!isShared && failed(lowerKernel(kernel, *image.getSymName(), count++,
                                          emit, entries)))
        return failure();
      kernel.setEntriesAttr(entries);
    }
  return success();
}

void mpc::markApart(KernelOp kernel, func::FuncOp function, size_t firstBuffer,
                    size_t endBuffer) {
  if (isApart(kernel))
    for (size_t i = firstBuffer; i < endBuffer; ++i)
      function.setArgAttr(unsigned(i), LLVM::LLVMDialect::getNoAliasAttrName(),
                          UnitAttr::get(kernel.getContext()));
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
