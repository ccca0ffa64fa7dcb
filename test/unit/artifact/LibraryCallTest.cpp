// What a manifest may say of what a library computes.
#include "runtime/artifact/Manifest.h"

#include <functional>
#include <gtest/gtest.h>

using namespace mpcrt;

namespace {
// [4, 8] by [8, 16] with a bias, by two kernels or by the library.
Manifest sample() {
  Manifest manifest;
  manifest.producer = "a test";
  manifest.model = {"m", std::string(32, 'a')};
  manifest.training.precision = "fp16";
  manifest.label.isClass = false;
  manifest.inputs = {{"x", DType::F16, {4, 8}}};
  Target target;
  target.target = target.isa = "sm_80";
  target.image = "image.sm_80";
  target.arenaBytes = 4096;
  target.buffers = {Buffer::input(0), Buffer::arena(0, 256),
                    Buffer::arena(256, 32), Buffer::arena(512, 128)};
  Kernel kernel;
  kernel.name = "product";
  kernel.access = "rrrw";
  target.kernels = {kernel};
  Launch launch;
  launch.args = {0, 1, 2, 3};
  target.forward = {launch, launch};
  LibraryCall call;
  call.launches = 2;
  ProductForm product;
  product.m = 4;
  product.n = 16;
  product.k = 8;
  product.alpha = 0.5;
  call.form = product;
  call.b = 1;
  call.bias = 2;
  call.result = 3;
  target.forward[0].library = call;
  manifest.targets = {target};
  return manifest;
}

// Two images of 3 channels by 4 filters, in place of the product.
Manifest convolutionSample() {
  Manifest manifest = sample();
  Target &target = manifest.targets[0];
  target.buffers = {Buffer::arena(0, 300), Buffer::arena(320, 216),
                    Buffer::arena(576, 8), Buffer::arena(640, 144)};
  ConvolutionForm form;
  form.input = {2, 3, 5, 5};
  form.weight = {4, 3, 3, 3};
  form.strides = {2, 1};
  form.pads = {1, 0};
  LibraryCall &call = *target.forward[0].library;
  call.form = form;
  return manifest;
}

// The gradient of the sample's input, or of its weight.
Manifest gradientSample(ConvolutionForm::Kind kind) {
  Manifest manifest = convolutionSample();
  LibraryCall &call = *manifest.targets[0].forward[0].library;
  const bool ofInput = kind == ConvolutionForm::Kind::InputGradient;
  std::get<ConvolutionForm>(call.form).kind = kind;
  call.bias = -1;
  call.a = 3;
  call.b = ofInput ? 1 : 0;
  call.result = ofInput ? 0 : 1;
  return manifest;
}

// As the file would say it.
Result<Manifest> asRead(const Manifest &manifest) {
  return Manifest::fromJson(manifest.toJson());
}

std::string refusal(Manifest manifest,
                    const std::function<void(Manifest &)> &change) {
  change(manifest);
  return asRead(manifest).status().message();
}

// Of the manifest with `to` in place of the first `from` of its library.
std::string refusalOf(const Manifest &manifest, const std::string &from,
                      const std::string &to) {
  std::string json = manifest.toJson();
  const size_t at = json.find(from, json.find(R"("library":)"));
  EXPECT_NE(at, std::string::npos) << from;
  if (at != std::string::npos)
    json.replace(at, from.size(), to);
  return Manifest::fromJson(json).status().message();
}

// A message that has `part` in it.
#define EXPECT_REFUSED_IN(sample, Form, part, ...)                             \
  EXPECT_NE(refusal(sample,                                                    \
                    [](Manifest &m) {                                          \
                      LibraryCall &call = *m.targets[0].forward[0].library;    \
                      [[maybe_unused]] auto &form = std::get<Form>(call.form); \
                      __VA_ARGS__;                                             \
                    })                                                         \
                .find(part),                                                   \
            std::string::npos)
#define EXPECT_REFUSED(part, ...)                                              \
  EXPECT_REFUSED_IN(sample(), ProductForm, part, __VA_ARGS__)
#define EXPECT_REFUSED_CONVOLUTION(part, ...)                                  \
  EXPECT_REFUSED_IN(convolutionSample(), ConvolutionForm, part, __VA_ARGS__)
} // namespace

TEST(LibraryCall, SurvivesTheRoundTrip) {
  const Manifest manifest = sample();
  Result<Manifest> read = Manifest::fromJson(manifest.toJson());
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->targets[0].forward[0].library,
            manifest.targets[0].forward[0].library);
  EXPECT_FALSE(read->targets[0].forward[1].library);
}

TEST(LibraryCall, OperandsLieInsideTheirBuffers) {
  EXPECT_REFUSED("takes F16", form.k = 9);
  EXPECT_REFUSED("takes F16", form.n = 17);
  EXPECT_REFUSED("takes F32", call.resultType = DType::F32);
  EXPECT_REFUSED("which is smaller", form.batch = 2);
  EXPECT_REFUSED("has a size of 4294967296, expected 1 to 2147483647",
                 form.m = int64_t(1) << 32);
  EXPECT_REFUSED("which is smaller",
                 form.m = form.n = form.k = form.batch = 0x7fffffff);
  EXPECT_REFUSED("takes argument 4, but there are 4", call.result = 4);
  EXPECT_REFUSED("takes argument 9, but there are 4", call.bias = 9);
  EXPECT_REFUSED("library.a", call.a = -1);
}

TEST(LibraryCall, IsOfAKindThatALibraryComputes) {
  EXPECT_NE(
      refusalOf(sample(), R"("cublaslt")", R"("blas")")
          .find("names library 'blas' for a product, expected 'cublaslt'"),
      std::string::npos);
  EXPECT_REFUSED("multiplies I64 to F16", call.type = DType::I64);
  EXPECT_REFUSED("multiplies F16 to BF16", call.resultType = DType::BF16);
}

TEST(LibraryCall, MayBeAConvolution) {
  using Kind = ConvolutionForm::Kind;
  for (const Manifest &manifest :
       {convolutionSample(), gradientSample(Kind::InputGradient),
        gradientSample(Kind::WeightGradient)}) {
    Result<Manifest> read = asRead(manifest);
    ASSERT_TRUE(read.ok()) << read.status().message();
    EXPECT_EQ(read->targets[0].forward[0].library,
              manifest.targets[0].forward[0].library);
  }
  const auto form = std::get<ConvolutionForm>(
      convolutionSample().targets[0].forward[0].library->form);
  EXPECT_EQ(form.output(), (std::array<int64_t, 4>{2, 4, 3, 3}));
}

TEST(LibraryCall, HoldsWhatAConvolutionTakes) {
  EXPECT_REFUSED_CONVOLUTION("takes F16", form.input[0] = 3);
  EXPECT_REFUSED_CONVOLUTION("takes F16", form.weight[0] = 5);
  EXPECT_REFUSED_CONVOLUTION("takes F16", form.strides = {1, 1});
  EXPECT_REFUSED_CONVOLUTION("which do not fit 1 groups", form.weight[1] = 2);
  EXPECT_REFUSED_CONVOLUTION("which do not fit 2 groups", form.groups = 2);
  EXPECT_REFUSED_CONVOLUTION("output has a size of 0", form.dilations[0] = 4);
  EXPECT_REFUSED_CONVOLUTION("expected 1 to 2147483647",
                             form.input[3] = int64_t(1) << 32);
  EXPECT_NE(refusalOf(convolutionSample(), R"("cudnn")", R"("cublaslt")")
                .find("names library 'cublaslt' for a convolution"),
            std::string::npos);
  EXPECT_REFUSED_CONVOLUTION("expected F16, BF16 or F32 to the same",
                             call.resultType = DType::F32);
  EXPECT_REFUSED_IN(gradientSample(ConvolutionForm::Kind::InputGradient),
                    ConvolutionForm, "has a bias, which no gradient has",
                    call.bias = 2);
  for (auto [from, to] : {std::pair(R"("forward")", R"("sideways")"),
                          {R"("strides":[2,1])", R"("strides":[2])"},
                          {R"("strides":[2,1])", R"("strides":[0,1])"},
                          {R"("pads":[1,0])", R"("pads":[-1,0])"}})
    EXPECT_NE(refusalOf(convolutionSample(), from, to), "") << to;
}

TEST(LibraryCall, WritesWhatIsAProgramsToWrite) {
  EXPECT_REFUSED("which is an input, the label or a constant",
                 m.inputs[0].shape = {64, 8};
                 call.result = 0);
}

TEST(LibraryCall, StandsForLaunchesOfTheSameArguments) {
  EXPECT_REFUSED("stands for 3 launches, but there are 2", call.launches = 3);
  EXPECT_REFUSED("library.launches", call.launches = 0);
  EXPECT_REFUSED("stands for launch 1, which has other arguments",
                 m.targets[0].forward[1].args = {0, 1, 3, 2});
  EXPECT_REFUSED("stands for launch 1, which has other arguments",
                 m.targets[0].forward[1].library = call);
}
