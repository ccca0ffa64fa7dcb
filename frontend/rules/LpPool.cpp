// LpPool and GlobalLpPool: the p-th root of the sum of |x|^p.
#include "frontend/OpTable.h"
#include "frontend/rules/Pooling.h"

using namespace mlir;

namespace mpc::frontend {

// A tensor of one number everywhere, of the element type of `like`.
static Value filled(NodeImport &node, double value, Value like,
                    ArrayRef<int64_t> shape) {
  RankedTensorType type = typeLike(like, shape);
  return ConstantOp::create(
      node.builder, node.loc,
      DenseElementsAttr::get(
          type, node.builder.getFloatAttr(type.getElementType(), value)));
}

static Value powerOf(NodeImport &node, Value x, int64_t p) {
  if (p == 2)
    return MulOp::create(node.builder, node.loc, x, x);
  x = UnaryOp::create(node.builder, node.loc, UnaryFunction::Abs, x);
  if (p == 1)
    return x;
  return PowOp::create(node.builder, node.loc, x,
                       filled(node, static_cast<double>(p), x, {}));
}

static Value rootOf(NodeImport &node, Value x, int64_t p) {
  if (p == 1)
    return x;
  if (p == 2)
    return SqrtOp::create(node.builder, node.loc, x);
  return PowOp::create(node.builder, node.loc, x,
                       filled(node, 1.0 / static_cast<double>(p), x, {}));
}

// The sum of each window: a convolution of every channel by itself with ones,
// padded as far as the last window reaches.
static Value sumWindows(NodeImport &node, Value planes, Window window,
                        bool ceil) {
  ArrayRef<int64_t> shape = shapeOf(planes);
  auto extents = outputExtents(window, shape.drop_front(2), ceil);
  for (size_t i = 0; i < window.rank(); ++i) {
    int64_t &end = window.pads[window.rank() + i];
    int64_t last = ((*extents)[i] - 1) * window.strides[i] - window.pads[i];
    end = std::max(end, last + window.reach(i) - shape[2 + i]);
  }
  if (shape[1] == 0)
    return filled(node, 0, planes, {shape[0], 0, (*extents)[0], (*extents)[1]});
  Value ones = filled(node, 1, planes,
                      {shape[1], 1, window.kernel[0], window.kernel[1]});
  return ConvOp::create(node.builder, node.loc, planes, ones, Value(),
                        window.strides, window.pads, window.dilations,
                        /*groups=*/shape[1]);
}

static std::optional<int64_t> readPower(NodeImport &node) {
  int64_t p = node.intAttribute("p", 2);
  if (p >= 1)
    return p;
  (void)node.invalid("attribute 'p' is " + Twine(p) + "; expected at least 1");
  return std::nullopt;
}

LogicalResult importLpPool(NodeImport &node) {
  auto p = readPower(node);
  Value input = readPlanes(node);
  auto window = readPool(node, input);
  if (!window || !p)
    return failure();
  bool ceil = node.intAttribute("ceil_mode", 0) != 0;
  auto sum = [&](Value planes, const Window &plane) {
    return sumWindows(node, planes, plane, ceil);
  };
  Value sums = poolPlanes(node, powerOf(node, input, *p), *window, sum);
  node.setResult(0, rootOf(node, sums, *p));
  return success();
}

LogicalResult importGlobalLpPool(NodeImport &node) {
  auto p = readPower(node);
  Value input = readPlanes(node);
  if (!input || !p)
    return failure();
  auto axes = llvm::to_vector(llvm::seq<int64_t>(2, shapeOf(input).size()));
  Value sum = ReduceSumOp::create(node.builder, node.loc,
                                  powerOf(node, input, *p), axes,
                                  /*keepDims=*/true);
  node.setResult(0, rootOf(node, sum, *p));
  return success();
}

} // namespace mpc::frontend
