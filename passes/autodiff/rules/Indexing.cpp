// Derivatives of ops that are steered by integer tensors.
#include "passes/autodiff/rules/Rules.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::rules;

namespace {
struct GatherRule : Rule<GatherRule, GatherOp> {
  static LogicalResult derive(GatherOp op, Gradients &g) {
    Type type = typeLike(g.of(), shapeOf(op.getData()));
    g.set(0, g.make<GatherGradOp>(type, g.of(), op.getIndices(),
                                  op.getAxisAttr()));
    return success();
  }
};

// gather_grad is linear, and gather is its transpose.
struct GatherGradRule : Rule<GatherGradRule, GatherGradOp> {
  static LogicalResult derive(GatherGradOp op, Gradients &g) {
    g.set(0, g.make<GatherOp>(g.of(), op.getIndices(), int64_t(op.getAxis())));
    return success();
  }
};

// A sum passes the gradient to data and updates alike. A row that is replaced
// passes it to the last of its updates alone.
struct ScatterRule : Rule<ScatterRule, ScatterOp> {
  static LogicalResult derive(ScatterOp op, Gradients &g) {
    switch (op.getReduction()) {
    case ScatterReduction::Add:
      g.set(0, g.of());
      if (g.needs(2))
        g.set(2, g.make<GatherOp>(g.of(), op.getIndices(), 0));
      return success();
    case ScatterReduction::None:
      if (g.needs(0))
        g.set(0, ofReplacedData(op, g));
      if (g.needs(2))
        g.set(2, ofUpdates(op, g));
      return success();
    case ScatterReduction::Mul:
    case ScatterReduction::Max:
    case ScatterReduction::Min:
      break;
    }
    return op.emitOpError("has no derivative with reduction ")
           << stringifyScatterReduction(op.getReduction())
           << "; freeze the parameters before it with --trainable";
  }

private:
  static Value zeros(Gradients &g, ArrayRef<int64_t> shape) {
    RankedTensorType type = typeLike(g.of(), shape);
    return g.make<ConstantOp>(DenseElementsAttr::get(
        type, g.getBuilder().getFloatAttr(type.getElementType(), 0)));
  }

  // Replaced rows reach nothing.
  static Value ofReplacedData(ScatterOp op, Gradients &g) {
    Value none = zeros(g, shapeOf(op.getUpdates()));
    return g.make<ScatterOp>(g.of(), op.getIndices(), none,
                             ScatterReduction::None);
  }

  // The number of the update that each row was replaced by comes from
  // scattering those numbers the same way; it says where the row's gradient
  // goes. Rows that keep their data have a number of their own behind all.
  static Value ofUpdates(ScatterOp op, Gradients &g) {
    ArrayRef<int64_t> shape = shapeOf(op.getUpdates());
    int64_t count = shape[0], rows = shapeOf(op.getData())[0];
    Type i64 = g.getBuilder().getI64Type();
    auto constant = [&](int64_t size, ArrayRef<int64_t> values) {
      auto type = RankedTensorType::get({size}, i64);
      return g.make<ConstantOp>(DenseElementsAttr::get(type, values));
    };
    Value numbers =
        constant(count, llvm::to_vector(llvm::seq<int64_t>(0, count)));
    Value source = g.make<ScatterOp>(constant(rows, count), op.getIndices(),
                                     numbers, ScatterReduction::None);
    Shape extended(shape);
    ++extended[0];
    Value all = g.make<ScatterOp>(zeros(g, extended), source, g.of(),
                                  ScatterReduction::None);
    SmallVector<int64_t> starts(shape.size(), 0), steps(shape.size(), 1);
    return g.make<SliceOp>(all, starts, steps, shape);
  }
};

// The transpose of summing what stands before an element is summing what stands
// behind it.
struct CumSumRule : Rule<CumSumRule, CumSumOp> {
  static LogicalResult derive(CumSumOp op, Gradients &g) {
    g.set(0, g.make<CumSumOp>(g.of(), int64_t(op.getAxis()), op.getExclusive(),
                              !op.getReverse()));
    return success();
  }
};
} // namespace

void rules::attachIndexing(MLIRContext &context) {
  GatherRule::attach(context);
  GatherGradRule::attach(context);
  ScatterRule::attach(context);
  CumSumRule::attach(context);
}
