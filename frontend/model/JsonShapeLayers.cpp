// Layers that move elements: one ONNX node each, without weights.
#include "frontend/model/JsonLayers.h"

namespace mpc::frontend {

static void readOneHot(JsonLayer &layer) {
  if (!layer.has("values"))
    layer.node.inputs.push_back(layer.makeNumbers("values", {0, 1}, {2}));
}

static void readSplit(JsonLayer &layer) {
  if (!layer.has("outputs"))
    layer.problem(layer.json.line, "needs 'outputs', a list of names",
                  "write for example \"outputs\": [\"first\", \"second\"]");
  // ONNX wants the number of parts where it has no sizes.
  if (!layer.has("sizes"))
    layer.setInt("num_outputs",
                 static_cast<int64_t>(layer.node.outputs.size()));
}

static void readRange(JsonLayer &layer) {
  layer.node.inputs = {
      layer.makeIntegers("start", {layer.integer("start", 0)}, {}),
      layer.makeIntegers("limit", {layer.integer("limit")}, {}),
      layer.makeIntegers("delta", {layer.integer("delta", 1)}, {})};
}

// ONNX's operator drops nothing unless it is told that this is training.
static void readDropout(JsonLayer &layer) {
  layer.node.inputs.push_back(
      layer.makeNumber("ratio", layer.number("ratio", 0.5)));
  layer.node.inputs.push_back(layer.makeTrue("training_mode"));
}

std::vector<JsonLayerKind> shapeLayerKinds() {
  const JsonKey axis = integerKey("axis");
  const JsonKey axes = integersKey("axes").operand();
  const JsonKey perm = integersKey("perm", 0);
  const JsonKey batchDims = integerKey("batch_dims", 0);
  const JsonKey reduction =
      choiceKey("reduction", {"none", "add", "mul", "max", "min"});
  return {
      {"Concat", {"concat"}, 1, anyNumber, {axis.required()}},
      {"Dropout",
       {"dropout"},
       1,
       1,
       {numberKey("ratio").read()},
       {},
       readDropout},
      {"Expand",
       {"expand"},
       1,
       1,
       {integersKey("shape", 1).operand().required()}},
      {"Flatten", {"flatten"}, 1, 1, {axis}},
      {"Gather", {"gather"}, 2, 2, {axis}},
      {"GatherElements", {"gather_elements"}, 2, 2, {axis}},
      {"GatherND", {"gather_nd"}, 2, 2, {batchDims}},
      {"OneHot",
       {"one_hot"},
       1,
       1,
       {integerKey("depth", 1).operand().required(),
        numbersKey("values").operand(), axis},
       {},
       readOneHot},
      {"Pad",
       {"pad"},
       1,
       1,
       {choiceKey("mode", {"constant", "reflect", "edge", "wrap"}),
        integersKey("pads").operand().required(), numberKey("value").operand(),
        axes}},
      {"Range",
       {"range"},
       0,
       0,
       {integerKey("start").read(), integerKey("limit").read().required(),
        integerKey("delta").read()},
       {},
       readRange},
      {"Reshape",
       {"reshape"},
       1,
       1,
       {integersKey("shape", -1).operand().required()}},
      {"ScatterElements", {"scatter_elements"}, 3, 3, {axis, reduction}},
      {"ScatterND", {"scatter_nd"}, 3, 3, {reduction}},
      {"Shape", {"shape"}, 1, 1, {}},
      {"Slice",
       {"slice"},
       1,
       1,
       {integersKey("starts").operand().required(),
        integersKey("ends").operand().required(), axes,
        integersKey("steps").operand()}},
      {"Split",
       {"split"},
       1,
       1,
       {axis, integersKey("sizes", 1).operand()},
       {},
       readSplit,
       anyNumber},
      {"Squeeze", {"squeeze"}, 1, 1, {axes}},
      {"Tile",
       {"tile"},
       1,
       1,
       {integersKey("repeats", 1).operand().required()}},
      {"Transpose", {"transpose"}, 1, 1, {perm}},
      {"Trilu", {"trilu"}, 1, 1, {flagKey("upper"), integerKey("k").operand()}},
      {"Unsqueeze", {"unsqueeze"}, 1, 1, {axes.required()}},
  };
}

} // namespace mpc::frontend
