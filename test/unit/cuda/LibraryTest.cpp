// Products that a library computes, and what runs where it does not.
#include "test/unit/cuda/LibraryTest.h"

using namespace mpcrt;
using namespace mpcrt::test;
using fakecublaslt::Fault;

namespace {
class CudaLibrary : public LibraryTest {
protected:
  static Manifest withProduct(bool transA, bool transB) {
    return withForward(ProductForm{2, 3, 5, 7, transA, transB, 0.5}, true);
  }

  /// What the library shall give, from the state as the CPU has it.
  static float expected(const std::vector<float> &b, bool transA, bool transB,
                        size_t i, size_t row, size_t column) {
    auto input = [](size_t index) { return float(index % 11) - 5; };
    float sum = 0;
    for (size_t k = 0; k < 7; ++k)
      sum += input(i * 21 + (transA ? k * 3 + row : row * 7 + k)) *
             b[i * 35 + (transB ? column * 7 + k : k * 5 + column)];
    return 0.5f * sum + b[column];
  }
};
} // namespace

TEST_F(CudaLibrary, ComputesProductsInRowMajorOrder) {
  for (bool transA : {false, true})
    for (bool transB : {false, true}) {
      Opened program(withProduct(transA, transB));
      ASSERT_EQ(program.code(), MPCRT_OK) << program.error();
      EXPECT_STREQ(deviceOf(program).fallback, "");
      const std::vector<float> b = program.floats("w.twice");
      const std::vector<float> output = forward(program);
      for (size_t n = 0; n < 30; ++n)
        EXPECT_FLOAT_EQ(output[n],
                        expected(b, transA, transB, n / 15, n / 5 % 3, n % 5))
            << n;
    }
}

TEST_F(CudaLibrary, WorkspaceIsToldApartFromThePlan) {
  Opened program(withProduct(false, false));
  const mpcrt_device_info info = deviceOf(program);
  EXPECT_EQ(info.library_bytes, uint64_t(fakecublaslt::workspaceBytes));
  EXPECT_EQ(info.allocated_bytes, info.plan_bytes);
  EXPECT_EQ(fakecuda::allocatedBytes(), info.plan_bytes + info.library_bytes);
  EXPECT_EQ(callsOf("cuGraphAddChildGraphNode"), 1);
}

TEST_F(CudaLibrary, IsNotAskedWhereNoLaunchNamesIt) {
  fakecublaslt::fail(Fault::Start);
  Opened program(gpuManifest());
  EXPECT_STREQ(deviceOf(program).fallback, "");
  EXPECT_EQ(deviceOf(program).library_bytes, 0u);
}

TEST_F(CudaLibrary, KernelsRunInPlaceOfWhatItDoesNotCompute) {
  const std::vector<float> generated = forward(Opened(gpuManifest()));
  fakecublaslt::fail(Fault::Start);
  Opened absent(withProduct(false, false));
  EXPECT_STREQ(deviceOf(absent).fallback,
               "cuBLASLt is not found or does not start (libcublasLt.so.13 or "
               ".12); generated kernels run in its place; name its folder in "
               "LD_LIBRARY_PATH");
  EXPECT_EQ(forward(absent), generated);
  fakecublaslt::fail(Fault::Heuristics);
  Opened refused(withProduct(false, false));
  EXPECT_STREQ(deviceOf(refused).fallback,
               "cuBLASLt has no algorithm for 1 of 1 products; generated "
               "kernels run in its place; try a newer version of the library");
  EXPECT_EQ(deviceOf(refused).library_bytes, 0u);
  EXPECT_EQ(forward(refused), generated);
}

TEST_F(CudaLibrary, ARefusedProductEndsWithAMessage) {
  fakecublaslt::fail(Fault::Product);
  Opened program(withProduct(false, false));
  EXPECT_EQ(program.code(), MPCRT_DEVICE);
  EXPECT_PRED2(contains, program.error(),
               "cuBLASLt refuses a product with status 15; try another version "
               "of the library, or compile without --provider");
}

// Behind a library's node edges are whole: programmatic ones lead from kernels.
TEST_F(CudaLibrary, EarlyEdgesLeadFromKernelsAlone) {
  Manifest manifest = gpuManifest();
  for (Kernel &kernel : manifest.targets[0].kernels)
    kernel.waits = true;
  auto edges = [&] {
    fakecuda::reset();
    Opened program(manifest);
    EXPECT_EQ(program.code(), MPCRT_OK) << program.error();
    return callsOf("cuGraphAddDependencies_v2");
  };
  const int all = edges();
  addProduct(manifest);
  // The second launch of each slot waits for it.
  EXPECT_EQ(edges(), all - int(stepSlots));
}

// One time for all the launches that a library's call stands for.
TEST_F(CudaLibrary, TimeIsThatOfTheFirstLaunch) {
  Manifest manifest = gpuManifest();
  std::vector<Launch> &step = manifest.targets[0].trainStep;
  addProduct(manifest).launches = 2;
  step.insert(step.begin() + 1, step[0]);
  step[1].library.reset();
  Opened program(manifest);
  ASSERT_EQ(program.code(), MPCRT_OK) << program.error();
  std::vector<float> input(elements);
  const std::vector<int64_t> label(batch);
  const void *inputs[] = {input.data()};
  std::vector<double> seconds(step.size(), -1);
  double whole = 0;
  ASSERT_EQ(
      mpcrt_time_step(program, inputs, label.data(), 2, seconds.data(), &whole),
      MPCRT_OK)
      << program.error();
  EXPECT_GE(seconds[0], 0);
  EXPECT_EQ(seconds[1], 0);
  EXPECT_GE(seconds[2], 0);
  const char *const providers[] = {"cublaslt", "cublaslt", "generated"};
  for (int i = 0; i < 3; ++i) {
    mpcrt_launch_info info = {};
    ASSERT_EQ(mpcrt_launch(program, i, &info), MPCRT_OK);
    EXPECT_STREQ(info.provider, providers[i]) << i;
  }
}
