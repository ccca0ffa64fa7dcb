#include "frontend/model/JsonLayers.h"

namespace mpc::frontend {
namespace {

void readNothing(JsonLayer &) {}

// `pad` is one number, [height, width], [top, left, bottom, right] or "same".
void readPad(JsonLayer &layer) {
  const Json *pad = layer.json.find("pad");
  if (!pad)
    return;
  if (pad->isText() && pad->text == "same")
    return layer.setText("auto_pad", "SAME_UPPER");
  if (pad->isArray() && pad->items.size() == 4)
    return layer.setInts("pads", layer.integers("pad", 0));
  std::vector<int64_t> both = layer.pair("pad", 0, 0);
  layer.setInts("pads", {both[0], both[1], both[0], both[1]});
}

void readConv(JsonLayer &layer) {
  std::vector<int64_t> kernel = layer.pair("kernel", 1);
  layer.setInts("kernel_shape", kernel);
  layer.setInts("strides", layer.pair("stride", 1, 1));
  layer.setInts("dilations", layer.pair("dilation", 1, 1));
  readPad(layer);
  int64_t filters = layer.integer("filters", 1);
  layer.addWeight("weight", {filters, unknownSize, kernel[0], kernel[1]});
  if (layer.flag("bias", true))
    layer.addWeight("bias", {filters});
}

void readGemm(JsonLayer &layer) {
  int64_t units = layer.integer("units", 1);
  layer.setInt("transB", 1);
  layer.addWeight("weight", {units, unknownSize});
  if (layer.flag("bias", true))
    layer.addWeight("bias", {units});
}

void readPool(JsonLayer &layer) {
  std::vector<int64_t> kernel = layer.pair("kernel", 1);
  layer.setInts("kernel_shape", kernel);
  layer.setInts("strides",
                layer.has("stride") ? layer.pair("stride", 1) : kernel);
  readPad(layer);
}

void readAveragePool(JsonLayer &layer) {
  readPool(layer);
  layer.setInt("count_include_pad", layer.flag("count_include_pad", false));
}

void readBatchNormalization(JsonLayer &layer) {
  layer.setInt("training_mode", 1);
  layer.setFloat("epsilon", layer.number("epsilon", 1e-5));
  layer.setFloat("momentum", layer.number("momentum", 0.9));
  for (const char *role : {"scale", "bias", "running_mean", "running_var"})
    layer.addWeight(role, {unknownSize});
}

void readFlatten(JsonLayer &layer) {
  layer.setInt("axis", layer.integer("axis", INT32_MIN, 1));
}

void readTranspose(JsonLayer &layer) {
  if (layer.has("perm"))
    layer.setInts("perm", layer.integers("perm", 0));
}

void readCast(JsonLayer &layer) {
  const Json *to = layer.json.find("to");
  // The numbers of ONNX's TensorProto.DataType.
  for (auto [name, number] : {std::pair("f32", 1), {"f16", 10}, {"bf16", 16}})
    if (to && to->isText() && to->text == name)
      return layer.setInt("to", number);
  layer.problem(to ? to->line : layer.json.line, "needs 'to'",
                "write \"f32\", \"f16\" or \"bf16\"");
}

} // namespace

const std::vector<JsonLayerKind> &jsonLayerKinds() {
  static const std::vector<JsonLayerKind> kinds = {
      {"Add", 2, {}, {}, readNothing},
      {"AveragePool",
       1,
       {"kernel", "stride", "pad", "count_include_pad"},
       {},
       readAveragePool},
      {"BatchNormalization",
       1,
       {"epsilon", "momentum"},
       {"scale", "bias", "running_mean", "running_var"},
       readBatchNormalization},
      {"Cast", 1, {"to"}, {}, readCast},
      {"Conv",
       1,
       {"filters", "kernel", "stride", "pad", "dilation", "bias"},
       {"weight", "bias"},
       readConv},
      {"Div", 2, {}, {}, readNothing},
      {"Flatten", 1, {"axis"}, {}, readFlatten},
      {"Gemm", 1, {"units", "bias"}, {"weight", "bias"}, readGemm},
      {"GlobalAveragePool", 1, {}, {}, readNothing},
      {"Identity", 1, {}, {}, readNothing},
      {"MaxPool", 1, {"kernel", "stride", "pad"}, {}, readPool},
      {"Mul", 2, {}, {}, readNothing},
      {"Neg", 1, {}, {}, readNothing},
      {"Relu", 1, {}, {}, readNothing},
      {"Reshape",
       1,
       {"shape"},
       {},
       [](JsonLayer &layer) {
         layer.addIntegers("shape", layer.integers("shape", -1));
       }},
      {"Sqrt", 1, {}, {}, readNothing},
      {"Sub", 2, {}, {}, readNothing},
      {"Transpose", 1, {"perm"}, {}, readTranspose},
  };
  return kinds;
}

} // namespace mpc::frontend
