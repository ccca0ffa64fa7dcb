#include "compiler/lowering/KernelCode.h"
#include "compiler/lowering/KernelPlan.h"
#include "compiler/lowering/Passes.h"
#include "llvm/ADT/StringMap.h"

namespace mpc {
#define GEN_PASS_DEF_LOWERTOCPUPASS
#include "compiler/lowering/Passes.h.inc"
} // namespace mpc

using namespace mlir;
using namespace mpc;

static void markNoAlias(func::FuncOp function, KernelOp kernel) {
  if (!isApart(kernel))
    return;
  size_t buffers = function.getNumArguments() - 2;
  for (size_t i = kernel.getNumOperands(); i < buffers; ++i)
    function.setArgAttr(unsigned(i), LLVM::LLVMDialect::getNoAliasAttrName(),
                        UnitAttr::get(kernel.getContext()));
}

static FailureOr<func::FuncOp> emitPhase(OpBuilder &b, KernelOp kernel,
                                         const TileEmitter &emitter,
                                         const KernelPlan &plan, size_t phase,
                                         StringRef name) {
  SmallVector<Type> types = bufferTypes(kernel, plan.workspaces);
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
  TileKernel context = {
      b,
      kernel.getLoc(),
      kernel,
      root,
      int64_t(phase),
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
      ArrayAttr &entries = done[codeKey(kernel)];
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
    FailureOr<KernelPlan> plan = planKernel(kernel);
    if (failed(plan) || failed(checkBody(kernel)))
      return failure();
    SmallVector<Attribute> names;
    for (size_t phase = 0; phase < plan->tiles.size(); ++phase) {
      std::string name =
          functionName(kernel, number, phase, plan->tiles.size());
      auto function = emitPhase(b, kernel, *findTileEmitter(kernel.getRoot()),
                                *plan, phase, name);
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
