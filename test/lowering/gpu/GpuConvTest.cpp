// Convolutions of the GPU against those of the CPU.
#include "compiler/lowering/emit/gpu/GpuEmitters.h"
#include "test/lowering/gpu/CompareTargets.h"
#include "test/lowering/gpu/GpuConvs.h"
#include <gtest/gtest.h>

using namespace mpc;
using namespace mpc::test;

static constexpr Target sm80 = {Target::Kind::Sm80};

// With tensor cores, and without them in f32.
static void expectAll(Conv c) {
  KernelSource forward = conv(c), input = convInputGrad(c),
               weight = convWeightGrad(c);
  expectSame(mmaConvEmitter, sm80, forward, wholeInputs(forward));
  expectSame(mmaConvInputGradEmitter, sm80, input, wholeInputs(input));
  expectSame(mmaConvWeightGradEmitter, sm80, weight, wholeInputs(weight));
  c.type = "f32";
  forward = conv(c), input = convInputGrad(c), weight = convWeightGrad(c);
  expectSame(simtConvEmitter, sm80, forward, wholeInputs(forward));
  expectSame(simtConvInputGradEmitter, sm80, input, wholeInputs(input));
  expectSame(simtConvWeightGradEmitter, sm80, weight, wholeInputs(weight));
}

// Three channels, then whole chunks of them, at the size of small pictures.
TEST(GpuConv, PicturesWithPadding) {
  expectAll({.n = 3,
             .c = 3,
             .h = 16,
             .w = 16,
             .f = 32,
             .kh = 3,
             .kw = 3,
             .pads = {1, 1, 1, 1}});
  expectAll({.n = 2,
             .c = 16,
             .h = 8,
             .w = 8,
             .f = 24,
             .kh = 3,
             .kw = 3,
             .pads = {1, 1, 1, 1},
             .type = "bf16"});
  expectAll({.n = 5, .c = 1, .h = 8, .w = 8, .f = 8, .kh = 3, .kw = 3});
}

TEST(GpuConv, RaggedRowsAndChannels) {
  expectAll({.n = 2,
             .c = 5,
             .h = 7,
             .w = 7,
             .f = 9,
             .kh = 3,
             .kw = 2,
             .pads = {1, 0, 1, 1}});
  expectAll({.n = 1,
             .c = 10,
             .h = 13,
             .w = 6,
             .f = 11,
             .kh = 5,
             .kw = 1,
             .pads = {2, 0, 2, 0}});
}

TEST(GpuConv, StridesAndDilations) {
  expectAll({.n = 2,
             .c = 4,
             .h = 15,
             .w = 17,
             .f = 8,
             .kh = 3,
             .kw = 3,
             .strides = {2, 3},
             .pads = {1, 2, 0, 1}});
  expectAll({.n = 2,
             .c = 4,
             .h = 14,
             .w = 16,
             .f = 8,
             .kh = 3,
             .kw = 3,
             .pads = {2, 2, 2, 2},
             .dilations = {2, 2}});
  expectAll({.n = 1,
             .c = 3,
             .h = 23,
             .w = 23,
             .f = 16,
             .kh = 7,
             .kw = 7,
             .strides = {2, 2},
             .pads = {3, 3, 3, 3}});
  expectAll({.n = 1,
             .c = 8,
             .h = 9,
             .w = 9,
             .f = 8,
             .kh = 2,
             .kw = 3,
             .strides = {3, 2},
             .pads = {1, 2, 1, 2},
             .dilations = {2, 3}});
}

// Without and with whole chunks of pixels and of channels; a stride alone.
TEST(GpuConv, OnePixelKernels) {
  expectAll({.n = 3, .c = 16, .h = 8, .w = 4, .f = 24, .kh = 1, .kw = 1});
  expectAll({.n = 3, .c = 13, .h = 7, .w = 7, .f = 20, .kh = 1, .kw = 1});
  expectAll({.n = 2,
             .c = 8,
             .h = 8,
             .w = 8,
             .f = 16,
             .kh = 1,
             .kw = 1,
             .strides = {2, 2}});
}

TEST(GpuConv, Groups) {
  expectAll({.n = 2,
             .c = 12,
             .h = 8,
             .w = 8,
             .f = 16,
             .kh = 3,
             .kw = 3,
             .pads = {1, 1, 1, 1},
             .groups = 2});
  expectAll({.n = 2,
             .c = 32,
             .h = 4,
             .w = 8,
             .f = 48,
             .kh = 1,
             .kw = 1,
             .groups = 2});
  GpuRunner depthwise(mmaConvEmitter, sm80,
                      conv({.n = 2,
                            .c = 32,
                            .h = 8,
                            .w = 8,
                            .f = 32,
                            .kh = 3,
                            .kw = 3,
                            .groups = 32}));
  EXPECT_FALSE(depthwise.suits());
}

TEST(GpuConv, ManyTiles) {
  Conv c{.n = 4,
         .c = 20,
         .h = 24,
         .w = 24,
         .f = 72,
         .kh = 3,
         .kw = 3,
         .pads = {1, 1, 1, 1}};
  expectAll(c);
}

// The gradient of a weight is a long sum, which several blocks share.
TEST(GpuConv, PixelsInParts) {
  Conv c{.n = 16, .c = 3, .h = 20, .w = 20, .f = 8, .kh = 3, .kw = 3};
  for (auto [emitter, type] : {std::pair(&mmaConvWeightGradEmitter, "f16"),
                               std::pair(&simtConvWeightGradEmitter, "f32")}) {
    c.type = type;
    KernelSource kernel = convWeightGrad(c);
    ASSERT_EQ(GpuRunner(*emitter, sm80, kernel).phases().size(), 2u);
    expectSame(*emitter, sm80, kernel, wholeInputs(kernel));
  }
}

TEST(GpuConv, PrologueAndEpilogue) {
  for (const Conv &c :
       {Conv{.n = 2,
             .c = 4,
             .h = 8,
             .w = 8,
             .f = 16,
             .kh = 3,
             .kw = 3,
             .pads = {1, 1, 1, 1}},
        Conv{.n = 2, .c = 8, .h = 8, .w = 8, .f = 16, .kh = 1, .kw = 1}}) {
    KernelSource forward = fusedConv(c), weight = fusedConvWeightGrad(c);
    for (const GpuEmitter *emitter : {&mmaConvEmitter, &simtConvEmitter})
      expectSame(*emitter, {Target::Kind::Sm90a}, forward,
                 wholeInputs(forward));
    for (const GpuEmitter *emitter :
         {&mmaConvWeightGradEmitter, &simtConvWeightGradEmitter})
      expectSame(*emitter, {Target::Kind::Ptx}, weight, wholeInputs(weight));
  }
}

TEST(GpuConv, TensorCoresLeaveF32ToOthers) {
  Conv c{.n = 1, .c = 8, .h = 8, .w = 8, .f = 8, .kh = 3, .kw = 3};
  c.type = "f32";
  EXPECT_FALSE(GpuRunner(mmaConvEmitter, sm80, conv(c)).suits());
}
