// Normalisation by an element's own sample: rows, groups, channels, windows.
#include "frontend/OpTable.h"
#include "frontend/rules/Axes.h"
#include "frontend/rules/Decomposition.h"

using namespace mlir;

namespace mpc::frontend {

// Operand 0, if it is a tensor of floats of at least `rank` dimensions.
static Value readInput(NodeImport &node, size_t rank) {
  Value input = node.operand(0);
  if (!input)
    return nullptr;
  if (shapeOf(input).size() >= rank && isa<FloatType>(elementTypeOf(input)))
    return input;
  (void)node.invalid("its input " + shapeText(shapeOf(input)) +
                     " is no tensor of floats with " + Twine(rank) +
                     " dimensions or more");
  return nullptr;
}

// Operand `index`, a scale or bias that broadcasts to `shape`, with that shape
// and in f32. Null with a problem, or without one if it is not given.
static Value readVector(NodeImport &node, unsigned index, SlotUse::Kind kind,
                        ArrayRef<int64_t> shape) {
  if (!node.has(index))
    return nullptr;
  Value vector = node.operand(index, SlotUse{kind}, shape);
  if (!vector)
    return nullptr;
  if (!isa<FloatType>(elementTypeOf(vector)) ||
      !broadcastsTo(shapeOf(vector), shape)) {
    (void)node.invalid("operand " + Twine(index) + " is " +
                       shapeText(shapeOf(vector)) + "; expected floats of " +
                       shapeText(shape));
    return nullptr;
  }
  Decomposition build(node);
  vector = build.cast(vector, node.builder.getF32Type());
  if (shapeOf(vector) != shape)
    vector = build.make<BroadcastOp>(vector, shape);
  return vector;
}

static float epsilonOf(NodeImport &node) {
  return static_cast<float>(node.floatAttribute("epsilon", 1e-5));
}

namespace {
// The input of a norm whose rows are what lies behind its first `axis`
// dimensions.
struct RowsOf {
  Value input;
  int64_t axis;
  ArrayRef<int64_t> row() const { return shapeOf(input).drop_front(axis); }
};
} // namespace

static std::optional<RowsOf> readRows(NodeImport &node) {
  Value input = readInput(node, 1);
  if (!input)
    return std::nullopt;
  auto axis = readAxis(node, static_cast<int64_t>(shapeOf(input).size()), -1);
  if (!axis)
    return std::nullopt;
  return RowsOf{input, *axis};
}

LogicalResult importLayerNormalization(NodeImport &node) {
  auto rows = readRows(node);
  if (!rows)
    return failure();
  Value scale = readVector(node, 1, SlotUse::Kind::Scale, rows->row());
  Value bias = readVector(node, 2, SlotUse::Kind::Bias, rows->row());
  if (node.failed())
    return failure();
  auto norm =
      LayerNormalizationOp::create(node.builder, node.loc, rows->input, scale,
                                   bias, rows->axis, epsilonOf(node));
  node.setResult(0, norm.getOutput());
  node.setResult(1, norm.getMean());
  node.setResult(2, norm.getInvStd());
  return success();
}

LogicalResult importRmsNormalization(NodeImport &node) {
  auto rows = readRows(node);
  if (!rows)
    return failure();
  Value scale = readVector(node, 1, SlotUse::Kind::Scale, rows->row());
  if (node.failed())
    return failure();
  node.setResult(0,
                 RmsNormalizationOp::create(node.builder, node.loc, rows->input,
                                            scale, rows->axis, epsilonOf(node))
                     .getOutput());
  return success();
}

// Every group of channels of a sample, [N, groups, rest], is a row.
static Value normaliseGroups(NodeImport &node, Value input, int64_t groups) {
  ArrayRef<int64_t> shape = shapeOf(input);
  int64_t rest = groups ? elementCount(shape.drop_front()) / groups : 0;
  Decomposition build(node);
  Value rows = build.reshape(input, {shape[0], groups, rest});
  return LayerNormalizationOp::create(node.builder, node.loc, rows, Value(),
                                      Value(), /*axis=*/2, epsilonOf(node))
      .getOutput();
}

// x * scale + bias with vectors along dimension 1.
static Value scaleChannels(NodeImport &node, Value x, Value scale, Value bias) {
  auto rank = static_cast<int64_t>(shapeOf(x).size());
  Decomposition build(node);
  Value scaled = build.mul(x, build.perChannel(scale, rank));
  return build.add(scaled, build.perChannel(bias, rank));
}

LogicalResult importInstanceNormalization(NodeImport &node) {
  Value input = readInput(node, 3);
  if (!input)
    return failure();
  SmallVector<int64_t> shape(shapeOf(input));
  Value scale = readVector(node, 1, SlotUse::Kind::Scale, shape[1]);
  Value bias = readVector(node, 2, SlotUse::Kind::Bias, shape[1]);
  if (node.failed())
    return failure();
  if (!scale || !bias)
    return node.invalid("needs a scale and a bias");
  Value norm = normaliseGroups(node, input, shape[1]);
  node.setResult(0, Decomposition(node).reshape(
                        scaleChannels(node, norm, scale, bias), shape));
  return success();
}

// Version 18 has a scale and a bias per group, version 21 per channel.
LogicalResult importGroupNormalization(NodeImport &node) {
  Value input = readInput(node, 2);
  if (!input)
    return failure();
  SmallVector<int64_t> shape(shapeOf(input));
  int64_t groups = node.intAttribute("num_groups", 0);
  if (groups < 1 || shape[1] % groups != 0)
    return node.invalid("has " + Twine(groups) + " groups for " +
                        Twine(shape[1]) + " channels");
  int64_t length = node.since >= 21 ? shape[1] : groups;
  Value scale = readVector(node, 1, SlotUse::Kind::Scale, length);
  Value bias = readVector(node, 2, SlotUse::Kind::Bias, length);
  if (node.failed())
    return failure();
  if (!scale || !bias)
    return node.invalid("needs a scale and a bias");
  Decomposition build(node);
  Value norm = normaliseGroups(node, input, groups);
  if (node.since >= 21)
    norm = build.reshape(norm, shape);
  node.setResult(0,
                 build.reshape(scaleChannels(node, norm, scale, bias), shape));
  return success();
}

// (x - mean) / (std + 1e-9)
LogicalResult importMeanVarianceNormalization(NodeImport &node) {
  Value input = readInput(node, 1);
  if (!input)
    return failure();
  SmallVector<int64_t> axes = node.intsAttribute("axes", {0, 2, 3});
  if (failed(normaliseAxes(node, static_cast<int64_t>(shapeOf(input).size()),
                           axes)))
    return failure();
  Decomposition build(node);
  Value centered = build.sub(input, build.mean(input, axes, true));
  Value variance = build.mean(build.mul(centered, centered), axes, true);
  Value deviation = build.make<SqrtOp>(variance);
  node.setResult(
      0, build.div(centered, build.add(deviation, build.number(1e-9, input))));
  return success();
}

// x / sum(|x|) or x / sqrt(sum(x^2)) along an axis.
LogicalResult importLpNormalization(NodeImport &node) {
  Value input = readInput(node, 1);
  if (!input)
    return failure();
  auto axis = readAxis(node, static_cast<int64_t>(shapeOf(input).size()), -1);
  int64_t p = node.intAttribute("p", 2);
  if (!axis)
    return failure();
  if (p != 1 && p != 2)
    return node.invalid("has p = " + Twine(p) + "; expected 1 or 2");
  Decomposition build(node);
  Value terms =
      p == 1 ? build.unary(UnaryFunction::Abs, input) : build.mul(input, input);
  Value norm = build.sum(terms, *axis, /*keepDims=*/true);
  if (p == 2)
    norm = build.make<SqrtOp>(norm);
  node.setResult(0, build.div(input, norm));
  return success();
}

// x / (bias + alpha / size * sum of x^2 over `size` channels)^beta. The sum is
// an average pool along the channels, whose padding counts.
LogicalResult importLrn(NodeImport &node) {
  Value input = readInput(node, 2);
  if (!input)
    return failure();
  ArrayRef<int64_t> shape = shapeOf(input);
  int64_t size = node.intAttribute("size", 0);
  if (size < 1)
    return node.invalid("has size " + Twine(size) + "; expected 1 or more");
  if (elementCount(shape) == 0) {
    node.setResult(0, input);
    return success();
  }
  Decomposition build(node);
  Value squares =
      build.reshape(build.mul(input, input),
                    {shape[0], 1, shape[1], elementCount(shape.drop_front(2))});
  Value means = build.make<AveragePoolOp>(
      squares, ArrayRef<int64_t>{size, 1}, ArrayRef<int64_t>{1, 1},
      ArrayRef<int64_t>{(size - 1) / 2, 0, size / 2, 0},
      ArrayRef<int64_t>{1, 1}, /*countIncludePad=*/true);
  means = build.reshape(means, shape);
  auto number = [&](StringRef name, double otherwise) {
    return build.number(node.floatAttribute(name, otherwise), input);
  };
  Value base =
      build.add(build.mul(means, number("alpha", 1e-4)), number("bias", 1));
  Value power = build.make<PowOp>(base, number("beta", 0.75));
  node.setResult(0, build.div(input, power));
  return success();
}

} // namespace mpc::frontend
