#include "compiler/lowering/KernelPlan.h"
#include "compiler/analysis/Target.h"
#include "compiler/lowering/gpu/GpuEmitter.h"

using namespace mlir;
using namespace mpc;

static KernelPlan planOnGpu(KernelOp kernel, const GpuEmitter &emitter,
                            Target target) {
  KernelPlan plan;
  for (const GpuPhase &phase : emitter.phases(kernel, target))
    plan.tiles.push_back(phase.grid[0] * phase.grid[1] * phase.grid[2]);
  if (emitter.workspaces)
    plan.workspaces = emitter.workspaces(kernel, target);
  return plan;
}

// The members' phases side by side.
static FailureOr<KernelPlan> planGroup(KernelOp group) {
  KernelPlan plan;
  for (auto member : group.getBody().front().getOps<KernelOp>()) {
    FailureOr<KernelPlan> own = planKernel(member);
    if (failed(own))
      return failure();
    plan.tiles.resize(std::max(plan.tiles.size(), own->tiles.size()));
    for (auto [all, tiles] : llvm::zip(plan.tiles, own->tiles))
      all += tiles;
    llvm::append_range(plan.workspaces, own->workspaces);
  }
  return plan;
}

FailureOr<KernelPlan> mpc::planKernel(KernelOp kernel) {
  KernelPlan plan;
  if (kernel.isGroup())
    return planGroup(kernel);
  if (writesNothing(kernel))
    return plan;
  Target target = targetOf(kernel);
  if (target.isGpu())
    if (const GpuEmitter *emitter = findGpuEmitter(kernel, target))
      return planOnGpu(kernel, *emitter, target);
  const TileEmitter *emitter = findTileEmitter(kernel.getRoot(), target);
  if (!emitter)
    return kernel.emitOpError("has root ")
           << kernel.getRoot() << ", for which there is no emitter";
  plan.tiles = emitter->tiles(kernel);
  if (emitter->workspaces)
    plan.workspaces = emitter->workspaces(kernel);
  return plan;
}
