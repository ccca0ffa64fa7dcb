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
  SimtTile tile;
  GemmGrid grid;

  explicit SimtPlan(KernelOp kernel)
      : GemmProblem(rootOf(kernel)),
        tile(chooseSimtTile(batches, m, n, k, productDepth)),
        grid{tile.rows, tile.columns, tile.threads(), tile.parts,
             productDepth} {}
  int64_t sharedBytes() const {
    return std::max(SimtProduct::sharedBytes(tile), grid.tileBytes());
  }
};
} // namespace

static bool suits(KernelOp kernel, Target) {
  return isGridPossible(GemmProblem(rootOf(kernel)));
}

static SmallVector<GpuPhase> phasesOf(KernelOp kernel, Target) {
  SimtPlan plan(kernel);
  return plan.grid.phases(plan, plan.sharedBytes(),
                          outputLanes(kernel, plan.n));
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel, Target) {
  SimtPlan plan(kernel);
  return plan.grid.workspaces(plan, kernel.getContext());
}

static LogicalResult emitSimtGemm(GpuKernel &k) {
  SimtPlan plan(k.kernel);
  GemmFrame frame(k, plan, plan.grid, resultOf(k, plan));
  if (k.phase == 1) {
    frame.addParts();
    return success();
  }
  GemmPlace place = frame.place();
  auto source = [&](const GemmOperand &operand, Value from) {
    return sourceOf(k, frame.b, plan, operand, place.batch, from,
                    SimtProduct::chunk);
  };
  auto [first, end] = frame.depths(place);
  SimtProduct(frame.b, plan.tile, k.shared,
              source(leftOf(plan, plan.tile.rows), place.row),
              source(rightOf(plan, plan.tile.columns), place.column))
      .run(first, end, plan.grid.parts > 1 ? productDepth : plan.k,
           plan.grid.pitch());
  frame.b.barrier();
  frame.writeTile(place, frame.b.thread(), plan.tile.threads());
  return success();
}

const GpuEmitter mpc::simtGemmEmitter = {"mpc.gemm", suits, phasesOf,
                                         workspacesOf, emitSimtGemm};
const GpuEmitter mpc::simtBatchMatmulEmitter = {
    "mpc.batch_matmul", suits, phasesOf, workspacesOf, emitSimtGemm};
