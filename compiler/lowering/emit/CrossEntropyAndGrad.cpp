// cross_entropy and its gradient. Phase 0 is the gradient's; phase 1 reads a
// position's logits once for both; phase 2 combines the losses.
#include "compiler/lowering/emit/CrossEntropyRows.h"
#include "compiler/lowering/emit/Emitters.h"

using namespace mlir;
using namespace mpc;

namespace {
struct Emit : CrossEntropyRows {
  using CrossEntropyRows::CrossEntropyRows;
  using CrossEntropyRows::emitsStream;
  using CrossEntropyRows::partialSums;

  void run() {
    if (k.phase == 0)
      return k.forTiles([&](Value) { storeFactors(); });
    if (k.phase == 2)
      return k.forTiles([&](Value) { combineTiles(); });
    Factors factors = loadFactors();
    loops.forTiles([&](Value tile) {
      sumTile(tile, lift,
              [&](Indices position, Value label, const RowSum &sum) {
                storeGradient(position, label, sum, factors);
              });
    });
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  return {1, CrossEntropyProblem(kernel.getRootOp()).tilesOfGradient(kernel),
          1};
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel) {
  SmallVector<MemRefType> result = {
      MemRefType::get({2}, Builder(kernel).getF32Type())};
  llvm::append_range(result, Emit::partialSums(kernel));
  return result;
}

static TeamShape teamOf(KernelOp kernel, int64_t phase) {
  CrossEntropyProblem problem(kernel.getRootOp());
  if (phase == 0)
    return teamForRow(problem.positions);
  return phase == 1 ? problem.team(kernel) : problem.teamOfTiles();
}

static LogicalResult emitBoth(TileKernel &k) {
  if (k.phase != 1 || !Emit::emitsStream(k))
    Emit(k).run();
  return success();
}

const TileEmitter mpc::crossEntropyAndGradEmitter = {
    "mpc.cross_entropy_and_grad", tilesOf, workspacesOf, emitBoth, teamOf};
