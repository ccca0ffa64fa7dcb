// What a manifest may say of a product that a library computes.
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
  call.m = 4;
  call.n = 16;
  call.k = 8;
  call.alpha = 0.5;
  call.b = 1;
  call.bias = 2;
  call.result = 3;
  target.forward[0].library = call;
  manifest.targets = {target};
  return manifest;
}

std::string refusal(const std::function<void(Manifest &)> &change) {
  Manifest manifest = sample();
  change(manifest);
  // As the file would say it.
  return Manifest::fromJson(manifest.toJson()).status().message();
}

// A message that has `part` in it.
#define EXPECT_REFUSED(part, ...)                                              \
  EXPECT_NE(refusal([](Manifest &m) {                                          \
              [[maybe_unused]] Launch &launch = m.targets[0].forward[0];       \
              [[maybe_unused]] LibraryCall &call = *launch.library;            \
              __VA_ARGS__;                                                     \
            }).find(part),                                                     \
            std::string::npos)
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
  EXPECT_REFUSED("takes F16", call.k = 9);
  EXPECT_REFUSED("takes F16", call.n = 17);
  EXPECT_REFUSED("takes F32", call.resultType = DType::F32);
  EXPECT_REFUSED("which is smaller", call.batch = 2);
  EXPECT_REFUSED("has a size of 4294967296, expected 1 to 2147483647",
                 call.m = int64_t(1) << 32);
  EXPECT_REFUSED("which is smaller",
                 call.m = call.n = call.k = call.batch = 0x7fffffff);
  EXPECT_REFUSED("takes argument 4, but there are 4", call.result = 4);
  EXPECT_REFUSED("takes argument 9, but there are 4", call.bias = 9);
  EXPECT_REFUSED("library.a", call.a = -1);
}

TEST(LibraryCall, IsOfAKindThatALibraryComputes) {
  EXPECT_REFUSED("names library 'blas', expected 'cublaslt'",
                 call.library = "blas");
  EXPECT_REFUSED("multiplies I64 to F16", call.type = DType::I64);
  EXPECT_REFUSED("multiplies F16 to BF16", call.resultType = DType::BF16);
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
