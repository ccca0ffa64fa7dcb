#include "compiler/analysis/Fusibility.h"
#include "passes/schedule/Passes.h"

namespace mpc {
#define GEN_PASS_DEF_JOINOVERFLOWTESTPASS
#include "passes/schedule/Passes.h.inc"
} // namespace mpc

using namespace mlir;
using namespace mpc;

// Whether `value` is `source` or computed from it element by element.
static bool isTransformOf(Value value, Value source) {
  while (value && value != source) {
    Operation *op = value.getDefiningOp();
    value = op ? transformedTensor(op) : Value();
  }
  return bool(value);
}

// Whether both read the same tensors; then what `norm` is computed from stands
// in front of it, and so do the operands of `count`.
static bool readTheSame(GlobalNormOp norm, NonfiniteCountOp count) {
  return norm.getTensors().size() == count.getTensors().size() &&
         llvm::all_of(llvm::zip_equal(norm.getTensors(), count.getTensors()),
                      [](auto pair) {
                        return isTransformOf(std::get<0>(pair),
                                             std::get<1>(pair));
                      });
}

static void join(GlobalNormOp norm, NonfiniteCountOp count) {
  OpBuilder b(norm);
  auto both = NormAndCountOp::create(
      b, norm.getLoc(), norm.getNorm().getType(), count.getCount().getType(),
      count.getAllFinite().getType(), norm.getTensors(), count.getTensors(),
      norm.getNodeAttr(), norm.getOpTypeAttr(), norm.getDirectionAttr());
  norm.getNorm().replaceAllUsesWith(both.getNorm());
  count.getCount().replaceAllUsesWith(both.getCount());
  count.getAllFinite().replaceAllUsesWith(both.getAllFinite());
  norm.erase();
  count.erase();
}

namespace {
struct JoinOverflowTest
    : mpc::impl::JoinOverflowTestPassBase<JoinOverflowTest> {
  using Base::Base;

  void runOnOperation() override {
    if (getOperation().isExternal())
      return;
    Block &block = getOperation().front();
    for (auto norm : llvm::make_early_inc_range(block.getOps<GlobalNormOp>()))
      for (auto count : block.getOps<NonfiniteCountOp>())
        if (readTheSame(norm, count) && isReadBehind(count, norm)) {
          join(norm, count);
          break;
        }
  }
};
} // namespace
