// Matrix products in true f32, for f32 operands and for everything that no
// other emitter takes. The sums are the CPU's, bit for bit.
#include "compiler/lowering/Emitter.h"
#include "compiler/lowering/emit/MatrixProduct.h"
#include "compiler/lowering/emit/gpu/GemmGrid.h"
#include "compiler/lowering/emit/gpu/GpuEmitters.h"
#include "compiler/lowering/emit/gpu/SimtProduct.h"

using namespace mlir;
using namespace mpc;

namespace {
struct SimtPlan : GemmProblem {
  SimtGrid grid;

  explicit SimtPlan(KernelOp kernel)
      : GemmProblem(kernel.getRootOp()),
        grid(chooseSimtTile(batches, m, n, k, productDepth)) {}
};
} // namespace

static bool suits(KernelOp kernel, Target) {
  return isGridPossible(GemmProblem(kernel.getRootOp()));
}

static SmallVector<GpuPhase> phasesOf(KernelOp kernel, Target) {
  SimtPlan plan(kernel);
  return plan.grid.phases(plan, plan.grid.sharedBytes(),
                          outputLanes(kernel, plan.n));
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel, Target) {
  SimtPlan plan(kernel);
  return plan.grid.workspaces(plan, kernel.getContext());
}

static LogicalResult emitSimtGemm(GpuKernel &k) {
  SimtPlan plan(k.kernel);
  GemmFrame frame(k, plan, plan.grid, resultOf(k, plan));
  frame.emit([&](const GemmPlace &place, Value first, Value end) {
    const SimtTile &tile = plan.grid.tile;
    auto source = [&](const GemmOperand &operand, Value from) {
      return sourceOf(k, frame.b, plan, operand, place.batch, from,
                      SimtProduct::chunk);
    };
    SimtProduct(frame.b, tile, k.shared,
                source(leftOf(plan, tile.rows), place.row),
                source(rightOf(plan, tile.columns), place.column))
        .run(first, end, plan.grid.mostDepths(plan), plan.grid.pitch());
  });
  return success();
}

const GpuEmitter mpc::simtGemmEmitter = {"mpc.gemm", suits, phasesOf,
                                         workspacesOf, emitSimtGemm};
const GpuEmitter mpc::simtBatchMatmulEmitter = {
    "mpc.batch_matmul", suits, phasesOf, workspacesOf, emitSimtGemm};
