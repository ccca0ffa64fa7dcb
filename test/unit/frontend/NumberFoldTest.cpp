// Constants of 64-bit floats, which no program holds.
#include "frontend/model/NumberFold.h"

#include "Builder.h"

#include "gmock/gmock.h"

using namespace mpc::frontend;
using namespace mpc::frontend::test;
using testing::HasSubstr;

namespace {

void addDoubles(Builder &model, const std::string &name,
                const std::vector<double> &values,
                const std::vector<int64_t> &shape) {
  Tensor tensor;
  tensor.name = name;
  tensor.dtype = mpcrt::DType::F64;
  tensor.shape = shape;
  tensor.bytes.place = TensorBytes::Place::Stored;
  tensor.isConstantNode = true;
  tensor.small.emplace(values.size() * 8);
  std::memcpy(tensor.small->data(), values.data(), values.size() * 8);
  model.graph.tensors.push_back(std::move(tensor));
}

} // namespace

// x / float(sqrt(64.0)), as exporters scale attention.
TEST(NumberFold, AFactorThatIsCastAtTheEndIsAConstant) {
  Builder model({2, 3});
  addDoubles(model, "d", {64}, {});
  model.node("Sqrt", {"d"}, {"root"})
      .node("Cast", {"root"}, {"factor"}, {{"to", integer(1)}})
      .node("Div", {"x", "factor"}, {"y"});
  EXPECT_THAT(model.text(), HasSubstr("dense<8.000000e+00> : tensor<f32>"));
}

// In f32 the difference would be 0.
TEST(NumberFold, EveryStepIsTakenInDoublePrecision) {
  Builder model({2});
  addDoubles(model, "a", {1 + 0x1p-40, 3}, {2});
  addDoubles(model, "b", {1}, {});
  model.node("Sub", {"a", "b"}, {"d"})
      .node("Cast", {"d"}, {"f"}, {{"to", integer(1)}})
      .node("Add", {"x", "f"}, {"y"});
  EXPECT_THAT(model.text(), HasSubstr("9.09494702E-13, 2.000000e+00"));
}

TEST(NumberFold, WholeNumbersBecomeShapes) {
  Builder model({6});
  addDoubles(model, "d", {2.9, 2}, {2});
  model.node("Cast", {"d"}, {"s"}, {{"to", integer(7)}})
      .node("Reshape", {"x", "one"}, {"wide"})
      .constant("one", {6, 1})
      .node("Mul", {"s", "k"}, {"shape"})
      .constant("k", {1, 1})
      .node("Add", {"shape", "k2"}, {"last"})
      .constant("k2", {1, 0})
      .node("Reshape", {"wide", "last"}, {"y"});
  EXPECT_THAT(model.text(), HasSubstr("tensor<3x2xf32>"));
}

TEST(NumberFold, WhatAnIntegerDoesNotHoldStaysRefused) {
  Builder model({1});
  addDoubles(model, "d", {1e30}, {1});
  model.node("Cast", {"d"}, {"s"}, {{"to", integer(7)}})
      .node("Reshape", {"x", "s"}, {"y"});
  EXPECT_NE(model.problems(), "");
}

TEST(NumberFold, ADoubleThatIsComputedWithIsRefused) {
  Builder model({2});
  addDoubles(model, "d", {1, 2}, {2});
  model.node("Add", {"x", "d"}, {"y"});
  EXPECT_THAT(model.problems(), HasSubstr("has element type F64"));
}
