#include "frontend/OpTable.h"
#include "frontend/rules/Volumes.h"

using namespace mlir;

namespace mpc::frontend {

namespace {
/// What Conv and ConvTranspose read alike.
struct Filters {
  Value input, weight, bias;
  Window window;
  int64_t groups;

  ArrayRef<int64_t> spatial() const { return shapeOf(input).drop_front(2); }
};
} // namespace

// The weight is [F, C / groups, kernel...], or, if `transposed`, [C, F /
// groups, kernel...].
static LogicalResult readWeight(NodeImport &node, Filters &filters,
                                bool transposed) {
  ArrayRef<int64_t> shape = shapeOf(filters.input);
  ArrayRef<int64_t> kernel = filters.window.kernel;
  int64_t groups = filters.groups, channels = shape[1] / groups;
  Shape open = {unknownSize, channels};
  if (transposed)
    open = {shape[1], unknownSize};
  llvm::append_range(open, kernel);
  SlotUse use{SlotUse::Kind::Weight, channels * elementCount(kernel)};
  filters.weight = node.operand(1, use, open);
  if (!filters.weight)
    return failure();
  ArrayRef<int64_t> found = shapeOf(filters.weight);
  if (found.drop_front(2) != kernel)
    return node.invalid("kernel " + shapeText(kernel) +
                        " does not fit its weight " + shapeText(found));
  bool fits = transposed ? found[0] == shape[1]
                         : found[1] == channels && found[0] % groups == 0;
  std::string parts =
      groups == 1 ? "" : " in " + std::to_string(groups) + " groups";
  if (!fits || !isa<FloatType>(elementTypeOf(filters.weight)))
    return node.invalid("weight " + shapeText(found) + " does not fit input " +
                        shapeText(shape) + parts);
  return success();
}

static LogicalResult readBias(NodeImport &node, Filters &filters,
                              int64_t count) {
  if (!node.has(2))
    return success();
  filters.bias = node.operand(2, SlotUse{SlotUse::Kind::Bias}, {count});
  if (!filters.bias)
    return failure();
  if (shapeOf(filters.bias) != ArrayRef<int64_t>{count})
    return node.invalid("its bias is " + shapeText(shapeOf(filters.bias)) +
                        "; expected " + Twine(count));
  return success();
}

static LogicalResult readFilters(NodeImport &node, Filters &filters,
                                 bool transposed) {
  filters.input = readPlanes(node);
  if (!filters.input)
    return failure();
  ArrayRef<int64_t> shape = shapeOf(filters.input);
  SmallVector<int64_t> weightShape = node.operandShape(1);
  if (weightShape.size() != shape.size())
    return node.invalid("its weight " + shapeText(weightShape) +
                        " has another rank than its input " + shapeText(shape));
  auto window =
      readWindow(node, shape, ArrayRef<int64_t>(weightShape).drop_front(2));
  if (!window)
    return failure();
  filters.window = *window;
  filters.groups = node.intAttribute("group", 1);
  if (filters.groups < 1 || shape[1] % filters.groups != 0)
    return node.invalid("has " + Twine(filters.groups) +
                        " groups, but its input has " + Twine(shape[1]) +
                        " channels");
  if (failed(readWeight(node, filters, transposed)))
    return failure();
  ArrayRef<int64_t> weight = shapeOf(filters.weight);
  return readBias(node, filters,
                  transposed ? weight[1] * filters.groups : weight[0]);
}

// The weight of a window over planes: taps along the depth count as channels.
static Value planeWeight(NodeImport &node, const Filters &filters) {
  Shape shape = inPlane(shapeOf(filters.weight));
  if (shape.size() == 5) {
    shape[1] *= shape[2];
    shape.erase(shape.begin() + 2);
  }
  return node.reshaped(filters.weight, shape);
}

LogicalResult importConv(NodeImport &node) {
  Filters filters;
  if (failed(readFilters(node, filters, /*transposed=*/false)))
    return failure();
  const Window &window = filters.window;
  auto extents = outputExtents(window, filters.spatial(), /*ceil=*/false);
  if (!extents)
    return node.invalid("kernel " + shapeText(window.kernel) +
                        " does not fit input " + shapeText(filters.spatial()));
  ArrayRef<int64_t> from = shapeOf(filters.input);
  bool isVolume = window.rank() == 3;
  Value input =
      isVolume ? gatherPlanes(node, filters.input, window, extents->front())
               : node.reshaped(filters.input, inPlane(from));
  Window plane = inPlane(window);
  Value result = ConvOp::create(
      node.builder, node.loc, input, planeWeight(node, filters), filters.bias,
      plane.strides, plane.pads, plane.dilations, filters.groups);
  Shape shape = {from[0], shapeOf(result)[1]};
  llvm::append_range(shape, *extents);
  node.setResult(0, isVolume ? volumeOf(node, result, from[0])
                             : node.reshaped(result, shape));
  return success();
}

// ONNX, ConvTranspose: without wanted extents the pads are cut off all that the
// windows reach; otherwise the pads follow from them. `output_padding` and what
// is wanted beyond the windows lie at the end. Sets the window's pads.
static LogicalResult readExtents(NodeImport &node, Filters &filters,
                                 SmallVector<int64_t> &extents) {
  Window &window = filters.window;
  size_t rank = window.rank();
  SmallVector<int64_t> more(rank, 0), wanted;
  std::string mode = node.textAttribute("auto_pad", "NOTSET");
  if (node.hasAttribute("output_shape")) {
    if (!readNumbers(node, "output_shape", rank, 1, wanted))
      return failure();
  } else if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
    for (size_t i = 0; i < rank; ++i)
      wanted.push_back(filters.spatial()[i] * window.strides[i]);
  }
  if (!readNumbers(node, "output_padding", rank, 0, more))
    return failure();
  for (size_t i = 0; i < rank; ++i) {
    int64_t &begin = window.pads[i], &end = window.pads[rank + i];
    int64_t reached =
        window.strides[i] * (filters.spatial()[i] - 1) + window.reach(i);
    if (!wanted.empty()) {
      int64_t total = std::max<int64_t>(reached + more[i] - wanted[i], 0);
      begin = mode == "SAME_UPPER" ? total / 2 : total - total / 2;
      end = total - begin;
    }
    extents.push_back(wanted.empty() ? reached + more[i] - begin - end
                                     : wanted[i]);
    if (extents[i] < 1 || reached <= begin + end)
      return node.invalid("its pads " + shapeText(window.pads) +
                          " leave nothing of " + Twine(reached + more[i]) +
                          " elements");
  }
  return success();
}

// The part of the result that is the gradient of a convolution's input: the
// last window ends less than a stride before its end.
static SmallVector<int64_t> withinWindows(const Filters &filters,
                                          ArrayRef<int64_t> extents) {
  const Window &window = filters.window;
  SmallVector<int64_t> within;
  for (size_t i = 0; i < window.rank(); ++i) {
    int64_t most = window.strides[i] * filters.spatial()[i] + window.reach(i) -
                   1 - window.pads[i] - window.pads[window.rank() + i];
    within.push_back(std::min(extents[i], most));
  }
  return within;
}

// The transpose of Conv by its input.
static Value transposeConv(NodeImport &node, const Filters &filters,
                           ArrayRef<int64_t> extents) {
  bool isVolume = extents.size() == 3;
  ArrayRef<int64_t> from = shapeOf(filters.input);
  Value input = isVolume ? planesOf(node, filters.input)
                         : node.reshaped(filters.input, inPlane(from));
  Value weight = planeWeight(node, filters);
  Shape shape = {shapeOf(input)[0], shapeOf(weight)[1] * filters.groups};
  llvm::append_range(shape, extents.take_back(2));
  Window plane = inPlane(filters.window);
  OpBuilder &builder = node.builder;
  Value planes = ConvInputGradOp::create(
      builder, node.loc, typeLike(input, inPlane(shape)), input, weight,
      builder.getDenseI64ArrayAttr(plane.strides),
      builder.getDenseI64ArrayAttr(plane.pads),
      builder.getDenseI64ArrayAttr(plane.dilations),
      builder.getI64IntegerAttr(filters.groups));
  if (isVolume)
    return scatterPlanes(node, planes, filters.window, from[0], extents[0]);
  return node.reshaped(planes, shape);
}

LogicalResult importConvTranspose(NodeImport &node) {
  Filters filters;
  SmallVector<int64_t> extents;
  if (failed(readFilters(node, filters, /*transposed=*/true)) ||
      failed(readExtents(node, filters, extents)))
    return failure();
  SmallVector<int64_t> within = withinWindows(filters, extents);
  Value result = transposeConv(node, filters, within);
  if (within != extents) {
    Shape shape(shapeOf(result).take_front(2));
    llvm::append_range(shape, extents);
    SmallVector<int64_t> starts(shape.size(), 0), steps(shape.size(), 1);
    result =
        PadOp::create(node.builder, node.loc, result, starts, steps, shape);
  }
  if (filters.bias) {
    Shape bias(extents.size() + 1, 1);
    bias[0] = shapeOf(filters.bias)[0];
    result = AddOp::create(node.builder, node.loc, result,
                           node.reshaped(filters.bias, bias));
  }
  node.setResult(0, result);
  return success();
}

} // namespace mpc::frontend
