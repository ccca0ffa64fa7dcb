// Convolutions that cuDNN computes, and what runs where it does not.
#include "test/unit/cuda/LibraryTest.h"

using namespace mpcrt;
using namespace mpcrt::test;
using fakecudnn::Fault;
using Kind = ConvolutionForm::Kind;

namespace {
class CudaConvolution : public LibraryTest {
protected:
  /// Every number of it is another than that of another axis.
  static ConvolutionForm form(Kind kind) {
    ConvolutionForm form;
    form.kind = kind;
    form.input = {2, 4, 5, 7};
    form.weight = {6, 2, 3, 2};
    form.strides = {2, 1};
    form.pads = {1, 0};
    form.dilations = {1, 3};
    form.groups = 2;
    return form;
  }

  static Manifest withConvolution(Kind kind, bool bias = false) {
    return withForward(form(kind), bias);
  }

  /// Element [n, f, row, column] of the convolution without a bias.
  static float output(const std::vector<float> &b, size_t n, size_t f,
                      size_t row, size_t column) {
    const std::vector<float> x = input();
    float sum = 0;
    for (size_t c = 0; c < 2; ++c)
      for (size_t i = 0; i < 3; ++i)
        for (size_t j = 0; j < 2; ++j)
          if (const size_t h = row * 2 + i; h >= 1 && h <= 5)
            sum +=
                x[((n * 4 + f / 3 * 2 + c) * 5 + h - 1) * 7 + column + j * 3] *
                b[((f * 2 + c) * 3 + i) * 2 + j];
    return sum;
  }
};
} // namespace

TEST_F(CudaConvolution, IsThatOfTheFormWithItsBias) {
  for (bool bias : {false, true}) {
    Opened program(withConvolution(Kind::Forward, bias));
    ASSERT_EQ(program.code(), MPCRT_OK) << program.error();
    EXPECT_STREQ(deviceOf(program).fallback, "");
    const std::vector<float> b = program.floats("w.twice");
    const std::vector<float> result = forward(program);
    for (size_t i = 0; i < 2 * 6 * 3 * 4; ++i) {
      const size_t f = i / 12 % 6;
      EXPECT_FLOAT_EQ(result[i], output(b, i / 72, f, i / 4 % 3, i % 4) +
                                     (bias ? b[f] : 0))
          << i;
    }
  }
}

// Of a sum of all outputs, each times an element of A, the gradient by one
// element of the input or of the weight is a product with what it meets.
TEST_F(CudaConvolution, GradientsTakeTheResultsGradientFirst) {
  const ConvolutionForm c = form(Kind::Forward);
  const std::vector<float> a = input();
  for (Kind kind : {Kind::InputGradient, Kind::WeightGradient}) {
    const bool ofInput = kind == Kind::InputGradient;
    Opened program(withConvolution(kind));
    ASSERT_EQ(program.code(), MPCRT_OK) << program.error();
    const std::vector<float> b = program.floats("w.twice");
    std::vector<float> expected(ofInput ? 2 * 4 * 5 * 7 : 6 * 2 * 3 * 2);
    for (size_t y = 0; y < 2 * 6 * 3 * 4; ++y)
      for (size_t w = 0; w < 12; ++w) {
        const size_t n = y / 72, f = y / 12 % 6, row = y / 4 % 3,
                     column = y % 4;
        const size_t channel = f / 3 * 2 + w / 6, j = w % 2;
        const int64_t h = int64_t(row) * c.strides[0] + int64_t(w / 2 % 3) - 1;
        if (h < 0 || h >= 5)
          continue;
        const size_t x =
            ((n * 4 + channel) * 5 + size_t(h)) * 7 + column + j * 3;
        const size_t filter = f * 12 + w;
        if (ofInput)
          expected[x] += a[y] * b[filter];
        else
          expected[filter] += a[y] * b[x];
      }
    const std::vector<float> result = forward(program);
    for (size_t i = 0; i < expected.size(); ++i)
      EXPECT_FLOAT_EQ(result[i], expected[i]) << i;
  }
}

TEST_F(CudaConvolution, SharesOneWorkspaceWithProducts) {
  Manifest manifest = withConvolution(Kind::Forward);
  addProduct(manifest);
  Opened program(manifest);
  const mpcrt_device_info info = deviceOf(program);
  EXPECT_STREQ(info.fallback, "");
  EXPECT_EQ(info.library_bytes,
            uint64_t(std::max(fakecudnn::workspaceBytes,
                              fakecublaslt::workspaceBytes)));
  EXPECT_EQ(fakecuda::allocatedBytes(), info.plan_bytes + info.library_bytes);
}

TEST_F(CudaConvolution, KernelsRunInPlaceOfWhatIsNotComputed) {
  const std::vector<float> generated = forward(Opened(gpuManifest()));
  fakecudnn::fail(Fault::Start);
  Opened absent(withConvolution(Kind::Forward));
  EXPECT_STREQ(
      deviceOf(absent).fallback,
      "cuDNN is not found or does not start (libcudnn.so.9); generated "
      "kernels run in its place; name its folder in LD_LIBRARY_PATH");
  EXPECT_EQ(forward(absent), generated);
  fakecudnn::fail(Fault::Workspace);
  Opened refused(withConvolution(Kind::WeightGradient));
  EXPECT_STREQ(deviceOf(refused).fallback,
               "cuDNN has no algorithm for 1 of 1 convolutions; generated "
               "kernels run in its place; try a newer version of the library");
  EXPECT_EQ(forward(refused), generated);
}

TEST_F(CudaConvolution, EachLibraryThatIsAbsentIsTold) {
  Manifest manifest = withConvolution(Kind::Forward);
  addProduct(manifest);
  fakecudnn::fail(Fault::Start);
  fakecublaslt::fail(fakecublaslt::Fault::Start);
  Opened program(manifest);
  EXPECT_PRED2(contains, deviceOf(program).fallback,
               "cuBLASLt is not found or does not start");
  EXPECT_PRED2(contains, deviceOf(program).fallback,
               "LD_LIBRARY_PATH; cuDNN is not found or does not start");
}

TEST_F(CudaConvolution, ARefusedOneEndsWithAMessage) {
  fakecudnn::fail(Fault::Convolution);
  Opened program(withConvolution(Kind::InputGradient));
  EXPECT_EQ(program.code(), MPCRT_DEVICE);
  EXPECT_PRED2(contains, program.error(),
               "cuDNN refuses a convolution with status 3000; try another "
               "version of the library, or compile without --provider");
}
