#include "compiler/analysis/Fusibility.h"
#include "mlir/IR/IRMapping.h"
#include "passes/schedule/Passes.h"

namespace mpc {
#define GEN_PASS_DEF_REPEATTRANSFORMSPASS
#include "passes/schedule/Passes.h.inc"
} // namespace mpc

using namespace mlir;
using namespace mpc;

// Whether a kernel of its own reads `value`, so that it lies in memory.
static bool isStored(Value value) {
  return llvm::any_of(value.getUsers(), [](Operation *user) {
    return needsKernel(user) && !user->hasTrait<mpc::trait::Elementwise>();
  });
}

// The ops between a stored value and `value`, the last one first; none if there
// is no such value.
static SmallVector<Operation *> transformsOf(Value value) {
  SmallVector<Operation *> chain;
  while (Operation *op = value.getDefiningOp()) {
    value = transformedTensor(op);
    if (!value)
      return {};
    chain.push_back(op);
    if (isStored(value))
      return chain;
  }
  return {};
}

static void repeat(OpOperand &operand, ArrayRef<Operation *> chain) {
  OpBuilder b(operand.getOwner());
  Value tensor = transformedTensor(chain.back());
  for (Operation *op : llvm::reverse(chain)) {
    IRMapping with;
    with.map(transformedTensor(op), tensor);
    tensor = b.clone(*op, with)->getResult(0);
  }
  operand.set(tensor);
}

namespace {
struct RepeatTransforms
    : mpc::impl::RepeatTransformsPassBase<RepeatTransforms> {
  using Base::Base;

  void runOnOperation() override {
    getOperation().walk([](Operation *op) {
      if (!op->hasTrait<mpc::trait::ReadsOnce>())
        return;
      for (OpOperand &operand : op->getOpOperands()) {
        if (operand.get().hasOneUse())
          continue;
        SmallVector<Operation *> chain = transformsOf(operand.get());
        if (!chain.empty())
          repeat(operand, chain);
      }
    });
  }
};
} // namespace
