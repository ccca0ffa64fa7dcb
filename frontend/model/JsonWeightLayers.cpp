// Layers that are one ONNX node with weights of their own, but no window.
#include "frontend/model/JsonLayers.h"

namespace mpc::frontend {
namespace {

void readGemm(JsonLayer &layer) {
  int64_t units = layer.integer("units");
  layer.setInt("transB", 1);
  layer.addWeight("weight", {units, unknownSize});
  if (layer.flag("bias", true))
    layer.addWeight("bias", {units});
}

void readBatchNormalization(JsonLayer &layer) {
  layer.setInt("training_mode", 1);
  layer.setFloat("epsilon", layer.number("epsilon", 1e-5));
  layer.setFloat("momentum", layer.number("momentum", 0.9));
  for (const char *role : {"scale", "bias", "running_mean", "running_var"})
    layer.addWeight(role, {unknownSize});
}

// The scale spans the last dimension, or those that `shape` gives. Returns its
// shape.
std::vector<int64_t> addRowScale(JsonLayer &layer) {
  std::vector<int64_t> shape = {unknownSize};
  if (layer.has("shape"))
    shape = layer.integers("shape");
  layer.setInt("axis", -static_cast<int64_t>(shape.size()));
  layer.addWeight("scale", shape);
  return shape;
}

void readLayerNormalization(JsonLayer &layer) {
  std::vector<int64_t> shape = addRowScale(layer);
  if (layer.flag("bias", true))
    layer.addWeight("bias", shape);
}

void readRmsNormalization(JsonLayer &layer) { addRowScale(layer); }

void readScaleAndBias(JsonLayer &layer) {
  layer.addWeight("scale", {unknownSize});
  layer.addWeight("bias", {unknownSize});
}

// The table is the first operand of ONNX's Gather, the indices the second.
void readEmbedding(JsonLayer &layer) {
  layer.finish("Gather", {layer.makeWeight("weight", {layer.integer("count"),
                                                      layer.integer("dim")}),
                          layer.node.inputs[0]});
}

void readPRelu(JsonLayer &layer) {
  layer.addWeight("slope", layer.has("shape") ? layer.integers("shape")
                                              : std::vector<int64_t>{1});
}

} // namespace

std::vector<JsonLayerKind> weightLayerKinds() {
  const JsonKey epsilon = numberKey("epsilon");
  const JsonKey bias = flagKey("bias").read();
  const JsonKey shape = integersKey("shape", 1).read();
  return {
      {"Gemm",
       {"gemm"},
       1,
       1,
       {integerKey("units", 1).read().required(), bias},
       {"weight", "bias"},
       readGemm},
      {"BatchNormalization",
       {"batch_norm"},
       1,
       1,
       {epsilon.read(), numberKey("momentum").read()},
       {"scale", "bias", "running_mean", "running_var"},
       readBatchNormalization},
      {"LayerNormalization",
       {"layer_norm"},
       1,
       1,
       {epsilon, bias, shape},
       {"scale", "bias"},
       readLayerNormalization},
      {"GroupNormalization",
       {"group_norm"},
       1,
       1,
       {integerKey("groups", 1).as("num_groups").required(), epsilon},
       {"scale", "bias"},
       readScaleAndBias},
      {"InstanceNormalization",
       {"instance_norm"},
       1,
       1,
       {epsilon},
       {"scale", "bias"},
       readScaleAndBias},
      {"RMSNormalization",
       {"rms_norm"},
       1,
       1,
       {epsilon, shape},
       {"scale"},
       readRmsNormalization},
      {"PRelu", {"prelu"}, 1, 1, {shape}, {"slope"}, readPRelu},
      {"",
       {"embedding"},
       1,
       1,
       {integerKey("count", 1).read().required(),
        integerKey("dim", 1).read().required()},
       {"weight"},
       readEmbedding},
  };
}

} // namespace mpc::frontend
