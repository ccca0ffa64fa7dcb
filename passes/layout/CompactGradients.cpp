#include "compiler/analysis/Fusibility.h"
#include "mlir/IR/IRMapping.h"
#include "passes/layout/Passes.h"

namespace mpc {
#define GEN_PASS_DEF_COMPACTGRADIENTSPASS
#include "passes/layout/Passes.h.inc"
} // namespace mpc

using namespace mlir;
using namespace mpc;

// Below this a dense gradient stays in a cache, and launches weigh more.
static constexpr int64_t leastBytes = int64_t(1) << 20;

static int64_t bytesOf(Value value) {
  return elementCount(shapeOf(value)) *
         elementTypeOf(value).getIntOrFloatBitWidth() / 8;
}

// Whether the rows that are written instead are at most half as many.
static bool isSparse(GatherGradOp op) {
  int64_t count = elementCount(shapeOf(op.getIndices()));
  return op.getAxis() == 0 && count > 0 &&
         2 * count <= shapeOf(op.getResult())[0] &&
         bytesOf(op.getResult()) >= leastBytes;
}

// Whether `op` makes of a tensor another one with the same zero rows.
static bool keepsRows(Operation *op, Value tensor) {
  return op->hasTrait<mpc::trait::KeepsZero>() &&
         transformedTensor(op) == tensor;
}

static bool isUpdate(Operation *op) {
  auto node = dyn_cast<NodeOpInterface>(op);
  return op->hasTrait<mpc::trait::Elementwise>() && node &&
         node.getDirectionAttr() &&
         node.getDirectionAttr().getValue() == Direction::Update;
}

// Whether all that reads `gradient` is an update or reads each element once. In
// the kernel of another op it would have to be expanded.
static bool isReadByUpdates(Value gradient) {
  return llvm::all_of(gradient.getUsers(), [&](Operation *user) {
    if (keepsRows(user, gradient))
      return isReadByUpdates(user->getResult(0));
    return isUpdate(user) || user->hasTrait<mpc::trait::ReadsOnce>();
  });
}

static bool isReadOnce(Value gradient) {
  return llvm::any_of(gradient.getUsers(), [&](Operation *user) {
    return user->hasTrait<mpc::trait::ReadsOnce>() ||
           (keepsRows(user, gradient) && isReadOnce(user->getResult(0)));
  });
}

// Zeros add nothing to a norm and are finite.
static void readRows(Value gradient, Value rows) {
  for (OpOperand &use : llvm::make_early_inc_range(gradient.getUses())) {
    Operation *user = use.getOwner();
    if (user->hasTrait<mpc::trait::ReadsOnce>()) {
      use.set(rows);
    } else if (keepsRows(user, gradient) && isReadOnce(user->getResult(0))) {
      OpBuilder b(user);
      IRMapping with;
      with.map(gradient, rows);
      Value result = b.clone(*user, with)->getResult(0);
      result.setType(typeLike(result, shapeOf(rows)));
      readRows(user->getResult(0), result);
    }
  }
}

namespace {
struct CompactGradients
    : mpc::impl::CompactGradientsPassBase<CompactGradients> {
  using Base::Base;

  void runOnOperation() override {
    getOperation().walk([](GatherGradOp op) {
      if (isSparse(op) && isReadByUpdates(op.getResult()))
        compact(op);
    });
  }

  static void compact(GatherGradOp op) {
    OpBuilder b(op);
    OriginScope scope(b, cast<NodeOpInterface>(op.getOperation()),
                      Direction::Backward);
    Shape shape(shapeOf(op.getResult()));
    int64_t count = elementCount(shapeOf(op.getIndices()));
    auto list = [&](int64_t length) {
      return RankedTensorType::get({length}, b.getI32Type());
    };
    // The lists depend on no gradient, so they stand as early as they can.
    b.setInsertionPointAfterValue(op.getIndices());
    auto lists = RowListsOp::create(b, op.getLoc(), list(shape[0]), list(count),
                                    op.getIndices());
    b.setInsertionPoint(op);
    shape[0] = count;
    Value rows = SumRowsOp::create(
        b, op.getLoc(), typeLike(op.getResult(), shape), op.getGradient(),
        op.getIndices(), lists.getFirst(), lists.getNext());
    Value dense = ExpandRowsOp::create(b, op.getLoc(), rows, lists.getFirst());
    op.getResult().replaceAllUsesWith(dense);
    op.erase();
    readRows(dense, rows);
  }
};
} // namespace
