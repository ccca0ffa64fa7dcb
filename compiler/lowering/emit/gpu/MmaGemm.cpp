// Matrix products of f16 and bf16 with mma.sync: from sm_80 on, of everything
// that has such operands, in memory or computed by the kernel.
#include "compiler/lowering/Emitter.h"
#include "compiler/lowering/emit/gpu/GemmGrid.h"
#include "compiler/lowering/emit/gpu/GpuEmitters.h"
#include "compiler/lowering/emit/gpu/MmaProduct.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mpc;

// Whether the operand can be copied as it is, in chunks.
static bool isCopied(Value operand) {
  return isa<BlockArgument>(operand) &&
         shapeOf(operand).back() % MmaLayout::chunk == 0;
}

namespace {
struct MmaPlan : GemmProblem {
  MmaGrid grid;

  explicit MmaPlan(KernelOp kernel)
      : GemmProblem(kernel.getRootOp()),
        grid(chooseMmaTile(batches, m, n, k, !isCopied(a) + !isCopied(b))) {}

  Type element() const { return getElementTypeOrSelf(a.getType()); }
};

class MmaGemm {
public:
  explicit MmaGemm(GpuKernel &kernel)
      : k(kernel), plan(kernel.kernel),
        frame(kernel, plan, plan.grid, resultOf(kernel, plan)), b(frame.b) {}

  void emit() {
    frame.emit([&](const GemmPlace &at, Value first, Value end) {
      place = at;
      const MmaTile &tile = plan.grid.tile;
      MmaLoaderPtr left = loader(leftOf(plan, tile.rows), place.row);
      MmaLoaderPtr right = loader(rightOf(plan, tile.columns), place.column);
      MmaProduct(b, tile, plan.element(), k.shared, *left, *right)
          .run(first, end, plan.grid.pitch());
    });
  }

private:
  GpuKernel &k;
  MmaPlan plan;
  GemmFrame frame;
  ThreadBuilder &b;
  GemmPlace place;

  MmaLoaderPtr loader(const GemmOperand &of, Value from) {
    MmaLayout layout{of.depthFirst, of.width, plan.grid.tile.depth};
    int64_t threads = plan.grid.tile.threads();
    if (!isCopied(of.value))
      return computingLoader(
          b, layout, threads, plan.element(),
          sourceOf(k, b, plan, of, place.batch, from, MmaLayout::chunk));
    bool isBatched = shapeOf(of.value).size() > 2;
    return matrixLoader(
        b, layout, threads,
        {k.elements.memoryOf(of.value), from, of.extent, plan.k},
        isBatched ? place.batch : Value());
  }
};
} // namespace

static bool suits(KernelOp kernel, Target target) {
  GemmProblem p(kernel.getRootOp());
  Type element = getElementTypeOrSelf(p.a.getType());
  return target.isGpu() && isGridPossible(p) &&
         (element.isF16() || element.isBF16()) &&
         getElementTypeOrSelf(p.b.getType()) == element;
}

static SmallVector<GpuPhase> phasesOf(KernelOp kernel, Target) {
  MmaPlan plan(kernel);
  return plan.grid.phases(plan, plan.grid.sharedBytes(),
                          outputLanes(kernel, plan.n));
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel, Target) {
  MmaPlan plan(kernel);
  return plan.grid.workspaces(plan, kernel.getContext());
}

static LogicalResult emitMmaGemm(GpuKernel &k) {
  MmaGemm(k).emit();
  return success();
}

const GpuEmitter mpc::mmaGemmEmitter = {"mpc.gemm", suits, phasesOf,
                                        workspacesOf, emitMmaGemm};
const GpuEmitter mpc::mmaBatchMatmulEmitter = {
    "mpc.batch_matmul", suits, phasesOf, workspacesOf, emitMmaGemm};
