#include "compiler/lowering/KernelCode.h"
#include "compiler/lowering/KernelPlan.h"
#include "compiler/lowering/Passes.h"
#include "compiler/lowering/gpu/GpuEmitter.h"
#include "compiler/lowering/gpu/LaunchAttr.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/ADT/StringMap.h"

namespace mpc {
#define GEN_PASS_DEF_LOWERTOGPUPASS
#include "compiler/lowering/Passes.h.inc"
} // namespace mpc

using namespace mlir;
using namespace mpc;

static constexpr llvm::StringLiteral sharedName = "dynamic_shared";

// One thread per tile; in small blocks while there are few, so that they spread
// over the multiprocessors.
static GpuPhase tilePhase(int64_t tiles) {
  constexpr int64_t multiprocessors = 132, warp = 32, most = 256;
  int64_t each = llvm::alignTo(llvm::divideCeil(tiles, multiprocessors), warp);
  int64_t threads = std::clamp(each, warp, most);
  GpuPhase phase;
  phase.grid[0] = llvm::divideCeil(tiles, threads);
  phase.block[0] = threads;
  return phase;
}

namespace {
/// One phase of one kernel.
class PhaseEmitter {
public:
  PhaseEmitter(OpBuilder &b, KernelOp kernel, Target target,
               const KernelPlan &plan, size_t phase)
      : b(b), kernel(kernel), target(target), plan(plan), phase(phase),
        own(findGpuEmitter(kernel, target)) {}

  FailureOr<func::FuncOp> run(StringRef name) {
    GpuPhase launch =
        own ? own->phases(kernel, target)[phase] : tilePhase(plan.tiles[phase]);
    makeFunction(name, launch);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(function.front().getTerminator());
    size_t inputs = kernel.getNumOperands(), results = kernel.getNumResults();
    ValueRange buffers = function.getArguments().drop_front(launch.maps.size());
    Operation *root = rootOf(kernel);
    ElementAccess elements(b, kernel, root, buffers.take_front(inputs),
                           buffers.slice(inputs, results));
    auto workspaces = llvm::to_vector(buffers.drop_front(inputs + results));
    LogicalResult emitted =
        own ? emitBlocks(launch, elements, workspaces)
            : emitTiles(launch.block[0], elements, workspaces);
    if (failed(emitted))
      return failure();
    return function;
  }

private:
  OpBuilder &b;
  KernelOp kernel;
  Target target;
  const KernelPlan &plan;
  size_t phase;
  const GpuEmitter *own; ///< null for a thread per tile
  func::FuncOp function;

  void makeFunction(StringRef name, const GpuPhase &launch) {
    SmallVector<Type> types(launch.maps.size(),
                            LLVM::LLVMPointerType::get(b.getContext()));
    llvm::append_range(types, bufferTypes(kernel, plan.workspaces));
    function = func::FuncOp::create(b, kernel.getLoc(), name,
                                    b.getFunctionType(types, {}));
    function->setAttr(launchAttrName, launchAttr(b.getContext(), launch));
    if (isApart(kernel))
      for (size_t i = launch.maps.size(); i < types.size(); ++i)
        function.setArgAttr(unsigned(i),
                            LLVM::LLVMDialect::getNoAliasAttrName(),
                            b.getUnitAttr());
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(function.addEntryBlock());
    func::ReturnOp::create(b, kernel.getLoc());
  }

  LogicalResult emitBlocks(const GpuPhase &launch, ElementAccess &elements,
                           ArrayRef<Value> workspaces) {
    Value shared;
    if (launch.sharedBytes) {
      auto pointer = LLVM::LLVMPointerType::get(b.getContext(), 3);
      shared =
          LLVM::AddressOfOp::create(b, kernel.getLoc(), pointer, sharedName);
    }
    GpuKernel context = {
        b,
        kernel.getLoc(),
        kernel,
        rootOf(kernel),
        int64_t(phase),
        target,
        llvm::to_vector(
            ValueRange(function.getArguments()).take_front(launch.maps.size())),
        SmallVector<Value>(workspaces),
        shared,
        elements};
    return own->emit(context);
  }

  // Threads behind the last tile get an empty range.
  LogicalResult emitTiles(int64_t threads, ElementAccess &elements,
                          ArrayRef<Value> workspaces) {
    Location loc = kernel.getLoc();
    Type i32 = b.getI32Type();
    auto number = [&](int64_t value) -> Value {
      return arith::ConstantOp::create(b, loc,
                                       b.getI32IntegerAttr(int32_t(value)));
    };
    Value block = NVVM::BlockIdXOp::create(b, loc, i32);
    Value thread = NVVM::ThreadIdXOp::create(b, loc, i32);
    Value id = arith::AddIOp::create(
        b, loc, arith::MulIOp::create(b, loc, block, number(threads)), thread);
    auto bound = [&](Value tile) -> Value {
      Value inside =
          arith::MinUIOp::create(b, loc, tile, number(plan.tiles[phase]));
      return arith::IndexCastUIOp::create(b, loc, b.getIndexType(), inside);
    };
    Value next = arith::AddIOp::create(b, loc, id, number(1));
    TileKernel context = {b,
                          loc,
                          kernel,
                          rootOf(kernel),
                          int64_t(phase),
                          SmallVector<Value>(workspaces),
                          bound(id),
                          bound(next),
                          elements};
    return findTileEmitter(kernel.getRoot())->emit(context);
  }
};

struct LowerToGpu : mpc::impl::LowerToGpuPassBase<LowerToGpu> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    Target target = targetOf(module);
    auto b = OpBuilder::atBlockEnd(module.getBody());
    auto image = ModuleOp::create(b, module.getLoc(), target.name());
    b.setInsertionPointToStart(image.getBody());
    declareShared(b, module.getLoc());
    llvm::StringMap<ArrayAttr> done;
    auto lower = [&](KernelOp kernel) -> WalkResult {
      ArrayAttr &entries = done[codeKey(kernel)];
      if (!entries &&
          failed(emitKernel(b, kernel, target, done.size() - 1, entries)))
        return WalkResult::interrupt();
      kernel.setEntriesAttr(entries);
      return WalkResult::advance();
    };
    if (module.walk(lower).wasInterrupted())
      signalPassFailure();
  }

  // Its size is a number of the launch.
  static void declareShared(OpBuilder &b, Location loc) {
    constexpr unsigned alignment = 1024, sharedSpace = 3;
    LLVM::GlobalOp::create(b, loc, LLVM::LLVMArrayType::get(b.getI8Type(), 0),
                           false, LLVM::Linkage::External, sharedName,
                           Attribute(), alignment, sharedSpace);
  }

  static LogicalResult emitKernel(OpBuilder &b, KernelOp kernel, Target target,
                                  size_t number, ArrayAttr &entries) {
    FailureOr<KernelPlan> plan = planKernel(kernel);
    if (failed(plan) || failed(checkBody(kernel)))
      return failure();
    SmallVector<Attribute> names;
    for (size_t phase = 0; phase < plan->tiles.size(); ++phase) {
      std::string name =
          functionName(kernel, number, phase, plan->tiles.size());
      auto function = PhaseEmitter(b, kernel, target, *plan, phase).run(name);
      if (failed(function))
        return failure();
      names.push_back(SymbolRefAttr::get(b.getContext(), target.name(),
                                         {FlatSymbolRefAttr::get(*function)}));
    }
    entries = b.getArrayAttr(names);
    return success();
  }
};
} // namespace
