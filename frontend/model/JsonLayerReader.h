// Reads the layers of a JSON model into a graph.
#ifndef MPC_FRONTEND_MODEL_JSONLAYERREADER_H
#define MPC_FRONTEND_MODEL_JSONLAYERREADER_H

#include "frontend/model/JsonLayers.h"

namespace mpc::frontend {

/// What to say of a key that is unknown; one of `known` is suggested.
struct UnknownKey {
  std::string message, nextAction;
};
UnknownKey describeUnknownKey(const std::string &key,
                              const std::vector<std::string> &known);

class JsonLayerReader {
public:
  /// The first layer reads `first` unless it says otherwise.
  JsonLayerReader(Graph &graph, Problems &problems, std::string first)
      : graph(graph), problems(problems), previous(std::move(first)) {}

  /// Appends the layer's nodes, tensors and problems.
  void read(const Json &json);
  /// The output of the last layer.
  const std::string &last() const { return previous; }
  /// The outputs of all layers.
  const std::vector<std::string> &outputs() const { return allOutputs; }

private:
  std::string nameOf(const Json &json, const std::string &op);
  void readLayer(JsonLayer &layer);
  void readKind(JsonLayer &layer, const JsonLayerKind &kind);
  void readOnnxNode(JsonLayer &layer);
  void refuseOp(JsonLayer &layer);
  void checkKeys(JsonLayer &layer, const std::vector<std::string> &own);
  void checkInitializer(JsonLayer &layer, const JsonLayerKind &kind);
  void checkValues(JsonLayer &layer, const JsonLayerKind &kind);
  void readInputs(JsonLayer &layer, int least, int most, bool isOnnx);
  void readInput(JsonLayer &layer, const Json &json, bool mayBeEmpty);
  void readOutputs(JsonLayer &layer, int most);

  Graph &graph;
  Problems &problems;
  std::map<std::string, int> counts;
  std::vector<std::string> allOutputs;
  std::string previous; // the value that the next layer reads
};

} // namespace mpc::frontend

#endif
