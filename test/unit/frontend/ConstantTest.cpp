// Constant in every form, and initialisers that are inputs as well.
#include "frontend/model/OnnxReader.h"

#include "Builder.h"
#include "OnnxBytes.h"

#include "gmock/gmock.h"

using namespace mpc::frontend;
using namespace mpc::frontend::test;
using testing::HasSubstr;

namespace {

Attribute numbers(std::vector<double> values) {
  Attribute attribute;
  attribute.kind = Attribute::Kind::Floats;
  attribute.floats = std::move(values);
  return attribute;
}

// x + Constant with the attribute.
Builder sumWith(const std::string &name, Attribute attribute) {
  Builder model({2, 3});
  model.node("Constant", {}, {"c"}, {{name, std::move(attribute)}})
      .node("Add", {"x", "c"}, {"y"});
  return model;
}

} // namespace

TEST(Constant, FloatsAreOneNumberOrAList) {
  EXPECT_THAT(sumWith("value_float", number(2.5)).text(),
              HasSubstr("dense<2.500000e+00> : tensor<f32>"));
  EXPECT_THAT(sumWith("value_floats", numbers({1, 2, 3})).text(),
              HasSubstr("dense<[1.000000e+00, 2.000000e+00, 3.000000e+00]>"));
}

TEST(Constant, FloatsAreKnownWhileImporting) {
  Builder model({2, 3});
  model.node("Constant", {}, {"low"}, {{"value_float", number(-1)}})
      .node("Clip", {"x", "low"}, {"y"});
  EXPECT_THAT(model.text(), HasSubstr("-1.000000e+00"));
}

TEST(Constant, IntegersSayShapes) {
  Builder model({2, 3});
  model.node("Constant", {}, {"s"}, {{"value_ints", ints({3, 2})}})
      .node("Reshape", {"x", "s"}, {"y"});
  EXPECT_THAT(model.text(), HasSubstr("-> tensor<3x2xf32>"));
  Builder flat({2, 3});
  flat.node("Constant", {}, {"axis"}, {{"value_int", integer(0)}})
      .node("Unsqueeze", {"x", "axis"}, {"y"});
  EXPECT_THAT(flat.text(), HasSubstr("-> tensor<1x2x3xf32>"));
}

TEST(Constant, SparseTensorsAndTextAreRefused) {
  EXPECT_THAT(sumWith("sparse_value", Attribute()).problems(),
              HasSubstr("holds a sparse tensor"));
  EXPECT_THAT(sumWith("value_string", word("a")).problems(),
              HasSubstr("holds text"));
  Builder empty({2});
  empty.node("Constant", {}, {"c"}).node("Add", {"x", "c"}, {"y"});
  EXPECT_THAT(empty.problems(), HasSubstr("has no value"));
}

TEST(Initialisers, ThatAreInputsAsWellAreWeights) {
  Message weight = tensorProto("w", 1, {3});
  weight.bytes(9, asBytes<float>({1, 2, 3}));
  std::string bytes =
      modelProto(Message()
                     .bytes(1, nodeProto("Add", "sum", {"x", "w"}, {"y"}))
                     .bytes(5, weight)
                     .bytes(11, valueInfo("x", {2, 3}))
                     .bytes(11, valueInfo("w", {3}))
                     .bytes(12, valueInfo("y", {2, 3})));
  Problems problems;
  auto graph =
      readOnnx(std::as_bytes(std::span(bytes)), "model.onnx", problems);
  ASSERT_TRUE(graph && problems.empty());
  ASSERT_EQ(graph->inputs.size(), 1u);
  Imported imported(std::move(*graph));
  EXPECT_THAT(imported.text, HasSubstr("mpc.state @w : tensor<3xf32>"));
  EXPECT_THAT(imported.text, HasSubstr("role = #mpc.role<parameter>"));
}
