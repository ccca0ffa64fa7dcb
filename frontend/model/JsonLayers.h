// The kinds of layer that JSON models have short words for: one row each with
// the keys it takes and how they become ONNX nodes and weights.
#ifndef MPC_FRONTEND_MODEL_JSONLAYERS_H
#define MPC_FRONTEND_MODEL_JSONLAYERS_H

#include "frontend/model/Graph.h"
#include "frontend/model/JsonKey.h"

namespace mpc::frontend {

/// A layer while it is read: its JSON, and the nodes and weights made from it.
/// Keys were checked before; the reads of absent keys return `otherwise`.
class JsonLayer {
public:
  /// `op` is the operator as the model writes it.
  JsonLayer(const Json &json, std::string op, Node &node, Graph &graph,
            Problems &problems)
      : json(json), op(std::move(op)), node(node), graph(graph),
        problems(problems) {}

  const Json &json;
  const std::string op;
  Node &node; ///< the last of the layer's nodes

  bool has(const char *key) const { return json.find(key) != nullptr; }
  int64_t integer(const char *key, int64_t otherwise = 0) const;
  double number(const char *key, double otherwise) const;
  bool flag(const char *key, bool otherwise) const;
  std::string text(const char *key, std::string otherwise) const;
  std::vector<int64_t> integers(const char *key) const;

  void setInt(const std::string &name, int64_t value);
  void setFloat(const std::string &name, double value);
  void setInts(const std::string &name, std::vector<int64_t> values);
  void setText(const std::string &name, std::string value);
  /// Does what the key's place says with the value, which fits.
  void apply(const JsonKey &key, const Json &value);

  /// Adds the weight NODE.`role` of F32, with the recipe that the layer's
  /// `initializer` gives for `role`, and returns its name.
  std::string makeWeight(const char *role, std::vector<int64_t> shape);
  /// Makes it the node's next input.
  void addWeight(const char *role, std::vector<int64_t> shape);
  /// Adds a constant NODE.`role` and returns its name.
  std::string makeIntegers(const std::string &role,
                           const std::vector<int64_t> &values,
                           std::vector<int64_t> shape);
  std::string makeNumbers(const std::string &role,
                          const std::vector<double> &values,
                          std::vector<int64_t> shape);
  std::string makeNumber(const std::string &role, double value) {
    return makeNumbers(role, {value}, {});
  }
  std::string makeTrue(const std::string &role);
  /// Adds the node NODE/`role` before the layer's last one, and returns its
  /// output.
  std::string step(const std::string &role, const char *opType,
                   std::vector<std::string> inputs,
                   std::map<std::string, Attribute> attributes = {});
  /// Makes the layer's last node from `inputs`.
  void finish(const char *opType, std::vector<std::string> inputs);

  /// Reports a problem of this layer at a line of the file.
  void problem(int line, std::string message, std::string nextAction,
               mpcrt::Code code = mpcrt::Code::InvalidData);

private:
  std::string addTensor(const std::string &role, mpcrt::DType dtype,
                        std::vector<std::byte> bytes,
                        std::vector<int64_t> shape);

  Graph &graph;
  Problems &problems;
};

struct JsonLayerKind {
  const char *op;                 ///< the ONNX op type; empty for a composite
  std::vector<std::string> names; ///< short words for it
  int least, most;                ///< how many inputs it takes
  std::vector<JsonKey> keys; ///< beside op, name, input, inputs and outputs
  std::vector<std::string> weights = {}; ///< what `initializer` may name
  /// Reads what no key's place tells; may be null.
  void (*read)(JsonLayer &layer) = nullptr;
  int outputs = 1; ///< how many outputs it may name
};

/// For a layer that takes as many inputs as one likes.
inline constexpr int anyNumber = 1 << 20;

/// All kinds.
const std::vector<JsonLayerKind> &jsonLayerKinds();
/// The kind that an op names, as an ONNX op type or as a short word, or null.
const JsonLayerKind *findLayerKind(const std::string &op);
/// Every name of the kind, short words first.
std::vector<std::string> namesOf(const JsonLayerKind &kind);

// The rows, by what their layers consist of.
std::vector<JsonLayerKind> plainLayerKinds();
std::vector<JsonLayerKind> shapeLayerKinds();
std::vector<JsonLayerKind> windowLayerKinds();
std::vector<JsonLayerKind> weightLayerKinds();
std::vector<JsonLayerKind> compositeLayerKinds();

/// The recipe that an entry of `initializer` gives, or nothing if it is none.
std::optional<Recipe> readRecipe(const Json &json);
/// How an initialiser is written.
inline constexpr const char *recipeForms =
    "\"kaiming_uniform\", {\"uniform\": BOUND}, {\"normal\": STD} or "
    "{\"fill\": VALUE}";

} // namespace mpc::frontend

#endif
