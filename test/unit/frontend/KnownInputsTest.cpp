// Inputs that only say shapes and whose values are known before compiling.
#include "test/unit/frontend/Models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace mpc::frontend;
using namespace mpc::frontend::test;
using mpcrt::DType;
using testing::HasSubstr;

namespace {

ValueInfo input(const std::string &name, DType dtype,
                const std::vector<int64_t> &shape) {
  ValueInfo info;
  info.name = name;
  info.dtype = dtype;
  info.shape.emplace();
  for (int64_t extent : shape)
    info.shape->push_back({extent, ""});
  return info;
}

Node nodeOf(const std::string &op, std::vector<std::string> inputs,
            const std::string &output) {
  Node node;
  node.name = output;
  node.opType = op;
  node.inputs = std::move(inputs);
  node.outputs = {output};
  return node;
}

// Reshapes x [2, 6] to what the input `shape` says.
Graph reshaping() {
  Graph graph;
  graph.opset = 13;
  graph.inputs = {input("x", DType::F32, {2, 6}),
                  input("shape", DType::I64, {2})};
  graph.nodes = {nodeOf("Reshape", {"x", "shape"}, "y")};
  graph.outputs = {input("y", DType::F32, {})};
  return graph;
}

ImportOptions knowing(const std::string &name, KnownValue value) {
  ImportOptions options;
  options.evaluateOnly = true;
  options.known[name] = std::move(value);
  return options;
}

} // namespace

TEST(KnownInputs, AShapeBecomesPartOfTheProgram) {
  Imported model(reshaping(), knowing("shape", {{2}, {3, -1}, {}}));
  EXPECT_THAT(model.text, HasSubstr("forward(%arg0: tensor<2x6xf32>"));
  EXPECT_THAT(model.text, HasSubstr("-> tensor<3x4xf32>"));
  EXPECT_THAT(model.result.reports,
              testing::Contains(
                  "input 'shape' only says shapes and is fixed to its value"));
}

TEST(KnownInputs, ShapeArithmeticIsFollowedToItsInputs) {
  Graph graph = reshaping();
  graph.inputs.push_back(input("factor", DType::I64, {1}));
  graph.nodes = {nodeOf("Mul", {"shape", "factor"}, "scaled"),
                 nodeOf("Reshape", {"x", "scaled"}, "y")};
  ImportOptions options = knowing("shape", {{2}, {3, 1}, {}});
  options.known["factor"] = {{1}, {2}, {}};
  EXPECT_THAT(Imported(graph, options).text, HasSubstr("-> tensor<6x2xf32>"));
}

TEST(KnownInputs, DataStaysAnInput) {
  Graph graph = reshaping();
  graph.outputs.push_back(input("shape", DType::I64, {2}));
  Imported model(graph, knowing("shape", {{2}, {3, 4}, {}}));
  EXPECT_EQ(model.result.code(), mpcrt::Code::Unsupported);
  EXPECT_THAT(model.problems(), HasSubstr("not known at compile time"));
}

TEST(KnownInputs, AValueThatDoesNotFitItsDeclarationIsRefused) {
  for (const KnownValue &value :
       {KnownValue{{3}, {1, 3, 4}, {}}, KnownValue{{2}, {}, {1.5, 2.5}}}) {
    Imported model(reshaping(), knowing("shape", value));
    EXPECT_EQ(model.result.code(), mpcrt::Code::InvalidData);
    EXPECT_THAT(model.problems(), HasSubstr("value given for input 'shape'"));
  }
}

TEST(KnownInputs, OpenExtentsTakeTheArraysShape) {
  Graph graph;
  graph.opset = 13;
  graph.inputs = {input("a", DType::F32, {unknownSize, 3}),
                  input("b", DType::F32, {unknownSize, 3})};
  graph.inputs[0].shape->front().symbol = "n";
  graph.inputs[1].shape->front().symbol = "n";
  graph.nodes = {nodeOf("Add", {"a", "b"}, "y")};
  graph.outputs = {input("y", DType::F32, {})};
  ImportOptions options;
  options.evaluateOnly = true;
  options.arrayShapes = {{"a", {5, 3}}, {"b", {7, 3}}};
  // One symbol has one extent; the second array is refused when it is read.
  EXPECT_THAT(Imported(graph, options).text,
              HasSubstr("tensor<5x3xf32>) -> tensor<5x3xf32>"));
}

TEST(EvaluateOnly, OutputsMayBeInputsAndConstants) {
  Graph graph;
  graph.opset = 13;
  graph.inputs = {input("x", DType::F16, {2})};
  graph.nodes = {nodeOf("Shape", {"x"}, "s")};
  graph.outputs = {input("x", DType::F16, {2}), input("s", DType::I64, {1})};
  ImportOptions options;
  options.evaluateOnly = true;
  Imported model(graph, options);
  EXPECT_THAT(model.text, HasSubstr("mpc.constant dense<2>"));
  EXPECT_THAT(model.text, HasSubstr("return %arg0"));
}
