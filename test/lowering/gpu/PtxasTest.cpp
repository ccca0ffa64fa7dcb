// What ptxas says of the kernels: no spills, and registers and shared memory
// below ceilings. Skipped where there is no ptxas.
#include "compiler/lowering/gpu/Ptxas.h"
#include "compiler/lowering/emit/gpu/GpuEmitters.h"
#include "test/lowering/gpu/GpuConvs.h"
#include "test/lowering/gpu/GpuGemms.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include <gtest/gtest.h>

using namespace mpc;
using namespace mpc::test;

namespace {
class PtxasTest : public testing::Test {
protected:
  void SetUp() override {
    if (findPtxas().empty())
      GTEST_SKIP() << "no ptxas";
  }

  // Its report on the kernel.
  std::string report(const GpuEmitter &emitter, Target target,
                     const KernelSource &kernel) {
    GpuRunner gpu(emitter, target, kernel);
    std::string ptx = gpu.ptx(), program = findPtxas();
    llvm::SmallString<64> text, log;
    llvm::sys::fs::createTemporaryFile("kernel", "ptx", text);
    llvm::sys::fs::createTemporaryFile("ptxas", "log", log);
    std::error_code error;
    llvm::raw_fd_ostream(text, error) << ptx;
    std::string arch =
        "-arch=" + std::string(target.isHopper() ? "sm_90a" : "sm_80");
    llvm::StringRef path(log);
    llvm::sys::ExecuteAndWait(
        program, {program, "-v", "-O3", arch, text, "-o", "/dev/null"},
        std::nullopt, {std::nullopt, path, path});
    auto buffer = llvm::MemoryBuffer::getFile(log);
    std::string result = buffer ? (*buffer)->getBuffer().str() : "";
    llvm::sys::fs::remove(text);
    llvm::sys::fs::remove(log);
    return result;
  }

  void expectFits(const std::string &report, int registers) {
    EXPECT_EQ(report.find("error"), std::string::npos) << report;
    llvm::StringRef rest = report;
    int functions = 0;
    while (rest.contains("Used ")) {
      rest = rest.substr(rest.find("Used ") + 5);
      int used = 1 << 20;
      rest.consumeInteger(10, used);
      EXPECT_LE(used, registers) << report;
      ++functions;
    }
    EXPECT_GT(functions, 0) << report;
    rest = report;
    for (; rest.contains("bytes spill stores");
         rest = rest.substr(rest.find("bytes spill stores") + 1))
      EXPECT_TRUE(
          rest.substr(0, rest.find("bytes spill stores")).ends_with(" 0 "))
          << report;
    // Notes C75xx: wgmma is serialised.
    EXPECT_EQ(report.find("C75"), std::string::npos) << report;
  }
};
} // namespace

TEST_F(PtxasTest, SimtGemm) {
  for (auto kind : {Target::Kind::Sm90a, Target::Kind::Sm80}) {
    expectFits(report(simtGemmEmitter, {kind},
                      gemm({.m = 2048, .n = 2048, .k = 1024})),
               255);
    expectFits(report(simtGemmEmitter, {kind},
                      gemm({.m = 512,
                            .n = 1024,
                            .k = 784,
                            .a = "f16",
                            .b = "f16",
                            .result = "f16",
                            .transB = true,
                            .c = "1024xf16"})),
               128);
    expectFits(
        report(simtGemmEmitter, {kind}, gemm({.m = 10, .n = 13, .k = 1024})),
        128);
  }
}

// A multiprocessor has 65536 registers: 168 each for 384 threads, 255 for 256.
TEST_F(PtxasTest, WgmmaGemm) {
  auto check = [&](const KernelSource &kernel, int registers) {
    expectFits(report(wgmmaGemmEmitter, {Target::Kind::Sm90a}, kernel),
               registers);
  };
  for (bool transA : {false, true})
    for (bool transB : {false, true})
      check(gemm({.m = 8192,
                  .n = 8192,
                  .k = 8192,
                  .a = "bf16",
                  .b = "bf16",
                  .result = "bf16",
                  .transA = transA,
                  .transB = transB}),
            168);
  check(fusedGemm(2048, 2048, 64, "f16"), 168);
  check(fusedGemm(512, 1024, 784, "f16"), 128);
}

// 128 threads that may have 255 registers each, or 256 with 128 sums less.
TEST_F(PtxasTest, MmaGemm) {
  for (auto kind : {Target::Kind::Sm90a, Target::Kind::Sm80}) {
    auto check = [&](const KernelSource &kernel, int registers) {
      SCOPED_TRACE(kernel.body);
      expectFits(report(mmaGemmEmitter, {kind}, kernel), registers);
    };
    for (bool transA : {false, true})
      for (bool transB : {false, true}) {
        Gemm g{.m = 8192,
               .n = 8192,
               .k = 8192,
               .a = "bf16",
               .b = "bf16",
               .result = "bf16",
               .transA = transA,
               .transB = transB};
        check(gemm(g), 255);
        g.n = 8190;
        check(gemm(g), 255);
        g.m = g.k = 8191;
        check(gemm(g), 255);
        check(gemm({.m = 512,
                    .n = 10,
                    .k = 1024,
                    .a = "f16",
                    .b = "f16",
                    .result = "f16",
                    .transA = transA,
                    .transB = transB}),
              128);
      }
    check(fusedGemm(2048, 2048, 64, "f32"), 255);
    check(fusedGemm(512, 1024, 784, "f16"), 168);
  }
}

static std::vector<Conv> typicalConvs() {
  std::vector<int64_t> around = {1, 1, 1, 1};
  return {{.n = 128,
           .c = 3,
           .h = 32,
           .w = 32,
           .f = 32,
           .kh = 3,
           .kw = 3,
           .pads = around},
          {.n = 256,
           .c = 512,
           .h = 7,
           .w = 7,
           .f = 512,
           .kh = 3,
           .kw = 3,
           .pads = around},
          {.n = 256,
           .c = 3,
           .h = 224,
           .w = 224,
           .f = 64,
           .kh = 7,
           .kw = 7,
           .strides = {2, 2},
           .pads = {3, 3, 3, 3}},
          {.n = 256, .c = 256, .h = 14, .w = 14, .f = 1024, .kh = 1, .kw = 1},
          {.n = 256, .c = 256, .h = 28, .w = 28, .f = 128, .kh = 1, .kw = 1}};
}

// Rows of whole chunks, rows of 7 pixels, a stride, one pixel with and without
// whole chunks.
TEST_F(PtxasTest, Conv) {
  for (auto kind : {Target::Kind::Sm90a, Target::Kind::Sm80})
    for (Conv c : typicalConvs()) {
      SCOPED_TRACE(conv(c).body);
      auto check = [&](const GpuEmitter &emitter, const KernelSource &kernel) {
        expectFits(report(emitter, {kind}, kernel), 255);
      };
      check(mmaConvEmitter, conv(c));
      check(mmaConvInputGradEmitter, convInputGrad(c));
      check(mmaConvWeightGradEmitter, convWeightGrad(c));
      c.type = "f32";
      check(simtConvEmitter, conv(c));
      check(simtConvInputGradEmitter, convInputGrad(c));
      check(simtConvWeightGradEmitter, convWeightGrad(c));
    }
}
