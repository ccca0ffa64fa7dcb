// Bytes and operations of kernels that can be counted by hand.
#include "compiler/analysis/KernelWork.h"
#include "mlir/Parser/Parser.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace mpc;

namespace {
/// A module with one kernel; `text` is what stands before its body.
class OneKernel {
public:
  explicit OneKernel(const std::string &text) {
    DialectRegistry registry;
    registry.insert<MpcDialect>();
    context.appendDialectRegistry(registry);
    context.allowUnregisteredDialects();
    module = parseSourceString<ModuleOp>(text, &context);
    EXPECT_TRUE(module);
  }
  KernelWork work() {
    KernelWork result;
    module->walk([&](KernelOp kernel) { result = workOf(kernel); });
    return result;
  }

private:
  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};

using Bytes = llvm::SmallVector<int64_t>;
} // namespace

// 2 * 512 * 1024 * 784 for the product, then a bias and a relu per element.
TEST(KernelWork, OfAProductWithItsEpilogue) {
  KernelWork work = OneKernel(R"(
    %x, %w, %b = "test.values"() : () -> (tensor<512x784xf16>, tensor<1024x784xf16>, tensor<1024xf16>)
    %y = mpc.kernel "mpc.gemm" provider "generated" (%x, %w, %b : tensor<512x784xf16>, tensor<1024x784xf16>, tensor<1024xf16>) -> tensor<512x1024xf16> {
    ^bb0(%a: tensor<512x784xf16>, %v: tensor<1024x784xf16>, %c: tensor<1024xf16>):
      %p = mpc.gemm %a, %v, %c {trans_b, operandSegmentSizes = array<i32: 1, 1, 1>} : (tensor<512x784xf16>, tensor<1024x784xf16>, tensor<1024xf16>) -> tensor<512x1024xf16>
      %r = mpc.relu %p : (tensor<512x1024xf16>) -> tensor<512x1024xf16>
      mpc.yield %r : tensor<512x1024xf16>
    })")
                        .work();
  EXPECT_EQ(work.before, 2 * 512 * 1024 * 784);
  EXPECT_EQ(work.after, 512 * 1024);
  EXPECT_EQ(work.type, "f16");
  EXPECT_EQ(work.operandBytes,
            Bytes({512 * 784 * 2, 1024 * 784 * 2, 1024 * 2}));
  EXPECT_EQ(work.resultBytes, Bytes({512 * 1024 * 2}));
}

// What counts is what the product reads, not what stands in memory.
TEST(KernelWork, OfAProductThatNarrowsAnOperand) {
  KernelWork work = OneKernel(R"(
    %x, %w = "test.values"() : () -> (tensor<3x8x16xf32>, tensor<3x16x4xbf16>)
    %y = mpc.kernel "mpc.batch_matmul" provider "generated" (%x, %w : tensor<3x8x16xf32>, tensor<3x16x4xbf16>) -> tensor<3x8x4xf32> {
    ^bb0(%a: tensor<3x8x16xf32>, %b: tensor<3x16x4xbf16>):
      %n = mpc.cast %a : tensor<3x8x16xf32> to tensor<3x8x16xbf16>
      %p = mpc.batch_matmul %n, %b : (tensor<3x8x16xbf16>, tensor<3x16x4xbf16>) -> tensor<3x8x4xf32>
      mpc.yield %p : tensor<3x8x4xf32>
    })")
                        .work();
  EXPECT_EQ(work.before, 2 * 3 * 8 * 4 * 16 + 3 * 8 * 16);
  EXPECT_EQ(work.after, 0);
  EXPECT_EQ(work.type, "bf16");
  EXPECT_EQ(work.operandBytes, Bytes({3 * 8 * 16 * 4, 3 * 16 * 4 * 2}));
}

// 9 taps of 2 input channels (of 4, in 2 groups) per result element; the two
// gradients do as many.
TEST(KernelWork, OfAConvolutionAndItsGradients) {
  const char *attributes = "{strides = array<i64: 1, 1>, pads = array<i64: 1, "
                           "1, 1, 1>, dilations = array<i64: 1, 1>, groups = 2 "
                           ": i64";
  auto kernel = [&](const std::string &op, const std::string &first,
                    const std::string &second, const std::string &result,
                    const std::string &more) {
    return OneKernel("%x, %w = \"test.values\"() : () -> (" + first + ", " +
                     second + ")\n%y = mpc.kernel \"mpc." + op +
                     "\" provider \"generated\" (%x, %w : " + first + ", " +
                     second + ") -> " + result + " {\n^bb0(%a: " + first +
                     ", %b: " + second + "):\n%r = mpc." + op + " %a, %b " +
                     attributes + more + "} : (" + first + ", " + second +
                     ") -> " + result + "\nmpc.yield %r : " + result + "\n}")
        .work();
  };
  const std::string image = "tensor<5x4x8x8xf32>",
                    filter = "tensor<6x2x3x3xf32>",
                    result = "tensor<5x6x8x8xf32>";
  const int64_t operations = 2 * (5 * 6 * 8 * 8) * (2 * 3 * 3);
  KernelWork forward = kernel("conv", image, filter, result,
                              ", operandSegmentSizes = array<i32: 1, 1, 0>");
  EXPECT_EQ(forward.before, operations);
  EXPECT_EQ(forward.type, "f32");
  EXPECT_EQ(kernel("conv_input_grad", result, filter, image, "").before,
            operations);
  EXPECT_EQ(kernel("conv_weight_grad", result, image, filter, "").before,
            operations);
}

// Of a table only the rows that are taken are read; nothing is computed.
TEST(KernelWork, OfAGather) {
  KernelWork work = OneKernel(R"(
    %t, %i = "test.values"() : () -> (tensor<20000x64xf32>, tensor<512xi64>)
    %y = mpc.kernel "mpc.gather" provider "generated" (%t, %i : tensor<20000x64xf32>, tensor<512xi64>) -> tensor<512x64xf16> {
    ^bb0(%a: tensor<20000x64xf32>, %b: tensor<512xi64>):
      %r = mpc.gather %a, %b {axis = 0 : i64} : (tensor<20000x64xf32>, tensor<512xi64>) -> tensor<512x64xf32>
      %n = mpc.cast %r : tensor<512x64xf32> to tensor<512x64xf16>
      mpc.yield %n : tensor<512x64xf16>
    })")
                        .work();
  EXPECT_EQ(work.operandBytes, Bytes({512 * 64 * 4, 512 * 8}));
  EXPECT_EQ(work.resultBytes, Bytes({512 * 64 * 2}));
  EXPECT_EQ(work.before, 0);
  EXPECT_EQ(work.after, 512 * 64);
}

// A sum over rows: one operation per element that is read.
TEST(KernelWork, OfAReduction) {
  KernelWork work = OneKernel(R"(
    %x = "test.values"() : () -> tensor<32x100xf16>
    %y = mpc.kernel "mpc.reduce_sum" provider "generated" (%x : tensor<32x100xf16>) -> tensor<100xf32> {
    ^bb0(%a: tensor<32x100xf16>):
      %r = mpc.reduce_sum %a {axes = array<i64: 0>} : (tensor<32x100xf16>) -> tensor<100xf32>
      mpc.yield %r : tensor<100xf32>
    })")
                        .work();
  EXPECT_EQ(work.before, 32 * 100);
  EXPECT_EQ(work.operandBytes, Bytes({32 * 100 * 2}));
  EXPECT_EQ(work.resultBytes, Bytes({400}));
}

// Without a root all ops count; a truth value is a byte.
TEST(KernelWork, OfElementwiseOps) {
  KernelWork work = OneKernel(R"(
    %x, %y = "test.values"() : () -> (tensor<6x7xf32>, tensor<7xf32>)
    %z = mpc.kernel "elementwise" provider "generated" (%x, %y : tensor<6x7xf32>, tensor<7xf32>) -> tensor<6x7xi1> {
    ^bb0(%a: tensor<6x7xf32>, %b: tensor<7xf32>):
      %s = mpc.add %a, %b : (tensor<6x7xf32>, tensor<7xf32>) -> tensor<6x7xf32>
      %r = mpc.compare less %s, %b : (tensor<6x7xf32>, tensor<7xf32>) -> tensor<6x7xi1>
      mpc.yield %r : tensor<6x7xi1>
    })")
                        .work();
  EXPECT_EQ(work.before, 2 * 42);
  EXPECT_EQ(work.operandBytes, Bytes({168, 28}));
  EXPECT_EQ(work.resultBytes, Bytes({42}));
}
