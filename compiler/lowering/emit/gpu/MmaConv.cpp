// Convolution and its gradients with mma.sync, of f16 and bf16.
#include "compiler/lowering/Emitter.h"
#include "compiler/lowering/ScalarOps.h"
#include "compiler/lowering/emit/gpu/ConvProduct.h"
#include "compiler/lowering/emit/gpu/GemmGrid.h"
#include "compiler/lowering/emit/gpu/GpuEmitters.h"
#include "compiler/lowering/emit/gpu/MmaProduct.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mpc;

namespace {
struct ConvPlan : ConvProduct {
  MmaTile tile;
  GemmGrid grid;
  int64_t lanes; ///< of the result, written at once

  explicit ConvPlan(KernelOp kernel)
      : ConvProduct(of(rootOf(kernel))),
        tile(chooseMmaTile(batches, m, n, k, isLeftCopied() ? 1 : 2)),
        grid{tile.rows, tile.columns, tile.threads(), tile.parts,
             tile.partDepth},
        lanes(outputLanes(kernel, shapeOf(result).back())) {}

  Type element() const { return getElementTypeOrSelf(left.getType()); }
  int64_t sharedBytes() const {
    return std::max(tile.stages * tile.stageBytes(), grid.tileBytes());
  }
};

class MmaConv {
public:
  explicit MmaConv(GpuKernel &kernel)
      : k(kernel), plan(kernel.kernel),
        frame(kernel, plan, plan.grid, result()), b(frame.b) {}

  void emit() {
    if (k.phase == 1)
      return frame.addParts();
    place = frame.place();
    auto [first, end] = frame.depths(place);
    MmaLoaderPtr left = leftLoader(), right = rightLoader();
    MmaProduct(b, plan.tile, plan.element(), k.shared, *left, *right)
        .run(first, end, plan.grid.pitch());
    b.barrier();
    frame.writeTile(place, b.thread(), plan.tile.threads());
  }

private:
  using Values = ThreadBuilder::Values;

  GpuKernel &k;
  ConvPlan plan;
  GemmFrame frame;
  ThreadBuilder &b;
  GemmPlace place;

  MmaLoaderPtr leftLoader() {
    MmaLayout layout{plan.leftDepthFirst(), plan.tile.rows, plan.tile.depth};
    int64_t threads = plan.tile.threads();
    if (plan.isLeftCopied())
      return copyingLoader(b, layout, threads,
                           {k.elements.memoryOf(plan.left), place.batch,
                            place.row, plan.m, plan.k});
    auto chunk = [=, this](Value at, Value depth) {
      Values pieces;
      for (int64_t i = 0; i < MmaLayout::chunk; i += plan.leftLanes())
        pieces.push_back(layout.depthFirst ? leftPiece(at, b.add(depth, i))
                                           : leftPiece(b.add(at, i), depth));
      return pieces;
    };
    return computingLoader(b, layout, threads,
                           {plan.element(), plan.leftLanes(), chunk});
  }

  // Zeros beyond the matrix, in whose place the tensor's first elements are
  // read.
  Value leftPiece(Value inTile, Value depth) {
    Value at = b.add(place.row, inTile), inside = b.less(depth, plan.k);
    if (plan.m % plan.tile.rows)
      inside = b.both(inside, b.less(at, plan.m));
    Value position = b.select(
        inside, plan.leftPosition(b, place.batch, at, depth), b.number(0));
    Value elements = k.elements.loadFlat(b, k.loc, plan.left, b.index(position),
                                         plan.leftLanes());
    return b.select(inside, elements, b.zero(elements.getType()));
  }

  MmaLoaderPtr rightLoader() {
    bool pixelsFirst = plan.kind == ConvResult::WeightGrad;
    MmaLayout layout{pixelsFirst, plan.tile.columns, plan.tile.depth};
    auto chunk = [=, this](Value inTile, Value depth) {
      Value at = b.add(place.column, inTile);
      return plan.patches.chunk(b, k.elements, place.batch,
                                pixelsFirst ? at : depth,
                                pixelsFirst ? depth : at);
    };
    return computingLoader(b, layout, plan.tile.threads(),
                           {plan.element(), plan.patches.lanes(), chunk});
  }

  GemmResult result() {
    auto write = [this](ThreadBuilder &, Value sum, Value group, Value row,
                        Value column) {
      Values at = plan.resultIndices(b, group, row, column);
      if (plan.bias) {
        Value bias = k.elements.load(b, k.loc, plan.bias, at[1]);
        bias = broadcastLanes(b, k.loc, bias, plan.lanes);
        sum = arith::AddFOp::create(b, sum, bias);
      }
      k.elements.store(b, k.loc, {{plan.result, sum}}, at, plan.lanes);
    };
    return {plan.lanes, write};
  }
};
} // namespace

// Positions are i32. With few filters per group, as in depthwise convolutions,
// most of a product would be padding.
static bool suits(KernelOp kernel, Target target) {
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  constexpr int64_t enoughFilters = 8;
  ConvProduct p = ConvProduct::of(rootOf(kernel));
  Type element = getElementTypeOrSelf(p.left.getType());
  auto isSmall = [](ArrayRef<int64_t> shape) {
    return elementCount(shape) > 0 && elementCount(shape) < most;
  };
  return target.isGpu() && isGridPossible(p) &&
         (element.isF16() || element.isBF16()) &&
         getElementTypeOrSelf(p.patches.tensor.getType()) == element &&
         isFlat(p.left) && isFlat(p.patches.tensor) &&
         isSmall(p.windows.input) && isSmall(p.windows.weight) &&
         isSmall(p.windows.output) &&
         p.windows.filtersOfGroup() >= enoughFilters;
}

static SmallVector<GpuPhase> phasesOf(KernelOp kernel, Target) {
  ConvPlan plan(kernel);
  return plan.grid.phases(plan, plan.sharedBytes(), plan.lanes);
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel, Target) {
  ConvPlan plan(kernel);
  return plan.grid.workspaces(plan, kernel.getContext());
}

static LogicalResult emitMmaConv(GpuKernel &k) {
  MmaConv(k).emit();
  return success();
}

const GpuEmitter mpc::mmaConvEmitter = {"mpc.conv", suits, phasesOf,
                                        workspacesOf, emitMmaConv};
const GpuEmitter mpc::mmaConvInputGradEmitter = {
    "mpc.conv_input_grad", suits, phasesOf, workspacesOf, emitMmaConv};
const GpuEmitter mpc::mmaConvWeightGradEmitter = {
    "mpc.conv_weight_grad", suits, phasesOf, workspacesOf, emitMmaConv};
