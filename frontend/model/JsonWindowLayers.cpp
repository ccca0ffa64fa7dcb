// Convolution and pooling: layers with a window over one or two dimensions.
#include "frontend/model/JsonLayers.h"

#include <algorithm>

namespace mpc::frontend {
namespace {

// The window of a layer over `kernel.size()` dimensions.
class WindowReader {
public:
  // A kernel of one number is square, unless the layer's word ends in "1d".
  explicit WindowReader(JsonLayer &layer) : layer(layer) {
    kernel = layer.integers("kernel");
    bool isSingle = layer.json.find("kernel")->isInteger();
    bool is1d = layer.op.ends_with("1d");
    bool is2d = layer.op.ends_with("2d");
    if (isSingle && !is1d)
      kernel.push_back(kernel[0]);
    if ((is1d && kernel.size() != 1) || (is2d && kernel.size() != 2))
      refuse("kernel", is1d ? 1 : 2);
    layer.setInts("kernel_shape", kernel);
  }

  const std::vector<int64_t> &getKernel() const { return kernel; }

  // One number per dimension for the ONNX attribute, `otherwise` if absent.
  void read(const char *key, const char *attribute,
            std::vector<int64_t> otherwise) {
    std::vector<int64_t> numbers = layer.integers(key);
    if (numbers.empty())
      numbers = std::move(otherwise);
    else if (layer.json.find(key)->isInteger())
      numbers.resize(kernel.size(), numbers[0]);
    if (numbers.size() != kernel.size())
      return refuse(key, kernel.size());
    layer.setInts(attribute, std::move(numbers));
  }

  std::vector<int64_t> all(int64_t number) const {
    return std::vector<int64_t>(kernel.size(), number);
  }

  // `pad` is one number, one per dimension, one per side (the begins first), or
  // "same".
  void readPad() {
    const Json *pad = layer.json.find("pad");
    if (!pad)
      return;
    if (pad->isText())
      return layer.setText("auto_pad", "SAME_UPPER");
    std::vector<int64_t> pads = layer.integers("pad");
    if (pad->isInteger())
      pads.resize(kernel.size(), pads[0]);
    if (pads.size() == kernel.size())
      pads.insert(pads.end(), pads.begin(), pads.begin() + kernel.size());
    if (pads.size() != 2 * kernel.size())
      return refuse("pad", kernel.size());
    layer.setInts("pads", std::move(pads));
  }

private:
  void refuse(const char *key, size_t dimensions) {
    const Json &value = *layer.json.find(key);
    layer.problem(value.line,
                  std::string("'") + key + "' is " + shortText(value) +
                      ", but the window has " + std::to_string(dimensions) +
                      (dimensions == 1 ? " dimension" : " dimensions"),
                  dimensions == 1 ? "write one number"
                                  : "write one number or a list of two");
  }

  JsonLayer &layer;
  std::vector<int64_t> kernel;
};

WindowReader readWindow(JsonLayer &layer) {
  WindowReader window(layer);
  window.read("stride", "strides", window.all(1));
  window.read("dilation", "dilations", window.all(1));
  window.readPad();
  return window;
}

void addBias(JsonLayer &layer, int64_t filters) {
  if (layer.flag("bias", true))
    layer.addWeight("bias", {filters});
}

void readConv(JsonLayer &layer) {
  WindowReader window = readWindow(layer);
  int64_t filters = layer.integer("filters");
  std::vector<int64_t> shape = {filters, unknownSize};
  shape.insert(shape.end(), window.getKernel().begin(),
               window.getKernel().end());
  layer.addWeight("weight", std::move(shape));
  addBias(layer, filters);
}

void readConvTranspose(JsonLayer &layer) {
  WindowReader window = readWindow(layer);
  if (layer.has("output_padding"))
    window.read("output_padding", "output_padding", {});
  int64_t filters = layer.integer("filters");
  int64_t groups = layer.integer("groups", 1);
  if (filters % groups != 0)
    layer.problem(layer.json.find("groups")->line,
                  "'groups' is " + std::to_string(groups) +
                      ", which does not divide 'filters' (" +
                      std::to_string(filters) + ")",
                  "write a divisor");
  std::vector<int64_t> shape = {unknownSize, filters / groups};
  shape.insert(shape.end(), window.getKernel().begin(),
               window.getKernel().end());
  layer.addWeight("weight", std::move(shape));
  addBias(layer, filters);
}

void readPool(JsonLayer &layer) {
  WindowReader window(layer);
  window.read("stride", "strides", window.getKernel());
  if (layer.has("dilation"))
    window.read("dilation", "dilations", {});
  window.readPad();
}

} // namespace

std::vector<JsonLayerKind> windowLayerKinds() {
  const JsonKey filters = integerKey("filters", 1).read().required();
  const JsonKey kernel = windowKey("kernel", 1).required();
  const JsonKey stride = windowKey("stride", 1);
  const JsonKey dilation = windowKey("dilation", 1);
  const JsonKey groups = integerKey("groups", 1).as("group");
  const JsonKey bias = flagKey("bias").read();
  const JsonKey ceil = flagKey("ceil_mode");
  return {
      {"Conv",
       {"conv", "conv1d", "conv2d"},
       1,
       1,
       {filters, kernel, stride, padKey("pad"), dilation, groups, bias},
       {"weight", "bias"},
       readConv},
      {"ConvTranspose",
       {"conv_transpose", "conv_transpose1d", "conv_transpose2d"},
       1,
       1,
       {filters, kernel, stride, padKey("pad"), windowKey("output_padding", 0),
        dilation, groups, bias},
       {"weight", "bias"},
       readConvTranspose},
      {"MaxPool",
       {"max_pool", "max_pool1d", "max_pool2d"},
       1,
       1,
       {kernel, stride, padKey("pad"), dilation, ceil},
       {},
       readPool},
      {"AveragePool",
       {"average_pool", "average_pool1d", "average_pool2d", "avg_pool",
        "avg_pool1d", "avg_pool2d"},
       1,
       1,
       {kernel, stride, padKey("pad"), dilation, ceil,
        flagKey("count_include_pad")},
       {},
       readPool},
      {"GlobalAveragePool",
       {"global_average_pool", "global_avg_pool"},
       1,
       1,
       {}},
      {"GlobalMaxPool", {"global_max_pool"}, 1, 1, {}},
  };
}

} // namespace mpc::frontend
