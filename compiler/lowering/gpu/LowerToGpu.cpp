#include "compiler/lowering/KernelCode.h"
#include "compiler/lowering/Passes.h"
#include "compiler/lowering/emit/LoopBuilder.h"
#include "compiler/lowering/gpu/GpuEmitter.h"
#include "compiler/lowering/gpu/LaunchAttr.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

namespace mpc {
#define GEN_PASS_DEF_LOWERTOGPUPASS
#include "compiler/lowering/Passes.h.inc"
} // namespace mpc

using namespace mlir;
using namespace mpc;

static constexpr llvm::StringLiteral sharedName = "dynamic_shared";

// A team per tile; teams of few threads in small blocks while there are few, so
// that they spread over the multiprocessors.
static GpuPhase tilePhase(int64_t tiles, TeamShape team) {
  constexpr int64_t multiprocessors = 132, warp = 32, most = 256;
  int64_t teams = team.columns;
  if (team.columns == 1 && team.size <= warp) {
    int64_t each = llvm::alignTo(
        llvm::divideCeil(tiles, multiprocessors) * team.size, warp);
    teams = std::clamp(each, warp, most) / team.size;
  }
  GpuPhase phase;
  phase.grid[0] = llvm::divideCeil(tiles, teams);
  phase.block[0] = teams * team.size;
  phase.sharedBytes = teamBytes(team);
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
    GpuPhase launch = own ? own->phases(kernel, target)[phase]
                          : tilePhase(plan.tiles[phase], teamOf());
    makeFunction(name, launch);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(function.front().getTerminator());
    size_t inputs = kernel.getNumOperands(), results = kernel.getNumResults();
    ValueRange buffers = function.getArguments().drop_front(launch.maps.size());
    Operation *root = rootOf(kernel);
    ElementAccess elements(b, kernel, root, buffers.take_front(inputs),
                           buffers.slice(inputs, results));
    auto workspaces = llvm::to_vector(buffers.drop_front(inputs + results));
    LogicalResult emitted = own ? emitBlocks(launch, elements, workspaces)
                                : emitTiles(launch, elements, workspaces);
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

  TeamShape teamOf() {
    auto *emitter = findTileEmitter(kernel.getRoot(), target);
    return emitter->team ? emitter->team(kernel, int64_t(phase)) : TeamShape();
  }

  Value sharedMemory(const GpuPhase &launch) {
    if (!launch.sharedBytes)
      return {};
    auto pointer = LLVM::LLVMPointerType::get(b.getContext(), 3);
    return LLVM::AddressOfOp::create(b, kernel.getLoc(), pointer, sharedName);
  }

  LogicalResult emitBlocks(const GpuPhase &launch, ElementAccess &elements,
                           ArrayRef<Value> workspaces) {
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
        sharedMemory(launch),
        elements};
    return own->emit(context);
  }

  LogicalResult emitTiles(const GpuPhase &launch, ElementAccess &elements,
                          ArrayRef<Value> workspaces) {
    Location loc = kernel.getLoc();
    TeamShape shape = teamOf();
    auto [tile, team] = locate(launch, shape);
    if (launch.grid[0] * launch.block[0] != plan.tiles[phase] * shape.size)
      tile = keepInside(tile, shape);
    auto flags = arith::IntegerOverflowFlags::nsw;
    Value next =
        arith::AddIOp::create(b, loc, tile, indexConstant(b, loc, 1), flags);
    TileKernel context = {b,
                          loc,
                          kernel,
                          rootOf(kernel),
                          int64_t(phase),
                          SmallVector<Value>(workspaces),
                          tile,
                          next,
                          elements,
                          team};
    if (failed(findTileEmitter(kernel.getRoot(), target)->emit(context)))
      return failure();
    raiseScratch();
    return success();
  }

  // The tile of this thread, and its place in the team.
  std::pair<Value, Team> locate(const GpuPhase &launch, TeamShape shape) {
    LoopBuilder i(kernel.getLoc(), b);
    auto read = [&](Value number) -> Value {
      return arith::IndexCastUIOp::create(i, i.getIndexType(), number);
    };
    Value block = read(NVVM::BlockIdXOp::create(i, i.getI32Type()));
    Value thread = read(NVVM::ThreadIdXOp::create(i, i.getI32Type()));
    Team team;
    static_cast<TeamShape &>(team) = shape;
    team.shared = sharedMemory(launch);
    int64_t teams = launch.block[0] / shape.size;
    if (shape.columns > 1) {
      team.rank = i.div(thread, shape.columns);
      team.column = i.rem(thread, shape.columns);
      return {i.mulAdd(block, teams, team.column), team};
    }
    team.rank = i.rem(thread, shape.size);
    return {i.mulAdd(block, teams, i.div(thread, shape.size)), team};
  }

  // Threads behind the last tile: where teams meet at barriers they do the last
  // one again, writing what its own team writes; else they end.
  Value keepInside(Value tile, TeamShape shape) {
    Location loc = kernel.getLoc();
    Value last = indexConstant(b, loc, plan.tiles[phase] - 1);
    if (shape.columns > 1)
      return arith::MinUIOp::create(b, loc, tile, last);
    Block *entry = b.getInsertionBlock();
    Block *body = entry->splitBlock(b.getInsertionPoint());
    Block *end = body->splitBlock(body->getTerminator());
    b.setInsertionPointToEnd(entry);
    Value isInside =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ule, tile, last);
    cf::CondBranchOp::create(b, loc, isInside, body, end);
    b.setInsertionPointToEnd(body);
    b.setInsertionPoint(cf::BranchOp::create(b, loc, end));
    return tile;
  }

  // Memory on the stack has a fixed place if it is asked for at the start.
  void raiseScratch() {
    Block &entry = function.front();
    function.walk([&](memref::AllocaOp scratch) {
      scratch->moveBefore(&entry, entry.begin());
    });
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
    auto emit = [&](KernelOp kernel, const KernelPlan &plan, size_t phase,
                    StringRef name) {
      return PhaseEmitter(b, kernel, target, plan, phase).run(name);
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
