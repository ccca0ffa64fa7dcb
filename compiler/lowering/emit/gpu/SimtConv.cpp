// Convolution and its gradients in true f32, for f32 operands and for what no
// other emitter takes.
#include "compiler/lowering/Emitter.h"
#include "compiler/lowering/emit/MatrixProduct.h"
#include "compiler/lowering/emit/gpu/ConvProduct.h"
#include "compiler/lowering/emit/gpu/GpuEmitters.h"
#include "compiler/lowering/emit/gpu/SimtProduct.h"

using namespace mlir;
using namespace mpc;

namespace {
struct SimtConvPlan : ConvProduct {
  SimtGrid grid;

  explicit SimtConvPlan(KernelOp kernel)
      : ConvProduct(cast<ConvolutionOpInterface>(kernel.getRootOp())),
        grid(chooseSimtTile(batches, m, n, k, productDepth)) {}
};
} // namespace

static bool suits(KernelOp kernel, Target) { return suitsProduct(kernel); }

static SmallVector<GpuPhase> phasesOf(KernelOp kernel, Target) {
  SimtConvPlan plan(kernel);
  return plan.grid.phases(plan, plan.grid.sharedBytes(),
                          plan.resultLanes(kernel));
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel, Target) {
  SimtConvPlan plan(kernel);
  return plan.grid.workspaces(plan, kernel.getContext());
}

static LogicalResult emitSimtConv(GpuKernel &k) {
  SimtConvPlan plan(k.kernel);
  GemmFrame frame(k, plan, plan.grid, resultOf(k, plan));
  frame.emit([&](const GemmPlace &place, Value first, Value end) {
    const SimtTile &tile = plan.grid.tile;
    SimtProduct(frame.b, tile, k.shared,
                plan.leftSource(k, frame.b, place.batch, place.row, tile.rows,
                                SimtProduct::chunk),
                plan.rightSource(k, frame.b, place.batch, place.column,
                                 SimtProduct::chunk))
        .run(first, end, plan.grid.mostDepths(plan), plan.grid.pitch());
  });
  return success();
}

const GpuEmitter mpc::simtConvEmitter = {"mpc.conv", suits, phasesOf,
                                         workspacesOf, emitSimtConv};
const GpuEmitter mpc::simtConvInputGradEmitter = {
    "mpc.conv_input_grad", suits, phasesOf, workspacesOf, emitSimtConv};
const GpuEmitter mpc::simtConvWeightGradEmitter = {
    "mpc.conv_weight_grad", suits, phasesOf, workspacesOf, emitSimtConv};
