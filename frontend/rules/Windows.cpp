#include "frontend/rules/Windows.h"

using namespace mlir;

namespace mpc::frontend {

Window Window::part(size_t first, size_t count) const {
  auto cut = [&](ArrayRef<int64_t> numbers) {
    return llvm::to_vector(numbers.slice(first, count));
  };
  Window window{cut(kernel), cut(strides), cut(dilations), cut(pads)};
  llvm::append_range(window.pads,
                     ArrayRef<int64_t>(pads).slice(rank() + first, count));
  return window;
}

bool readNumbers(NodeImport &node, StringRef name, size_t count, int64_t least,
                 SmallVector<int64_t> &numbers) {
  numbers = node.intsAttribute(name, numbers);
  bool good =
      numbers.size() == count && llvm::all_of(numbers, [&](int64_t number) {
        return number >= least && number <= INT32_MAX;
      });
  if (!good)
    (void)node.invalid("attribute '" + name + "' is [" + shapeText(numbers) +
                       "]; expected " + Twine(count) + " numbers of at least " +
                       Twine(least));
  return good;
}

// ONNX, auto_pad: the output extent is ceil(input / stride), and the odd pad
// lies at the end for SAME_UPPER and at the begin for SAME_LOWER.
static void padSame(Window &window, ArrayRef<int64_t> input, bool upper) {
  for (size_t i = 0; i < window.rank(); ++i) {
    int64_t extent = input[2 + i], stride = window.strides[i];
    int64_t outputs = (extent + stride - 1) / stride;
    int64_t total =
        std::max<int64_t>((outputs - 1) * stride + window.reach(i) - extent, 0);
    window.pads[i] = upper ? total / 2 : total - total / 2;
    window.pads[window.rank() + i] = total - window.pads[i];
  }
}

Value readPlanes(NodeImport &node) {
  Value input = node.operand(0);
  if (!input)
    return nullptr;
  ArrayRef<int64_t> shape = shapeOf(input);
  if (shape.size() < 3) {
    (void)node.invalid("its input " + shapeText(shape) +
                       " is not [N, C, ...] with spatial dimensions");
    return nullptr;
  }
  if (shape.size() > 5 || !isa<FloatType>(elementTypeOf(input))) {
    (void)node.unsupported(
        "slides over " + std::string(shape.size() > 5 ? "" : "integers of ") +
            shapeText(shape),
        "use floats with one to three spatial dimensions");
    return nullptr;
  }
  if (llvm::is_contained(shape.drop_front(2), 0)) {
    (void)node.invalid("slides over planes of " +
                       shapeText(shape.drop_front(2)) +
                       ", which have no elements");
    return nullptr;
  }
  return input;
}

std::optional<Window> readWindow(NodeImport &node, ArrayRef<int64_t> input,
                                 ArrayRef<int64_t> kernel) {
  size_t rank = input.size() - 2;
  SmallVector<int64_t> ones(rank, 1);
  Window window{SmallVector<int64_t>(kernel), ones, ones,
                SmallVector<int64_t>(2 * rank, 0)};
  if (!readNumbers(node, "kernel_shape", rank, 1, window.kernel) ||
      !readNumbers(node, "strides", rank, 1, window.strides) ||
      !readNumbers(node, "dilations", rank, 1, window.dilations))
    return std::nullopt;
  std::string mode = node.textAttribute("auto_pad", "NOTSET");
  if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
    padSame(window, input, mode == "SAME_UPPER");
  } else if (mode == "NOTSET") {
    if (!readNumbers(node, "pads", 2 * rank, 0, window.pads))
      return std::nullopt;
  } else if (mode != "VALID") {
    (void)node.invalid("attribute 'auto_pad' is '" + mode +
                       "'; expected NOTSET, SAME_UPPER, SAME_LOWER or VALID");
    return std::nullopt;
  }
  return window;
}

std::optional<SmallVector<int64_t>>
outputExtents(const Window &window, ArrayRef<int64_t> input, bool ceil) {
  SmallVector<int64_t> extents;
  for (size_t i = 0; i < window.rank(); ++i) {
    int64_t begin = window.pads[i], end = window.pads[window.rank() + i];
    int64_t room = input[i] + begin + end - window.reach(i);
    if (room < 0)
      return std::nullopt;
    int64_t stride = window.strides[i], count = room / stride + 1;
    bool hasPart = room % stride != 0 && count * stride < input[i] + begin;
    extents.push_back(ceil && hasPart ? count + 1 : count);
  }
  return extents;
}

Window inPlane(const Window &window) {
  if (window.rank() == 3)
    return window.part(1, 2);
  if (window.rank() == 2)
    return window;
  return {{1, window.kernel[0]},
          {1, window.strides[0]},
          {1, window.dilations[0]},
          {0, window.pads[0], 0, window.pads[1]}};
}

Shape inPlane(ArrayRef<int64_t> shape) {
  Shape plane(shape);
  if (plane.size() == 3)
    plane.insert(plane.begin() + 2, 1);
  return plane;
}

} // namespace mpc::frontend
