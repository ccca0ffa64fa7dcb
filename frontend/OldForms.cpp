// What changed between opsets 1 and 7, operator by operator. An operator that
// is not in the table reads the same in all of them; most of what versions 1
// had besides is `consumed_inputs`, a hint that never changed a value.
#include "frontend/OldForms.h"

#include <cstring>

namespace mpc::frontend {
namespace {

struct OldNode {
  Graph &graph;
  Node &node;
  Problems &problems;

  bool has(const std::string &name) const {
    return node.attributes.count(name) > 0;
  }
  int64_t integer(const std::string &name, int64_t otherwise) const {
    auto found = node.attributes.find(name);
    return found == node.attributes.end() ? otherwise : found->second.i;
  }
  void setInteger(const std::string &name, int64_t value) {
    Attribute &attribute = node.attributes[name] = {};
    attribute.kind = Attribute::Kind::Int;
    attribute.i = value;
  }
  void setFloat(const std::string &name, double value) {
    Attribute &attribute = node.attributes[name] = {};
    attribute.kind = Attribute::Kind::Float;
    attribute.f = value;
  }
  void rename(const std::string &from, const std::string &to) {
    if (auto attribute = node.attributes.extract(from)) {
      attribute.key() = to;
      node.attributes.insert(std::move(attribute));
    }
  }
  void refuse(const std::string &message) {
    Problem problem = modelProblem(
        mpcrt::Code::Unsupported,
        "its form of opset " + std::to_string(graph.opset) + " " + message,
        "export the model with opset 7 to 21");
    problem.node = node.name;
    problem.opType = node.opType;
    problems.push_back(std::move(problem));
  }
};

using Upgrade = void (*)(OldNode &);

// With `broadcast`, `axis` says where the second operand starts; without axis
// it ends where the first one ends, as from opset 7 on. What may only be equal
// in shape without `broadcast` is a case of broadcasting.
void upgradeBroadcast(OldNode &old) {
  if (old.integer("broadcast", 0) != 0 && old.integer("axis", -1) >= 0)
    old.setInteger(oldBroadcastAxis, old.integer("axis", -1));
  old.node.attributes.erase("axis");
  old.node.attributes.erase("broadcast");
}

// A slope of one dimension belongs to the channels, dimension 1.
void upgradePRelu(OldNode &old) { old.setInteger(oldBroadcastAxis, 1); }

// `is_test` said what the number of outputs and the reader of the model say
// from opset 7 on.
void upgradeTestMode(OldNode &old) {
  if (old.integer("is_test", 0) == 0)
    old.refuse("is in training mode (is_test is 0)");
  old.node.attributes.erase("is_test");
}

// From opset 7 on a node that drops nothing has ratio 0.
void upgradeDropout(OldNode &old) {
  if (old.integer("is_test", 0) != 0)
    old.setFloat("ratio", 0);
  old.node.attributes.erase("is_test");
}

void upgradePad(OldNode &old) {
  if (old.graph.opset < 2)
    old.rename("paddings", "pads");
}

void upgradeConcat(OldNode &old) {
  if (old.graph.opset < 4 && !old.has("axis"))
    old.setInteger("axis", 1);
}

void upgradeSplit(OldNode &old) {
  if (old.graph.opset < 2 && old.node.inputs.size() > 1)
    old.refuse("takes the parts' sizes as an operand");
}

void upgradeReshape(OldNode &old) {
  if (old.graph.opset >= 5)
    return;
  const std::vector<int64_t> shape = old.node.attributes["shape"].ints;
  Tensor tensor;
  tensor.name = "mpc.shape:" + old.node.name;
  tensor.dtype = mpcrt::DType::I64;
  tensor.shape = {static_cast<int64_t>(shape.size())};
  tensor.bytes.place = TensorBytes::Place::Stored;
  tensor.isConstantNode = true;
  tensor.small.emplace(shape.size() * sizeof(int64_t));
  if (!shape.empty())
    std::memcpy(tensor.small->data(), shape.data(), tensor.small->size());
  old.node.inputs.resize(1);
  old.node.inputs.push_back(tensor.name);
  old.node.attributes.erase("shape");
  old.graph.tensors.push_back(std::move(tensor));
}

void upgradeCast(OldNode &old) {
  if (old.graph.opset < 6)
    old.refuse("names the type by a word");
}

// The defaults were cut off after four digits.
void upgradeSelu(OldNode &old) {
  if (old.graph.opset >= 6)
    return;
  if (!old.has("alpha"))
    old.setFloat("alpha", static_cast<double>(1.6732f));
  if (!old.has("gamma"))
    old.setFloat("gamma", static_cast<double>(1.0507f));
}

void refuseTile(OldNode &old) {
  if (old.graph.opset < 6)
    old.refuse("repeats along one axis");
}

void refuseUpsample(OldNode &old) { old.refuse("cannot be imported"); }

const std::map<std::string, Upgrade> &upgrades() {
  static const std::map<std::string, Upgrade> table = {
      {"Add", upgradeBroadcast},
      {"And", upgradeBroadcast},
      {"BatchNormalization", upgradeTestMode},
      {"Cast", upgradeCast},
      {"Concat", upgradeConcat},
      {"Div", upgradeBroadcast},
      {"Dropout", upgradeDropout},
      {"Equal", upgradeBroadcast},
      {"Greater", upgradeBroadcast},
      {"Less", upgradeBroadcast},
      {"Mul", upgradeBroadcast},
      {"Or", upgradeBroadcast},
      {"PRelu", upgradePRelu},
      {"Pad", upgradePad},
      {"Pow", upgradeBroadcast},
      {"Reshape", upgradeReshape},
      {"Selu", upgradeSelu},
      {"Split", upgradeSplit},
      {"Sub", upgradeBroadcast},
      {"Tile", refuseTile},
      {"Upsample", refuseUpsample},
      {"Xor", upgradeBroadcast},
  };
  return table;
}

} // namespace

void upgradeOldForms(Graph &graph, Problems &problems) {
  if (graph.opset < 1 || graph.opset >= oldFormsEnd)
    return;
  for (Node &node : graph.nodes) {
    auto upgrade = upgrades().find(node.opType);
    if (!node.domain.empty() || upgrade == upgrades().end())
      continue;
    OldNode old{graph, node, problems};
    upgrade->second(old);
  }
  graph.reports.push_back("opset " + std::to_string(graph.opset) +
                          " is read as opset " + std::to_string(oldFormsEnd));
  graph.opset = oldFormsEnd;
}

} // namespace mpc::frontend
