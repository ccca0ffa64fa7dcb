#include "compiler/dialect/Shapes.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace mpc {

ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

Type elementTypeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getElementType();
}

RankedTensorType typeLike(Value value, ArrayRef<int64_t> shape) {
  return RankedTensorType::get(shape, elementTypeOf(value));
}

int64_t elementCount(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

GemmExtents gemmExtents(Value a, bool transA, Value result) {
  ArrayRef<int64_t> shape = shapeOf(result);
  return {elementCount(shape.drop_back(2)), shape.drop_back().back(),
          shape.back(), shapeOf(a).drop_back(transA ? 1 : 0).back()};
}

std::optional<Shape> broadcastShapes(ArrayRef<int64_t> a, ArrayRef<int64_t> b) {
  if (a.size() < b.size())
    std::swap(a, b);
  Shape result(a);
  for (size_t i = 0; i < b.size(); ++i) {
    int64_t &left = result[a.size() - 1 - i];
    int64_t right = b[b.size() - 1 - i];
    if (left != right && left != 1 && right != 1)
      return std::nullopt;
    left = left == 1 ? right : left;
  }
  return result;
}

bool broadcastsTo(ArrayRef<int64_t> from, ArrayRef<int64_t> to) {
  std::optional<Shape> shape = broadcastShapes(from, to);
  return shape && ArrayRef<int64_t>(*shape) == to;
}

// Positions of a window of `extent` that moves by `stride`, or nothing.
static std::optional<int64_t> windowCount(int64_t size, int64_t padBegin,
                                          int64_t padEnd, int64_t extent,
                                          int64_t stride) {
  if (padBegin < 0 || padEnd < 0 || extent < 1 || stride < 1)
    return std::nullopt;
  int64_t room = size + padBegin + padEnd - extent;
  if (room < 0)
    return std::nullopt;
  return room / stride + 1;
}

std::optional<Shape> convShape(ArrayRef<int64_t> input,
                               ArrayRef<int64_t> weight,
                               ArrayRef<int64_t> strides,
                               ArrayRef<int64_t> pads,
                               ArrayRef<int64_t> dilations, int64_t groups) {
  if (input.size() != 4 || weight.size() != 4 || strides.size() != 2 ||
      pads.size() != 4 || dilations.size() != 2 || groups < 1 ||
      input[1] != weight[1] * groups || weight[0] % groups != 0)
    return std::nullopt;
  Shape result{input[0], weight[0]};
  for (int i = 0; i < 2; ++i) {
    if (dilations[i] < 1)
      return std::nullopt;
    int64_t extent = dilations[i] * (weight[2 + i] - 1) + 1;
    auto count =
        windowCount(input[2 + i], pads[i], pads[2 + i], extent, strides[i]);
    if (!count)
      return std::nullopt;
    result.push_back(*count);
  }
  return result;
}

std::optional<Shape> poolShape(ArrayRef<int64_t> input,
                               ArrayRef<int64_t> kernel,
                               ArrayRef<int64_t> strides,
                               ArrayRef<int64_t> pads,
                               ArrayRef<int64_t> dilations, bool ceil) {
  if (input.size() != 4 || kernel.size() != 2 || strides.size() != 2 ||
      pads.size() != 4 || dilations.size() != 2)
    return std::nullopt;
  Shape result{input[0], input[1]};
  for (int i = 0; i < 2; ++i) {
    if (kernel[i] < 1 || dilations[i] < 1)
      return std::nullopt;
    int64_t extent = dilations[i] * (kernel[i] - 1) + 1;
    if (pads[i] >= extent || pads[2 + i] >= extent)
      return std::nullopt;
    auto count =
        windowCount(input[2 + i], pads[i], pads[2 + i], extent, strides[i]);
    if (!count)
      return std::nullopt;
    int64_t rest = input[2 + i] + pads[i] + pads[2 + i] - extent;
    if (ceil && rest % strides[i] != 0 &&
        *count * strides[i] < input[2 + i] + pads[i])
      ++*count;
    result.push_back(*count);
  }
  return result;
}

Shape reducedShape(ArrayRef<int64_t> shape, ArrayRef<int64_t> axes,
                   bool keepDims) {
  Shape result;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (!llvm::is_contained(axes, static_cast<int64_t>(i)))
      result.push_back(shape[i]);
    else if (keepDims)
      result.push_back(1);
  }
  return result;
}

} // namespace mpc
