// Convolution and its gradients with mma.sync, of f16 and bf16.
#include "compiler/lowering/Emitter.h"
#include "compiler/lowering/emit/gpu/ConvProduct.h"
#include "compiler/lowering/emit/gpu/GpuEmitters.h"
#include "compiler/lowering/emit/gpu/MmaProduct.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mpc;

namespace {
struct MmaConvPlan : ConvProduct {
  MmaGrid grid;

  explicit MmaConvPlan(KernelOp kernel)
      : ConvProduct(cast<ConvolutionOpInterface>(kernel.getRootOp())),
        grid(chooseMmaTile(batches, m, n, k,
                           !isLeftCopied() + !isRightCopied())) {}

  Type element() const { return getElementTypeOrSelf(left.getType()); }
  // Whether the operands are in memory in whole chunks.
  bool isLeftCopied() const {
    return isa<BlockArgument>(left) &&
           leftLanes(MmaLayout::chunk) == MmaLayout::chunk;
  }
  bool isRightCopied() const {
    return isa<BlockArgument>(patches.tensor) && patches.isPlain() &&
           patches.lanes(MmaLayout::chunk) == MmaLayout::chunk;
  }
};

class MmaConv {
public:
  explicit MmaConv(GpuKernel &kernel)
      : k(kernel), plan(kernel.kernel),
        frame(kernel, plan, plan.grid, resultOf(kernel, plan)), b(frame.b) {}

  void emit() {
    frame.emit([&](const GemmPlace &at, Value first, Value end) {
      place = at;
      MmaLoaderPtr left = leftLoader(), right = rightLoader();
      MmaProduct(b, plan.grid.tile, plan.element(), k.shared, *left, *right)
          .run(first, end, plan.grid.pitch());
    });
  }

private:
  GpuKernel &k;
  MmaConvPlan plan;
  GemmFrame frame;
  ThreadBuilder &b;
  GemmPlace place;

  MmaLoaderPtr leftLoader() {
    MmaLayout layout{plan.leftDepthFirst(), plan.grid.tile.rows,
                     plan.grid.tile.depth};
    int64_t threads = plan.grid.tile.threads();
    if (!plan.isLeftCopied())
      return computingLoader(b, layout, threads, plan.element(),
                             plan.leftSource(k, b, place.batch, place.row,
                                             plan.grid.tile.rows,
                                             MmaLayout::chunk));
    MmaCopy copy{k.elements.memoryOf(plan.left), place.row, plan.m, plan.k};
    // The gradient is a matrix per image, the weight one per group.
    if (plan.kind != ConvResult::WeightGrad)
      return matrixLoader(b, layout, threads, copy, place.batch);
    return chunkLoader(b, layout, threads, copy,
                       [this](Value row, Value depth) {
                         return plan.leftPosition(b, place.batch, row, depth);
                       });
  }

  MmaLoaderPtr rightLoader() {
    OperandSource source =
        plan.rightSource(k, b, place.batch, place.column, MmaLayout::chunk);
    MmaLayout layout{source.depthFirst, plan.grid.tile.columns,
                     plan.grid.tile.depth};
    int64_t threads = plan.grid.tile.threads();
    if (!plan.isRightCopied())
      return computingLoader(b, layout, threads, plan.element(), source);
    return chunkLoader(b, layout, threads,
                       {k.elements.memoryOf(plan.patches.tensor), place.column,
                        plan.n, plan.k},
                       [this](Value column, Value depth) {
                         return plan.rightPosition(b, place.batch, column,
                                                   depth);
                       });
  }
};
} // namespace

static bool suits(KernelOp kernel, Target target) {
  ConvProduct p(cast<ConvolutionOpInterface>(kernel.getRootOp()));
  Type element = getElementTypeOrSelf(p.left.getType());
  return target.isGpu() && suitsProduct(kernel) &&
         (element.isF16() || element.isBF16()) &&
         getElementTypeOrSelf(p.patches.tensor.getType()) == element;
}

static SmallVector<GpuPhase> phasesOf(KernelOp kernel, Target) {
  MmaConvPlan plan(kernel);
  return plan.grid.phases(plan, plan.grid.sharedBytes(),
                          plan.resultLanes(kernel));
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel, Target) {
  MmaConvPlan plan(kernel);
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
