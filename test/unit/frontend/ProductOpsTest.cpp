// Gemm, MatMul and Einsum: what they become, and what they refuse. Their
// numbers are in test/onnx/products.test.
#include "Builder.h"

#include "gmock/gmock.h"

using namespace mpc::frontend;
using namespace mpc::frontend::test;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

namespace {

TEST(ProductOps, MatMulOfRank3IsOneProductOfTheRows) {
  std::string text = Builder({2, 3, 4})
                         .weight("w", {4, 5})
                         .node("MatMul", {"x", "w"}, {"y"})
                         .text();
  EXPECT_THAT(text, ContainsRegex("mpc.reshape [^\n]*-> tensor<6x4xf32>"));
  EXPECT_THAT(text, ContainsRegex("mpc.gemm [^\n]*-> tensor<6x5xf32>"));
  EXPECT_THAT(text, ContainsRegex("mpc.reshape [^\n]*-> tensor<2x3x5xf32>"));
}

TEST(ProductOps, GemmChecksItsOperands) {
  EXPECT_THAT(Builder({2, 3})
                  .weight("w", {4, 5})
                  .node("Gemm", {"x", "w"}, {"y"})
                  .problems(),
              HasSubstr("node 'Gemm_of_y' (Gemm): its input 2x3 does not fit "
                        "its weight 4x5: 3 elements are summed"));
  EXPECT_THAT(Builder({2, 3})
                  .weight("w", {3, 5})
                  .weight("b", {4})
                  .node("Gemm", {"x", "w", "b"}, {"y"})
                  .problems(),
              HasSubstr("its bias 4 does not broadcast to 2x5"));
}

// A graph of one MatMul by a second input.
Builder matMul(const std::vector<int64_t> &a, const std::vector<int64_t> &b) {
  Builder builder(a);
  builder.graph.inputs.push_back(info("b", b));
  builder.node("MatMul", {"x", "b"}, {"y"});
  return builder;
}

TEST(ProductOps, MatMulBroadcastsBatches) {
  std::string text = matMul({5, 1, 2, 3}, {4, 3, 6}).text();
  EXPECT_THAT(text,
              ContainsRegex("mpc.broadcast [^\n]*-> tensor<5x4x2x3xf32>"));
  EXPECT_THAT(text,
              ContainsRegex("mpc.broadcast [^\n]*-> tensor<5x4x3x6xf32>"));
  EXPECT_THAT(text,
              ContainsRegex("mpc.batch_matmul [^\n]*-> tensor<20x2x6xf32>"));
  EXPECT_THAT(text, HasSubstr("-> tensor<5x4x2x6xf32>"));
}

TEST(ProductOps, MatMulOfEqualBatchesBroadcastsNothing) {
  std::string text = matMul({5, 4, 2, 3}, {5, 4, 3, 6}).text();
  EXPECT_THAT(text, Not(HasSubstr("mpc.broadcast")));
  EXPECT_THAT(text, HasSubstr("mpc.batch_matmul"));
}

TEST(ProductOps, MatMulTakesVectorsForRowsAndColumns) {
  EXPECT_THAT(matMul({3}, {3}).text(), HasSubstr("-> tensor<f32>"));
  EXPECT_THAT(matMul({3}, {3, 4}).text(), HasSubstr("-> tensor<4xf32>"));
  EXPECT_THAT(matMul({2, 3}, {3}).text(), HasSubstr("-> tensor<2xf32>"));
  EXPECT_THAT(matMul({5, 2, 3}, {3}).text(), HasSubstr("-> tensor<5x2xf32>"));
  EXPECT_THAT(matMul({3}, {5, 3, 4}).text(), HasSubstr("-> tensor<5x4xf32>"));
}

TEST(ProductOps, MatMulRefusesWhatDoesNotFit) {
  EXPECT_THAT(matMul({2, 3}, {4, 5}).problems(),
              HasSubstr("its operands 2x3 and 4x5 do not fit"));
  EXPECT_THAT(matMul({2, 2, 3}, {3, 3, 5}).problems(),
              HasSubstr("its operands 2x2x3 and 3x3x5 do not fit"));
  EXPECT_THAT(matMul({}, {2}).problems(), HasSubstr("multiplies a scalar"));
}

TEST(ProductOps, ProductsOfIntegersAreRefused) {
  Builder builder({});
  for (const char *op : {"MatMul", "Gemm", "Einsum"}) {
    Builder builder({2, 2});
    builder.graph.inputs[0].dtype = mpcrt::DType::I32;
    builder.node(op, {"x", "x"}, {"y"}, {{"equation", word("ij,jk->ik")}});
    EXPECT_THAT(builder.problems(),
                HasSubstr("multiplies integers; use floats"));
  }
}

// A graph of one Einsum of x and, if it has a shape, b.
Builder einsum(const std::string &equation, const std::vector<int64_t> &a,
               const std::vector<int64_t> &b = {}) {
  Builder builder(a);
  std::vector<std::string> operands = {"x"};
  if (!b.empty()) {
    builder.graph.inputs.push_back(info("b", b));
    operands.push_back("b");
  }
  builder.node("Einsum", operands, {"y"}, {{"equation", word(equation)}});
  return builder;
}

TEST(ProductOps, EinsumOfMatricesIsOneBatchMatmul) {
  std::string text = einsum("bij, bjk -> bik", {2, 3, 4}, {2, 4, 5}).text();
  EXPECT_THAT(text,
              ContainsRegex("mpc.batch_matmul [^\n]*-> tensor<2x3x5xf32>"));
  EXPECT_THAT(text, Not(HasSubstr("mpc.transpose")));
  EXPECT_THAT(text, HasSubstr("op_type = \"Einsum\""));
}

TEST(ProductOps, EinsumPrefersTransposedOperandsToTransposes) {
  std::string text = einsum("bji,bkj->bik", {2, 4, 3}, {2, 5, 4}).text();
  EXPECT_THAT(text, HasSubstr("trans_a"));
  EXPECT_THAT(text, HasSubstr("trans_b"));
  EXPECT_THAT(text, Not(HasSubstr("mpc.transpose")));
}

TEST(ProductOps, EinsumSumsBeforeItMultiplies) {
  std::string text = einsum("ij,k->ik", {2, 3}, {4}).text();
  EXPECT_THAT(text, ContainsRegex("mpc.reduce_sum [^\n]*-> tensor<2xf32>"));
  EXPECT_THAT(text, ContainsRegex("mpc.mul [^\n]*-> tensor<2x4xf32>"));
}

TEST(ProductOps, EinsumRefusesWhatDoesNotFit) {
  EXPECT_THAT(einsum("i.j->ij", {2, 3}).problems(),
              HasSubstr("its equation has dots that are no '...'"));
  EXPECT_THAT(einsum("ij,jk->ik", {2, 3}, {4, 5}).problems(),
              HasSubstr("label 'j' stands for 3 and for 4"));
  EXPECT_THAT(einsum("ii->i", {2, 3}).problems(),
              HasSubstr("label 'i' stands for 2 and for 3"));
  EXPECT_THAT(einsum("ij->ik", {2, 3}).problems(),
              HasSubstr("has 'k' in the result, which is in no operand"));
  EXPECT_THAT(einsum("ij->ii", {2, 3}).problems(),
              HasSubstr("has 'i' in the result, which is there twice"));
  EXPECT_THAT(einsum("i->i", {2, 3}).problems(),
              HasSubstr("subscripts 'i' do not fit operand 2x3"));
  EXPECT_THAT(einsum("i1->i", {2, 3}).problems(),
              HasSubstr("expected letters and at most one '...'"));
  EXPECT_THAT(einsum("ij", {2, 3}, {2, 3}).problems(),
              HasSubstr("has 1 terms, but it has 2 operands"));
}

} // namespace
