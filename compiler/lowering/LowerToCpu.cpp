#include "compiler/lowering/Emitter.h"
#include "compiler/lowering/Passes.h"
#include "llvm/ADT/StringMap.h"

namespace mpc {
#define GEN_PASS_DEF_LOWERTOCPUPASS
#include "compiler/lowering/Passes.h.inc"
} // namespace mpc

using namespace mlir;
using namespace mpc;

// Attributes that say where an op comes from, not what it computes.
static bool isOrigin(NamedAttribute attribute) {
  StringRef name = attribute.getName();
  return name == "node" || name == "op_type" || name == "direction" ||
         name == "precision" || isa<SymbolRefAttr>(attribute.getValue());
}

// Text that two kernels share exactly if one function serves both.
static std::string bodyText(KernelOp kernel) {
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

static LogicalResult checkBody(KernelOp kernel, const CpuEmitter *emitter) {
  if (!emitter)
    return kernel.emitOpError("has root ")
           << kernel.getRoot() << ", for which there is no CPU emitter";
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

// The memref types of a kernel's function: inputs, results, workspaces.
static SmallVector<Type> bufferTypes(KernelOp kernel,
                                     const CpuEmitter &emitter) {
  SmallVector<Type> types;
  for (Type type : kernel->getOperandTypes())
    types.push_back(memoryType(cast<RankedTensorType>(type)));
  for (Type type : kernel.getResultTypes())
    types.push_back(memoryType(cast<RankedTensorType>(type)));
  if (emitter.workspaces)
    llvm::append_range(types, emitter.workspaces(kernel));
  return types;
}

// Only a kernel without a root may run in place, element by element; elsewhere
// no result and no workspace overlaps anything.
static void markNoAlias(func::FuncOp function, KernelOp kernel) {
  if (!rootOf(kernel))
    return;
  size_t buffers = function.getNumArguments() - 2;
  for (size_t i = kernel.getNumOperands(); i < buffers; ++i)
    function.setArgAttr(unsigned(i), LLVM::LLVMDialect::getNoAliasAttrName(),
                        UnitAttr::get(kernel.getContext()));
}

static FailureOr<func::FuncOp> emitPhase(OpBuilder &b, KernelOp kernel,
                                         const CpuEmitter &emitter,
                                         int64_t phase, StringRef name) {
  SmallVector<Type> types = bufferTypes(kernel, emitter);
  types.append(2, b.getIndexType());
  auto function = func::FuncOp::create(b, kernel.getLoc(), name,
                                       b.getFunctionType(types, {}));
  markNoAlias(function, kernel);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(function.addEntryBlock());
  auto end = func::ReturnOp::create(b, kernel.getLoc());
  b.setInsertionPoint(end);

  ValueRange arguments = function.getArguments();
  size_t inputs = kernel.getNumOperands(), results = kernel.getNumResults();
  Operation *root = rootOf(kernel);
  ElementAccess elements(b, kernel, root, arguments.take_front(inputs),
                         arguments.slice(inputs, results));
  CpuKernel context = {
      b,
      kernel.getLoc(),
      kernel,
      root,
      phase,
      llvm::to_vector(arguments.drop_front(inputs + results).drop_back(2)),
      arguments[arguments.size() - 2],
      arguments[arguments.size() - 1],
      elements};
  if (failed(emitter.emit(context)))
    return failure();
  return function;
}

namespace {
struct LowerToCpu : mpc::impl::LowerToCpuPassBase<LowerToCpu> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto b = OpBuilder::atBlockEnd(module.getBody());
    auto image = ModuleOp::create(b, module.getLoc(), "cpu");
    b.setInsertionPointToStart(image.getBody());
    llvm::StringMap<ArrayAttr> done;
    auto lower = [&](KernelOp kernel) -> WalkResult {
      ArrayAttr &entries = done[bodyText(kernel)];
      if (!entries && failed(emitKernel(b, kernel, done.size() - 1, entries)))
        return WalkResult::interrupt();
      kernel.setEntriesAttr(entries);
      return WalkResult::advance();
    };
    if (module.walk(lower).wasInterrupted())
      signalPassFailure();
  }

  LogicalResult emitKernel(OpBuilder &b, KernelOp kernel, size_t number,
                           ArrayAttr &entries) {
    const CpuEmitter *emitter = findCpuEmitter(kernel.getRoot());
    if (failed(checkBody(kernel, emitter)))
      return failure();
    if (writesNothing(kernel)) {
      entries = b.getArrayAttr({});
      return success();
    }
    StringRef root = kernel.getRoot();
    root.consume_front("mpc.");
    SmallVector<Attribute> names;
    size_t phases = emitter->tiles(kernel).size();
    for (size_t phase = 0; phase < phases; ++phase) {
      std::string name = ("k" + Twine(number) + "_" + root).str();
      if (phases > 1)
        name += "_" + std::to_string(phase);
      auto function = emitPhase(b, kernel, *emitter, int64_t(phase), name);
      if (failed(function))
        return failure();
      names.push_back(SymbolRefAttr::get(b.getContext(), "cpu",
                                         {FlatSymbolRefAttr::get(*function)}));
    }
    entries = b.getArrayAttr(names);
    return success();
  }
};
} // namespace
