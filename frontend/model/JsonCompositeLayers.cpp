// Layers that ONNX has no operator for; each is a few nodes of it. The last one
// has the layer's name, the others NAME/STEP.
#include "frontend/model/JsonLayers.h"

namespace mpc::frontend {
namespace {

std::map<std::string, Attribute> intAttribute(const char *name, int64_t value) {
  Attribute attribute;
  attribute.kind = Attribute::Kind::Int;
  attribute.i = value;
  return {{name, attribute}};
}

// The product of all rows; the dimensions before the last return afterwards.
void readDense(JsonLayer &layer) {
  int64_t units = layer.integer("units");
  std::string input = layer.node.inputs[0];
  std::string rows =
      layer.step("rows", "Flatten", {input}, intAttribute("axis", -1));
  std::vector<std::string> operands = {
      rows, layer.makeWeight("weight", {units, unknownSize})};
  if (layer.flag("bias", true))
    operands.push_back(layer.makeWeight("bias", {units}));
  std::string product =
      layer.step("gemm", "Gemm", operands, intAttribute("transB", 1));
  std::map<std::string, Attribute> leading = intAttribute("start", 0);
  leading.merge(intAttribute("end", -1));
  std::string shape = layer.step("shape", "Shape", {input}, leading);
  std::string wanted = layer.step(
      "extents", "Concat", {shape, layer.makeIntegers("units", {units}, {1})},
      intAttribute("axis", 0));
  layer.finish("Reshape", {product, wanted});
}

// x / sqrt(mean(x^2) + epsilon) * scale over the last dimension.
void readSilu(JsonLayer &layer) {
  std::string x = layer.node.inputs[0];
  layer.finish("Mul", {x, layer.step("sigmoid", "Sigmoid", {x})});
}

void readRelu6(JsonLayer &layer) {
  layer.finish("Clip", {layer.node.inputs[0], layer.makeNumber("min", 0),
                        layer.makeNumber("max", 6)});
}

// The mean over all elements, a scalar.
void finishMean(JsonLayer &layer, std::string elements) {
  layer.node.attributes = intAttribute("keepdims", 0);
  layer.finish("ReduceMean", {std::move(elements)});
}

std::string difference(JsonLayer &layer) {
  return layer.step("difference", "Sub", layer.node.inputs);
}

void readMseLoss(JsonLayer &layer) {
  std::string d = difference(layer);
  finishMean(layer, layer.step("square", "Mul", {d, d}));
}

void readL1Loss(JsonLayer &layer) {
  finishMean(layer, layer.step("distance", "Abs", {difference(layer)}));
}

// With c = min(|d|, 1): c * (|d| - c / 2) is d^2 / 2 up to 1 and |d| - 1/2
// beyond.
void readHuberLoss(JsonLayer &layer) {
  std::string distance = layer.step("distance", "Abs", {difference(layer)});
  std::string near =
      layer.step("near", "Min", {distance, layer.makeNumber("delta", 1)});
  std::string half =
      layer.step("half", "Mul", {near, layer.makeNumber("factor", 0.5)});
  std::string rest = layer.step("rest", "Sub", {distance, half});
  finishMean(layer, layer.step("huber", "Mul", {near, rest}));
}

// max(x, 0) - x y + log(1 + exp(-|x|)), which no large x overflows.
void readBceLogitsLoss(JsonLayer &layer) {
  std::string x = layer.node.inputs[0];
  std::string positive = layer.step("positive", "Relu", {x});
  std::string product = layer.step("product", "Mul", layer.node.inputs);
  std::string linear = layer.step("linear", "Sub", {positive, product});
  std::string size = layer.step("size", "Abs", {x});
  std::string tail =
      layer.step("tail", "Softplus", {layer.step("negated", "Neg", {size})});
  finishMean(layer, layer.step("sum", "Add", {linear, tail}));
}

} // namespace

std::vector<JsonLayerKind> compositeLayerKinds() {
  return {
      {"",
       {"dense", "fc", "linear"},
       1,
       1,
       {integerKey("units", 1).read().required(), flagKey("bias").read()},
       {"weight", "bias"},
       readDense},
      {"", {"silu", "swish"}, 1, 1, {}, {}, readSilu},
      {"", {"relu6"}, 1, 1, {}, {}, readRelu6},
      {"", {"mse_loss"}, 2, 2, {}, {}, readMseLoss},
      {"", {"l1_loss"}, 2, 2, {}, {}, readL1Loss},
      {"", {"huber_loss"}, 2, 2, {}, {}, readHuberLoss},
      {"", {"bce_logits_loss"}, 2, 2, {}, {}, readBceLogitsLoss},
  };
}

} // namespace mpc::frontend
