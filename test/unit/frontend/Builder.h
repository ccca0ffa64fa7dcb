// Graphs of a few nodes, written in the tests that import them.
#ifndef MPC_TEST_UNIT_FRONTEND_BUILDER_H
#define MPC_TEST_UNIT_FRONTEND_BUILDER_H

#include "Models.h"
#include "gtest/gtest.h"

#include <cstring>

namespace mpc::frontend::test {

inline ValueInfo info(const std::string &name,
                      const std::vector<int64_t> &shape,
                      mpcrt::DType dtype = mpcrt::DType::F32) {
  ValueInfo result;
  result.name = name;
  result.dtype = dtype;
  result.shape.emplace();
  for (int64_t extent : shape)
    result.shape->push_back({extent, extent < 0 ? "batch" : ""});
  return result;
}

inline Attribute ints(std::vector<int64_t> values) {
  Attribute attribute;
  attribute.kind = Attribute::Kind::Ints;
  attribute.ints = std::move(values);
  return attribute;
}

inline Attribute integer(int64_t value) {
  Attribute attribute;
  attribute.kind = Attribute::Kind::Int;
  attribute.i = value;
  return attribute;
}

inline Attribute word(std::string text) {
  Attribute attribute;
  attribute.kind = Attribute::Kind::String;
  attribute.s = std::move(text);
  return attribute;
}

inline Attribute number(double value) {
  Attribute attribute;
  attribute.kind = Attribute::Kind::Float;
  attribute.f = value;
  return attribute;
}

/// A graph from x to y that tests extend.
struct Builder {
  Graph graph;

  explicit Builder(const std::vector<int64_t> &shape, int64_t opset = 17) {
    graph.name = "model";
    graph.opset = opset;
    graph.inputs.push_back(info("x", shape));
    graph.outputs.push_back(info("y", {}));
  }
  Builder &node(const std::string &op, std::vector<std::string> inputs,
                std::vector<std::string> outputs,
                std::map<std::string, Attribute> attributes = {}) {
    Node node;
    node.name = op + "_of_" + outputs[0];
    node.opType = op;
    node.inputs = std::move(inputs);
    node.outputs = std::move(outputs);
    node.attributes = std::move(attributes);
    graph.nodes.push_back(std::move(node));
    return *this;
  }
  Builder &weight(const std::string &name, std::vector<int64_t> shape) {
    Tensor tensor;
    tensor.name = name;
    tensor.dtype = mpcrt::DType::F32;
    tensor.shape = std::move(shape);
    graph.tensors.push_back(std::move(tensor));
    return *this;
  }
  Builder &constant(const std::string &name, std::vector<int64_t> values,
                    bool scalar = false) {
    Tensor tensor;
    tensor.name = name;
    tensor.dtype = mpcrt::DType::I64;
    if (!scalar)
      tensor.shape = {static_cast<int64_t>(values.size())};
    tensor.bytes.place = TensorBytes::Place::Stored;
    tensor.small.emplace(values.size() * 8);
    std::memcpy(tensor.small->data(), values.data(), values.size() * 8);
    graph.tensors.push_back(std::move(tensor));
    return *this;
  }
  std::string text(std::vector<std::string> shapes = {}) {
    ImportOptions options;
    options.shapes = std::move(shapes);
    Imported model(graph, options);
    EXPECT_TRUE(model.result.module) << model.problems();
    return model.text;
  }
  std::string problems() { return Imported(graph).problems(); }
};

} // namespace mpc::frontend::test

#endif
