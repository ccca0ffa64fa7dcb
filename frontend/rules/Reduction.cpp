#include "frontend/OpTable.h"
#include "frontend/rules/Axes.h"
#include "frontend/rules/Decomposition.h"

using namespace mlir;

namespace mpc::frontend {

namespace {
// A node's operand and how it is reduced.
struct Reduction {
  Value input;
  SmallVector<int64_t> axes;
  bool keepDims = true;
  bool changesNothing = false; ///< noop_with_empty_axes
};
} // namespace

// Axes are an attribute before version `operandSince`. Without any all
// dimensions are reduced, or none if the node says so.
static std::optional<Reduction> readReduction(NodeImport &node,
                                              int64_t operandSince) {
  Reduction reduction;
  reduction.input = node.operand(0);
  auto axes = readAxes(node, operandSince);
  if (!reduction.input || !axes)
    return std::nullopt;
  auto rank = static_cast<int64_t>(shapeOf(reduction.input).size());
  if (failed(normaliseAxes(node, rank, *axes)))
    return std::nullopt;
  reduction.axes = std::move(*axes);
  reduction.keepDims = node.intAttribute("keepdims", 1) != 0;
  if (!reduction.axes.empty())
    return reduction;
  reduction.changesNothing = node.since >= operandSince &&
                             node.intAttribute("noop_with_empty_axes", 0) != 0;
  reduction.axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  return reduction;
}

// What a kind of reduction builds, given that there is something to reduce.
using Build = Value (*)(Decomposition &build, const Reduction &reduction);

static LogicalResult importReduction(NodeImport &node, Build build,
                                     bool floatsOnly = false,
                                     int64_t operandSince = 18) {
  auto reduction = readReduction(node, operandSince);
  if (!reduction)
    return failure();
  if (floatsOnly && !isa<FloatType>(elementTypeOf(reduction->input)))
    return node.unsupported("works on integers", "use floats");
  if (reduction->changesNothing) {
    node.forward();
    return success();
  }
  Decomposition decomposition(node);
  node.setResult(0, build(decomposition, *reduction));
  return success();
}

template <typename Op>
static Value reduce(Decomposition &build, const Reduction &r) {
  return build.make<Op>(r.input, ArrayRef<int64_t>(r.axes), r.keepDims);
}

static Value sumOf(Decomposition &build, const Reduction &r, Value terms) {
  return build.sum(terms, r.axes, r.keepDims);
}

static Value sumOfSquares(Decomposition &build, const Reduction &r) {
  return sumOf(build, r, build.mul(r.input, r.input));
}

// max(x, -x) is exact for integers too.
static Value sumOfMagnitudes(Decomposition &build, const Reduction &r) {
  if (isa<FloatType>(elementTypeOf(r.input)))
    return sumOf(build, r, build.unary(UnaryFunction::Abs, r.input));
  Value negative = build.sub(build.number(0, r.input), r.input);
  return sumOf(build, r, build.make<MaxOp>(r.input, negative));
}

static Value rootOfSquares(Decomposition &build, const Reduction &r) {
  return build.make<SqrtOp>(sumOfSquares(build, r));
}

static Value logOfSum(Decomposition &build, const Reduction &r) {
  return build.unary(UnaryFunction::Log, reduce<ReduceSumOp>(build, r));
}

// m + log(sum(exp(x - m))) with the maximum m, or 0 where that is infinite.
static Value logOfSumOfExponentials(Decomposition &build, const Reduction &r) {
  Value largest =
      build.make<ReduceMaxOp>(r.input, ArrayRef<int64_t>(r.axes), true);
  auto flags = RankedTensorType::get(shapeOf(largest),
                                     IntegerType::get(r.input.getContext(), 1));
  Value isInfinite = build.make<IsInfOp>(flags, largest, /*positive=*/true,
                                         /*negative=*/true);
  Value shift = build.select(isInfinite, build.number(0, largest), largest);
  Value powers = build.unary(UnaryFunction::Exp, build.sub(r.input, shift));
  Value sum = build.sum(powers, r.axes, /*keepDims=*/true);
  Value log = build.add(build.unary(UnaryFunction::Log, sum), shift);
  return build.reshape(log, reducedShape(shapeOf(r.input), r.axes, r.keepDims));
}

LogicalResult importReduceSum(NodeImport &node) {
  return importReduction(node, reduce<ReduceSumOp>, /*floatsOnly=*/false, 13);
}
LogicalResult importReduceMean(NodeImport &node) {
  return importReduction(node, reduce<ReduceMeanOp>);
}
LogicalResult importReduceMax(NodeImport &node) {
  return importReduction(node, reduce<ReduceMaxOp>);
}
LogicalResult importReduceMin(NodeImport &node) {
  return importReduction(node, reduce<ReduceMinOp>);
}
LogicalResult importReduceProd(NodeImport &node) {
  return importReduction(node, reduce<ReduceProdOp>);
}
LogicalResult importReduceL1(NodeImport &node) {
  return importReduction(node, sumOfMagnitudes);
}
LogicalResult importReduceL2(NodeImport &node) {
  return importReduction(node, rootOfSquares, /*floatsOnly=*/true);
}
LogicalResult importReduceLogSum(NodeImport &node) {
  return importReduction(node, logOfSum, /*floatsOnly=*/true);
}
LogicalResult importReduceLogSumExp(NodeImport &node) {
  return importReduction(node, logOfSumOfExponentials, /*floatsOnly=*/true);
}
LogicalResult importReduceSumSquare(NodeImport &node) {
  return importReduction(node, sumOfSquares);
}

} // namespace mpc::frontend
