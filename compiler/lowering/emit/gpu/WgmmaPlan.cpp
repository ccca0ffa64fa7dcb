#include "compiler/lowering/emit/gpu/WgmmaPlan.h"
#include "compiler/lowering/ElementTypes.h"
#include "compiler/lowering/emit/gpu/MmaTiles.h"
#include "compiler/lowering/emit/gpu/WgmmaResults.h"
#include "compiler/lowering/gpu/ProductTiles.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mpc;

static WgmmaTile tileOf(KernelOp kernel, const GemmExtents &p) {
  auto given = kernel->getAttrOfType<DenseI64ArrayAttr>(tileAttrName);
  if (!given)
    return chooseWgmmaTile(p.batches, p.m, p.n, p.k);
  ArrayRef<int64_t> t = given;
  return fillDepth({t[0], t[1], t[2], t[3], t[4]}, p.k);
}

WgmmaPlan::WgmmaPlan(KernelOp kernel)
    : GemmProblem(kernel.getRootOp()), tile(tileOf(kernel, *this)),
      work{*this, tile}, left{!transA}, right{transB} {
  // Without a next tile there is nothing to write results beside; its first
  // step has them stored.
  if (areResultsNarrow(*this) && work.items() > work.workers() &&
      k > WgmmaTile::depth)
    work.tile = tile = tile.keeping().value_or(tile);
}

int64_t mpc::wgmmaBoxWidth(WgmmaOperand operand, int64_t width,
                           int64_t blocks) {
  return operand.depthFirst && blocks == 1 ? width : 64;
}

// The unit copies from memory as it is, in rows of whole 16 bytes.
static bool isLoadable(Value operand) {
  auto type = cast<RankedTensorType>(operand.getType());
  Type element = type.getElementType();
  return isa<BlockArgument>(operand) && (element.isF16() || element.isBF16()) &&
         type.getShape().back() % 8 == 0;
}

bool mpc::suitsWgmma(KernelOp kernel, Target target) {
  GemmProblem p(kernel.getRootOp());
  return target.isHopper() && isGridPossible(p) &&
         !areProductsOfWarps(p.batches, p.m, p.n) && isLoadable(p.a) &&
         isLoadable(p.b) &&
         getElementTypeOrSelf(p.a.getType()) ==
             getElementTypeOrSelf(p.b.getType());
}

// One access moves what loadOperand() asks for.
static mpcrt::TensorMap mapOf(Value operand, WgmmaOperand layout, int64_t width,
                              int64_t blocks, int64_t batches) {
  auto type = cast<RankedTensorType>(operand.getType());
  ArrayRef<int64_t> shape = type.getShape().take_back(2);
  mpcrt::TensorMap map;
  map.arg = cast<BlockArgument>(operand).getArgNumber();
  map.dtype = *artifactType(type.getElementType());
  map.extents = {shape[1], shape[0]};
  map.pitches = {shape[1] * 2};
  map.box = {64, wgmmaBoxWidth(layout, width, blocks)};
  if (batches > 1) {
    map.extents.push_back(batches);
    map.pitches.push_back(shape[0] * shape[1] * 2);
    map.box.push_back(1);
  }
  return map;
}

SmallVector<GpuPhase> mpc::wgmmaPhases(KernelOp kernel, Target) {
  WgmmaPlan plan(kernel);
  GpuPhase phase;
  phase.grid[0] = plan.work.blocks();
  phase.block[0] = plan.tile.threads();
  phase.sharedBytes = plan.tile.sharedBytes();
  phase.cluster = plan.tile.cluster();
  phase.maps = {mapOf(plan.a, plan.left, plan.tile.rows, 1, plan.batches),
                mapOf(plan.b, plan.right, plan.tile.columns, plan.tile.sharing,
                      plan.batches)};
  return {phase};
}
