#include "compiler/lowering/KernelCode.h"
#include "compiler/lowering/Passes.h"

namespace mpc {
#define GEN_PASS_DEF_LOWERTOCPUPASS
#include "compiler/lowering/Passes.h.inc"
} // namespace mpc

using namespace mlir;
using namespace mpc;

static FailureOr<func::FuncOp> emitPhase(OpBuilder &b, KernelOp kernel,
                                         const TileEmitter &emitter,
                                         const KernelPlan &plan, size_t phase,
                                         StringRef name) {
  SmallVector<Type> types = bufferTypes(kernel, plan.workspaces);
  types.append(2, b.getIndexType());
  auto function = func::FuncOp::create(b, kernel.getLoc(), name,
                                       b.getFunctionType(types, {}));
  markApart(kernel, function, kernel.getNumOperands(), types.size() - 2);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(function.addEntryBlock());
  auto end = func::ReturnOp::create(b, kernel.getLoc());
  b.setInsertionPoint(end);

  ValueRange arguments = function.getArguments();
  size_t inputs = kernel.getNumOperands(), results = kernel.getNumResults();
  Operation *root = kernel.getRootOp();
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
    auto emit = [&](KernelOp kernel, const KernelPlan &plan, size_t phase,
                    StringRef name) {
      return emitPhase(b, kernel, *findTileEmitter(kernel.getRoot()), plan,
                       phase, name);
    };
    if (failed(lowerKernels(module, image, emit)))
      signalPassFailure();
  }
};
} // namespace
