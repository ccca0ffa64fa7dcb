#include "compiler/lowering/KernelCode.h"
#include "compiler/lowering/Passes.h"
#include "compiler/lowering/gpu/GpuEmitter.h"
#include "compiler/lowering/gpu/GroupCode.h"
#include "compiler/lowering/gpu/LaunchAttr.h"
#include "compiler/lowering/gpu/TileCode.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

namespace mpc {
#define GEN_PASS_DEF_LOWERTOGPUPASS
#include "compiler/lowering/Passes.h.inc"
} // namespace mpc

using namespace mlir;
using namespace mpc;

namespace {
/// One phase of one kernel: a group, an emitter's of its own, or tiles.
class PhaseEmitter {
public:
  PhaseEmitter(OpBuilder &b, KernelOp kernel, const KernelPlan &plan,
               size_t phase)
      : b(b), kernel(kernel), target(targetOf(kernel)), plan(plan),
        phase(phase), own(findGpuEmitter(kernel, target)) {}

  FailureOr<func::FuncOp> run(StringRef name) {
    GpuPhase launch = launchOf();
    makeFunction(name, launch);
    if (hasNoWork)
      return function;
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(function.front().getTerminator());
    LogicalResult emitted = kernel.isGroup()
                                ? emitGroup(b, function, kernel, phase)
                            : own ? emitBlocks(launch)
                                  : emitTiles(launch);
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
  const GpuEmitter *own;
  func::FuncOp function;
  bool hasNoWork = false;

  // A phase without tiles, such as the sums over the rows of a matrix without
  // rows, is a block that does nothing: no grid is empty.
  GpuPhase launchOf() {
    GpuPhase launch = shapeOf();
    launch.waits = target.isHopper();
    hasNoWork = launch.grid[0] * launch.grid[1] * launch.grid[2] == 0;
    if (hasNoWork)
      launch.grid = {1, 1, 1};
    return launch;
  }

  GpuPhase shapeOf() {
    if (kernel.isGroup())
      return groupPhase(kernel, phase);
    if (own)
      return own->phases(kernel, target)[phase];
    TilePhase tiles = phaseOfTiles();
    GpuPhase launch;
    launch.grid[0] = tiles.blocks();
    launch.block[0] = tiles.threads;
    launch.resident = tiles.resident;
    launch.cluster = tiles.team.blocks;
    launch.sharedBytes = teamBytes(tiles.team);
    return launch;
  }

  TilePhase phaseOfTiles() {
    return tilePhase(kernel, int64_t(phase), plan.tiles[phase]);
  }

  void makeFunction(StringRef name, const GpuPhase &launch) {
    auto pointer = LLVM::LLVMPointerType::get(b.getContext());
    SmallVector<Type> types(launch.maps.size(), pointer);
    if (launch.table)
      types.push_back(pointer);
    else
      llvm::append_range(types, bufferTypes(kernel, plan.workspaces));
    function = func::FuncOp::create(b, kernel.getLoc(), name,
                                    b.getFunctionType(types, {}));
    function->setAttr(launchAttrName, launchAttr(b.getContext(), launch));
    markApart(kernel, function, launch.maps.size(), types.size());
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(function.addEntryBlock());
    if (launch.waits)
      waitForOthers(launch);
    func::ReturnOp::create(b, kernel.getLoc());
  }

  // Where few blocks leave room, those behind may be launched at once, to wait
  // in their turn; elsewhere blocks that wait take room from others that work.
  void waitForOthers(const GpuPhase &launch) {
    constexpr int64_t few = 33; // a quarter of Hopper's multiprocessors
    auto control = [&](NVVM::GridDepActionKind kind) {
      NVVM::GriddepcontrolOp::create(b, kernel.getLoc(), kind);
    };
    control(NVVM::GridDepActionKind::wait);
    if (launch.grid[0] * launch.grid[1] * launch.grid[2] <= few)
      control(NVVM::GridDepActionKind::launch_dependents);
  }

  TileBuffers buffers(size_t maps) {
    ValueRange all = function.getArguments().drop_front(maps);
    size_t inputs = kernel.getNumOperands(), results = kernel.getNumResults();
    return {all.take_front(inputs), all.slice(inputs, results),
            all.drop_front(inputs + results), Value()};
  }

  LogicalResult emitBlocks(const GpuPhase &launch) {
    Operation *root = kernel.getRootOp();
    size_t maps = launch.maps.size();
    TileBuffers parameters = buffers(maps);
    ElementAccess elements(b, kernel, root, parameters.inputs,
                           parameters.results);
    GpuKernel context = {
        b,
        kernel.getLoc(),
        kernel,
        root,
        int64_t(phase),
        target,
        llvm::to_vector(ValueRange(function.getArguments()).take_front(maps)),
        llvm::to_vector(parameters.workspaces),
        launch.sharedBytes ? sharedMemory(b, kernel.getLoc()) : Value(),
        elements};
    return own->emit(context);
  }

  LogicalResult emitTiles(const GpuPhase &launch) {
    TileBuffers parameters = buffers(0);
    parameters.block = blockNumber(b, kernel.getLoc(), launch.grid[0]);
    return mpc::emitTiles(b, function, phaseOfTiles(), parameters);
  }
};

struct LowerToGpu : mpc::impl::LowerToGpuPassBase<LowerToGpu> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto b = OpBuilder::atBlockEnd(module.getBody());
    auto image = ModuleOp::create(b, module.getLoc(), targetOf(module).name());
    b.setInsertionPointToStart(image.getBody());
    declareShared(b, module.getLoc());
    auto emit = [&](KernelOp kernel, const KernelPlan &plan, size_t phase,
                    StringRef name) {
      return PhaseEmitter(b, kernel, plan, phase).run(name);
    };
    if (failed(lowerKernels(module, image, emit)))
      signalPassFailure();
  }

  // Its size is a number of the launch.
  static void declareShared(OpBuilder &b, Location loc) {
    constexpr unsigned alignment = 1024, sharedSpace = 3;
    LLVM::GlobalOp::create(b, loc, LLVM::LLVMArrayType::get(b.getI8Type(), 0),
                           false, LLVM::Linkage::External, sharedName,
                           Attribute(), alignment, sharedSpace);
  }
};
} // namespace
