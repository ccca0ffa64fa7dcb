// Resize and Upsample, one dimension after another: each element of the result
// is a weighted sum of a few neighbours.
#include "frontend/OpTable.h"
#include "frontend/rules/Axes.h"
#include "frontend/rules/Movement.h"

#include <cmath>

using namespace mlir;

namespace mpc::frontend {

namespace {
/// How a position of the result becomes one of the input, and what stands
/// there.
struct Sampling {
  std::string mode = "nearest", coordinates = "asymmetric", nearest = "floor";
  double cubic = -0.75; ///< the coefficient a
  bool excludeOutside = false;
};

/// One dimension.
struct Resized {
  int64_t from, to;
  double scale;
  /// What `to` was before it was rounded.
  double length = static_cast<double>(from) * scale;

  bool isSame() const { return from == to && scale == 1; }
};

/// A neighbour of each element of the result, and its weight.
struct Tap {
  SmallVector<int64_t> sources;
  SmallVector<double> weights;
};
} // namespace

// The position in the input, which may lie between two elements.
static double inputPosition(const Sampling &sampling, const Resized &d,
                            int64_t at) {
  auto x = static_cast<double>(at);
  auto from = static_cast<double>(d.from), to = static_cast<double>(d.to);
  bool single = d.length == 1;
  if (sampling.coordinates == "asymmetric")
    return x / d.scale;
  if (sampling.coordinates == "align_corners")
    return single ? 0 : x * (from - 1) / (d.length - 1);
  if (sampling.coordinates == "tf_half_pixel_for_nn")
    return (x + 0.5) / d.scale;
  if (sampling.coordinates == "pytorch_half_pixel" && single)
    return 0;
  double position = (x + 0.5) / d.scale - 0.5;
  if (sampling.coordinates == "half_pixel_symmetric")
    position += from / 2 * (1 - to / d.length);
  return position;
}

static int64_t roundPosition(double x, StringRef rule) {
  if (rule == "round_prefer_floor")
    x = std::ceil(x - 0.5);
  else if (rule == "round_prefer_ceil")
    x = std::floor(x + 0.5);
  else
    x = rule == "ceil" ? std::ceil(x) : std::floor(x);
  return static_cast<int64_t>(x);
}

// Keys' kernel at distance x.
static double cubicWeight(double x, double a) {
  x = std::abs(x);
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2)
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

// Neighbours outside the input are the nearest inside, or weigh nothing.
static SmallVector<Tap> tapsOf(const Sampling &sampling, const Resized &d) {
  int64_t count = 1, first = 0;
  if (sampling.mode == "linear")
    count = 2;
  else if (sampling.mode == "cubic")
    count = 4, first = -1;
  SmallVector<Tap> taps(static_cast<size_t>(count));
  for (int64_t at = 0; at < d.to; ++at) {
    double x = inputPosition(sampling, d, at), total = 0;
    auto base = static_cast<int64_t>(std::floor(x));
    if (count == 1)
      base = roundPosition(x, sampling.nearest);
    for (auto [t, tap] : llvm::enumerate(taps)) {
      int64_t source = base + first + static_cast<int64_t>(t);
      double distance = x - static_cast<double>(source), weight = 1;
      if (count == 2)
        weight = 1 - std::abs(distance);
      else if (count == 4)
        weight = cubicWeight(distance, sampling.cubic);
      if (sampling.excludeOutside && (source < 0 || source >= d.from))
        weight = 0;
      total += weight;
      tap.sources.push_back(std::clamp<int64_t>(source, 0, d.from - 1));
      tap.weights.push_back(weight);
    }
    for (Tap &tap : taps)
      if (sampling.excludeOutside && total != 0)
        tap.weights.back() /= total;
  }
  return taps;
}

static Value resizeDimension(NodeImport &node, Value input, int64_t axis,
                             const Sampling &sampling, const Resized &d) {
  Type element = elementTypeOf(input);
  Value sum;
  for (const Tap &tap : tapsOf(sampling, d)) {
    Value term = takeAlong(node, input, axis, tap.sources);
    if (sampling.mode != "nearest") {
      SmallVector<mlir::Attribute> weights;
      for (double weight : tap.weights)
        weights.push_back(node.builder.getFloatAttr(element, weight));
      Shape line(shapeOf(input).size() - static_cast<size_t>(axis), 1);
      line[0] = d.to;
      auto type = RankedTensorType::get(line, element);
      Value factors = ConstantOp::create(node.builder, node.loc,
                                         DenseElementsAttr::get(type, weights));
      term = MulOp::create(node.builder, node.loc, term, factors);
    }
    sum = sum ? Value(AddOp::create(node.builder, node.loc, sum, term)) : term;
  }
  return sum;
}

static std::optional<Sampling> readSampling(NodeImport &node, Value input) {
  Sampling sampling;
  sampling.mode = node.textAttribute("mode", "nearest");
  if (node.node.opType == "Resize" && node.since >= 11) {
    sampling.coordinates =
        node.textAttribute("coordinate_transformation_mode", "half_pixel");
    sampling.nearest = node.textAttribute("nearest_mode", "round_prefer_floor");
    sampling.cubic = node.floatAttribute("cubic_coeff_a", -0.75);
    sampling.excludeOutside = node.intAttribute("exclude_outside", 0) != 0;
  }
  if (sampling.mode == "bilinear")
    sampling.mode = "linear";
  auto isOneOf = [](StringRef text, std::initializer_list<StringRef> names) {
    return llvm::is_contained(names, text);
  };
  if (sampling.coordinates == "tf_crop_and_resize" ||
      node.intAttribute("antialias", 0)) {
    (void)node.unsupported("crops, or filters before it shrinks",
                           "use another coordinate_transformation_mode, and "
                           "antialias = 0");
    return std::nullopt;
  }
  if (!isOneOf(sampling.mode, {"nearest", "linear", "cubic"}) ||
      !isOneOf(sampling.nearest,
               {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"}) ||
      !isOneOf(sampling.coordinates,
               {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel",
                "align_corners", "asymmetric", "tf_half_pixel_for_nn"})) {
    (void)node.invalid("has mode '" + sampling.mode + "', nearest_mode '" +
                       sampling.nearest +
                       "' and coordinate_transformation_mode '" +
                       sampling.coordinates + "', which is not known");
    return std::nullopt;
  }
  if (sampling.mode != "nearest" && !isa<FloatType>(elementTypeOf(input))) {
    (void)node.unsupported("interpolates integers", "use mode 'nearest'");
    return std::nullopt;
  }
  return sampling;
}

// A length cut off to whole elements; -1 if it is no extent.
static int64_t extentOf(double length) {
  return length >= 0 && length < 0x1p62 ? static_cast<int64_t>(length) : -1;
}

// Extents that the node gives, and the scales that follow from them. Under a
// policy one scale serves all.
static void sizesToScales(NodeImport &node, ArrayRef<int64_t> shape,
                          ArrayRef<int64_t> axes, ArrayRef<int64_t> sizes,
                          MutableArrayRef<Resized> result) {
  std::string policy =
      node.textAttribute("keep_aspect_ratio_policy", "stretch");
  double common = 0;
  for (auto [axis, size] : llvm::zip_equal(axes, sizes)) {
    double scale = static_cast<double>(size) / static_cast<double>(shape[axis]);
    if (common == 0)
      common = scale;
    common = policy == "not_larger" ? std::min(common, scale)
                                    : std::max(common, scale);
    result[axis] = {shape[axis], size, scale, static_cast<double>(size)};
  }
  if (policy == "stretch")
    return;
  for (int64_t axis : axes) {
    double exact = common * static_cast<double>(shape[axis]);
    result[axis] = {shape[axis], extentOf(exact + 0.5), common};
  }
}

// Operands are [X, scales] up to version 10 and [X, roi, scales, sizes] from 11
// on; Upsample 7 has an attribute.
static std::optional<SmallVector<Resized>> readSizes(NodeImport &node,
                                                     ArrayRef<int64_t> shape) {
  auto rank = static_cast<int64_t>(shape.size());
  SmallVector<int64_t> axes =
      node.intsAttribute("axes", llvm::to_vector(llvm::seq<int64_t>(0, rank)));
  SmallVector<int64_t> sorted = axes;
  if (failed(normaliseAxes(node, rank, sorted)))
    return std::nullopt;
  for (int64_t &axis : axes)
    axis += axis < 0 ? rank : 0;
  SmallVector<Resized> result;
  for (int64_t extent : shape)
    result.push_back({extent, extent, 1});

  bool isResize = node.node.opType == "Resize" && node.since >= 11;
  unsigned operand = isResize ? 2 : 1;
  std::optional<SmallVector<double>> scales;
  if (node.hasAttribute("scales"))
    scales = llvm::to_vector(node.node.attributes.at("scales").floats);
  else if (node.has(operand))
    scales = knownNumbers(node, operand);
  if (isResize && node.has(3) && (!scales || scales->empty())) {
    auto sizes = readInts(node, "sizes", 3, 0);
    if (!sizes)
      return std::nullopt;
    if (sizes->size() == axes.size() &&
        llvm::all_of(*sizes, [](int64_t size) { return size >= 0; })) {
      sizesToScales(node, shape, axes, *sizes, result);
      return result;
    }
    scales.emplace();
  }
  if (!scales) {
    (void)node.unsupported("its scales are not known at compile time",
                           "export the model with constant ones");
    return std::nullopt;
  }
  if (scales->size() != axes.size() ||
      llvm::any_of(*scales, [](double s) { return !(s > 0 && s < 0x1p31); })) {
    (void)node.invalid("has no positive scale, or extent, for each of " +
                       Twine(axes.size()) + " axes");
    return std::nullopt;
  }
  for (auto [axis, scale] : llvm::zip_equal(axes, *scales))
    result[axis] = {shape[axis],
                    extentOf(static_cast<double>(shape[axis]) * scale), scale};
  return result;
}

LogicalResult importResize(NodeImport &node) {
  Value input = node.operand(0);
  if (!input)
    return failure();
  auto sampling = readSampling(node, input);
  auto sizes = sampling ? readSizes(node, shapeOf(input)) : std::nullopt;
  if (!sizes)
    return failure();
  Shape result;
  for (const Resized &d : *sizes)
    result.push_back(d.to);
  if (failed(checkShape(node, result)))
    return failure();
  for (const Resized &d : *sizes) {
    if (d.from == 0 && d.to > 0)
      return node.invalid("resizes a dimension that has no elements");
    if (failed(checkTable(node, d.to)))
      return failure();
  }
  for (auto [axis, d] : llvm::enumerate(*sizes))
    if (!d.isSame())
      input = resizeDimension(node, input, static_cast<int64_t>(axis),
                              *sampling, d);
  node.setResult(0, input);
  return success();
}

} // namespace mpc::frontend
