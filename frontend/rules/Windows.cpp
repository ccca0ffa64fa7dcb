#include "frontend/rules/Windows.h"

using namespace mlir;

namespace mpc::frontend {

// Numbers of one attribute: as many as wanted, each in [least, 2^31).
static bool readNumbers(NodeImport &node, StringRef name, size_t count,
                        int64_t least, SmallVector<int64_t> &numbers) {
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
  for (size_t i = 0; i < 2; ++i) {
    int64_t extent = input[2 + i];
    int64_t stride = window.strides[i];
    int64_t reach = (window.kernel[i] - 1) * window.dilations[i] + 1;
    int64_t outputs = (extent + stride - 1) / stride;
    int64_t total =
        std::max<int64_t>((outputs - 1) * stride + reach - extent, 0);
    window.pads[i] = upper ? total / 2 : total - total / 2;
    window.pads[i + 2] = total - window.pads[i];
  }
}

std::optional<Window> readWindow(NodeImport &node, ArrayRef<int64_t> input,
                                 ArrayRef<int64_t> kernel) {
  if (input.size() != 4) {
    (void)node.unsupported("its input " + shapeText(input) +
                               " is not [N, C, H, W]",
                           "use the 2-D form");
    return std::nullopt;
  }
  Window window{SmallVector<int64_t>(kernel), {1, 1}, {1, 1}, {0, 0, 0, 0}};
  if (!readNumbers(node, "kernel_shape", 2, 1, window.kernel) ||
      !readNumbers(node, "strides", 2, 1, window.strides) ||
      !readNumbers(node, "dilations", 2, 1, window.dilations))
    return std::nullopt;
  std::string mode = node.textAttribute("auto_pad", "NOTSET");
  if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
    padSame(window, input, mode == "SAME_UPPER");
  } else if (mode == "NOTSET") {
    if (!readNumbers(node, "pads", 4, 0, window.pads))
      return std::nullopt;
  } else if (mode != "VALID") {
    (void)node.invalid("attribute 'auto_pad' is '" + mode +
                       "'; expected NOTSET, SAME_UPPER, SAME_LOWER or VALID");
    return std::nullopt;
  }
  return window;
}

} // namespace mpc::frontend
