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
  SimtTile tile;
  GemmGrid grid;

  explicit SimtConvPlan(KernelOp kernel)
      : ConvProduct(of(rootOf(kernel))),
        tile(chooseSimtTile(batches, m, n, k, productDepth)),
        grid{tile.rows, tile.columns, tile.threads(), tile.parts,
             productDepth} {}
  int64_t sharedBytes() const {
    return std::max(SimtProduct::sharedBytes(tile), grid.tileBytes());
  }
};
} // namespace

static bool suits(KernelOp kernel, Target) { return suitsProduct(kernel); }

static SmallVector<GpuPhase> phasesOf(KernelOp kernel, Target) {
  SimtConvPlan plan(kernel);
  return plan.grid.phases(plan, plan.sharedBytes(), plan.resultLanes(kernel));
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel, Target) {
  SimtConvPlan plan(kernel);
  return plan.grid.workspaces(plan, kernel.getContext());
}

static LogicalResult emitSimtConv(GpuKernel &k) {
  SimtConvPlan plan(k.kernel);
  GemmFrame frame(k, plan, plan.grid, resultOf(k, plan));
  if (k.phase == 1) {
    frame.addParts();
    return success();
  }
  GemmPlace place = frame.place();
  auto [first, end] = frame.depths(place);
  SimtProduct(frame.b, plan.tile, k.shared,
              plan.leftSource(k, frame.b, place.batch, place.row,
                              plan.tile.rows, SimtProduct::chunk),
              plan.rightSource(k, frame.b, place.batch, place.column,
                               SimtProduct::chunk))
      .run(first, end, plan.grid.parts > 1 ? productDepth : plan.k,
           plan.grid.pitch());
  frame.b.barrier();
  frame.writeTile(place, frame.b.thread(), plan.tile.threads());
  return success();
}

const GpuEmitter mpc::simtConvEmitter = {"mpc.conv", suits, phasesOf,
                                         workspacesOf, emitSimtConv};
const GpuEmitter mpc::simtConvInputGradEmitter = {
    "mpc.conv_input_grad", suits, phasesOf, workspacesOf, emitSimtConv};
const GpuEmitter mpc::simtConvWeightGradEmitter = {
    "mpc.conv_weight_grad", suits, phasesOf, workspacesOf, emitSimtConv};
