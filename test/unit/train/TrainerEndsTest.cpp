// How a run ends before its last step: signals, skipped steps, divergence.
#include "test/unit/train/TrainerTest.h"

#include <cmath>
#include <csignal>

using namespace mpcrt::train;

TEST_F(TrainerTest, OverlappingRunsEndOnSignalsAndSkipsToo) {
  fake().device = "0";
  fake().afterStep = [](int64_t step) {
    if (step == 3)
      std::raise(SIGTERM);
  };
  options.checkpoint = dir / "c";
  options.steps = 10;
  EXPECT_EQ(train(), 128 + SIGTERM);
  EXPECT_EQ(fake().saves, (std::vector<std::string>{options.checkpoint +
                                                    "/step-3.safetensors"}));
  EXPECT_EQ(fake().seen.size(), 12u);

  fake() = Fake();
  fake().device = "0";
  fake().afterStep = [](int64_t step) {
    if (step == 4)
      std::raise(SIGUSR1);
  };
  options.checkpoint = dir / "usr1";
  expectFailure(0, "step-4.safetensors' on SIGUSR1; the run goes on");

  fake() = Fake();
  fake().device = "0";
  fake().skips = [](int64_t step) { return step > 2; };
  options.checkpoint.clear();
  options.steps = 100;
  options.maxSkips = 5;
  expectFailure(MPCRT_NUMERICS, "5 steps in a row were skipped, up to step 7");
}

TEST_F(TrainerTest, ASignalFinishesTheStepAndSaves) {
  for (int number : {SIGINT, SIGTERM}) {
    fake() = Fake();
    fake().afterStep = [number](int64_t step) {
      if (step == 3)
        std::raise(number);
    };
    options.checkpoint = dir / std::to_string(number);
    options.steps = 10;
    EXPECT_EQ(train(), 128 + number);
    EXPECT_EQ(fake().seen.size(), 12u);
    EXPECT_EQ(fake().saves, (std::vector<std::string>{options.checkpoint +
                                                      "/step-3.safetensors"}));
    EXPECT_NE(err.str().find("with --resume"), std::string::npos);
  }
}

TEST_F(TrainerTest, Sigusr1SavesAndTheRunGoesOn) {
  fake().afterStep = [](int64_t step) {
    if (step == 2 || step == 4)
      std::raise(SIGUSR1);
  };
  options.steps = 5;
  expectFailure(0, "SIGUSR1 asks for a checkpoint, but there is no folder");
  fake().saves.clear();
  options.checkpoint = dir / "usr1";
  expectFailure(0, "step-4.safetensors' on SIGUSR1; the run goes on");
  std::vector<std::string> saves;
  for (const char *step : {"2", "4", "5"})
    saves.push_back(options.checkpoint + "/step-" + step + ".safetensors");
  EXPECT_EQ(fake().saves, saves);
}

TEST_F(TrainerTest, ASignalWithoutAFolderJustEnds) {
  fake().afterStep = [](int64_t step) {
    if (step == 1)
      std::raise(SIGTERM);
  };
  EXPECT_EQ(train(), 143);
  EXPECT_TRUE(fake().saves.empty());
}

TEST_F(TrainerTest, ConsecutiveSkipsEndTheRun) {
  fake().skips = [](int64_t step) { return step > 2; };
  options.steps = 100;
  options.maxSkips = 5;
  expectFailure(MPCRT_NUMERICS, "5 steps in a row were skipped, up to step 7");
  EXPECT_EQ(fake().seen.size(), 7u * 4);
}

TEST_F(TrainerTest, ScatteredSkipsDoNot) {
  fake().skips = [](int64_t step) { return step % 5 != 0; };
  options.steps = 100;
  options.maxSkips = 5;
  EXPECT_EQ(train(), 0) << err.str();
}

TEST_F(TrainerTest, SkipsInARowAreCountedAcrossAResume) {
  fake().skips = [](int64_t) { return true; };
  options.checkpoint = dir / "c";
  options.maxSkips = 5;
  options.steps = 3;
  EXPECT_EQ(train(), 0) << err.str();
  options.resume = true;
  options.steps = 100;
  expectFailure(MPCRT_NUMERICS, "up to step 5");
}

TEST_F(TrainerTest, ALossThatStaysNonfiniteIsDivergence) {
  fake().scaled = false;
  fake().lossOf = [](int64_t) { return NAN; };
  options.steps = 100;
  options.maxSkips = 5;
  expectFailure(MPCRT_NUMERICS, "diverged");
  EXPECT_EQ(fake().seen.size(), 5u * 4);
}
