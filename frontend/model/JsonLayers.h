// The kinds of layer a JSON model may have: one row each with the keys it takes
// and how they become an ONNX node and its weights.
#ifndef MPC_FRONTEND_MODEL_JSONLAYERS_H
#define MPC_FRONTEND_MODEL_JSONLAYERS_H

#include "frontend/model/Graph.h"
#include "frontend/model/Json.h"

namespace mpc::frontend {

/// A layer while it is read: its JSON, and the node and weights made from it.
/// The reads of members return a neutral value and report a problem where the
/// member has the wrong type.
class JsonLayer {
public:
  JsonLayer(const Json &json, Node &node, std::vector<Tensor> &tensors,
            Problems &problems)
      : json(json), node(node), tensors(tensors), problems(problems) {}

  const Json &json;
  Node &node;

  bool has(const char *key) const { return json.find(key) != nullptr; }
  /// A whole number of at least `least`; `otherwise` if the key is absent. A
  /// key that must be there has no `otherwise`.
  int64_t integer(const char *key, int64_t least,
                  std::optional<int64_t> otherwise = std::nullopt);
  double number(const char *key, double otherwise);
  bool flag(const char *key, bool otherwise);
  /// A list of whole numbers of at least `least`.
  std::vector<int64_t> integers(const char *key, int64_t least);
  /// One number for both dimensions, or a list of two.
  std::vector<int64_t> pair(const char *key, int64_t least,
                            std::optional<int64_t> otherwise = std::nullopt);

  void setInt(const char *name, int64_t value);
  void setFloat(const char *name, double value);
  void setInts(const char *name, std::vector<int64_t> values);
  void setText(const char *name, std::string value);
  /// Appends the weight NODE.`role` of F32 as the node's next input, with the
  /// recipe that the layer's `initializer` gives for `role`.
  void addWeight(const char *role, std::vector<int64_t> shape);
  /// Appends a constant vector of I64 as the node's next input.
  void addIntegers(const char *role, std::vector<int64_t> values);

  /// Reports a problem of this layer at a line of the file.
  void problem(int line, std::string message, std::string nextAction,
               mpcrt::Code code = mpcrt::Code::InvalidData);

private:
  std::optional<Recipe> recipe(const Json &json);

  std::vector<Tensor> &tensors;
  Problems &problems;
};

struct JsonLayerKind {
  const char *op;                   ///< the ONNX op type
  int inputs;                       ///< how many inputs it takes
  std::vector<std::string> keys;    ///< beside op, name, input and inputs
  std::vector<std::string> weights; ///< what `initializer` may name
  void (*read)(JsonLayer &layer);
};

/// All kinds, by op.
const std::vector<JsonLayerKind> &jsonLayerKinds();

} // namespace mpc::frontend

#endif
