#include "frontend/rules/Volumes.h"

using namespace mlir;

namespace mpc::frontend {

// What moves elements along the depth of [N, C, D, H, W] alone.
static SmallVector<int64_t> alongDepth(int64_t number, int64_t otherwise) {
  return {otherwise, otherwise, number, otherwise, otherwise};
}

static Shape withDepth(Value volume, int64_t depth) {
  Shape shape(shapeOf(volume));
  shape[2] = depth;
  return shape;
}

static Value transpose(NodeImport &node, Value value, ArrayRef<int64_t> perm) {
  return TransposeOp::create(node.builder, node.loc, value, perm);
}

Value gatherPlanes(NodeImport &node, Value volume, const Window &window,
                   int64_t windows) {
  int64_t begin = window.pads[0], end = window.pads[window.rank()];
  int64_t depth = shapeOf(volume)[2] + begin + end;
  if (begin + end > 0)
    volume = PadOp::create(node.builder, node.loc, volume, alongDepth(begin, 0),
                           alongDepth(1, 1), withDepth(volume, depth));
  Shape one = withDepth(volume, windows);
  one.insert(one.begin() + 2, 1);
  SmallVector<Value> taps;
  for (int64_t tap = 0; tap < window.kernel[0]; ++tap) {
    Value planes = SliceOp::create(node.builder, node.loc, volume,
                                   alongDepth(tap * window.dilations[0], 0),
                                   alongDepth(window.strides[0], 1),
                                   withDepth(volume, windows));
    taps.push_back(node.reshaped(planes, one));
  }
  Value all = ConcatOp::create(node.builder, node.loc, taps, /*axis=*/2);
  return node.reshaped(
      transpose(node, all, {0, 3, 1, 2, 4, 5}),
      {one[0] * windows, one[1] * window.kernel[0], one[4], one[5]});
}

Value scatterPlanes(NodeImport &node, Value planes, const Window &window,
                    int64_t images, int64_t depth) {
  ArrayRef<int64_t> shape = shapeOf(planes);
  int64_t taps = window.kernel[0], windows = shape[0] / images;
  Shape one = {images, shape[1] / taps, 1, windows, shape[2], shape[3]};
  Value all = transpose(
      node,
      node.reshaped(planes, {images, windows, one[1], taps, one[4], one[5]}),
      {0, 2, 3, 1, 4, 5});
  int64_t begin = window.pads[0], end = window.pads[window.rank()];
  Shape padded = {images, one[1], depth + begin + end, one[4], one[5]};
  Value sum;
  for (int64_t tap = 0; tap < taps; ++tap) {
    Value part = SliceOp::create(node.builder, node.loc, all,
                                 {0, 0, tap, 0, 0, 0}, {1, 1, 1, 1, 1, 1}, one);
    Shape volume = padded;
    volume[2] = windows;
    part = PadOp::create(node.builder, node.loc, node.reshaped(part, volume),
                         alongDepth(tap * window.dilations[0], 0),
                         alongDepth(window.strides[0], 1), padded);
    sum = sum ? Value(AddOp::create(node.builder, node.loc, sum, part)) : part;
  }
  if (begin + end == 0)
    return sum;
  return SliceOp::create(node.builder, node.loc, sum, alongDepth(begin, 0),
                         alongDepth(1, 1), withDepth(sum, depth));
}

Value volumeOf(NodeImport &node, Value planes, int64_t images) {
  ArrayRef<int64_t> shape = shapeOf(planes);
  Value split = node.reshaped(
      planes, {images, shape[0] / images, shape[1], shape[2], shape[3]});
  return transpose(node, split, {0, 2, 1, 3, 4});
}

Value planesOf(NodeImport &node, Value volume) {
  ArrayRef<int64_t> shape = shapeOf(volume);
  return node.reshaped(transpose(node, volume, {0, 2, 1, 3, 4}),
                       {shape[0] * shape[2], shape[1], shape[3], shape[4]});
}

} // namespace mpc::frontend
