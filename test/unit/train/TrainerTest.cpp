// The training loop over the fake program: what it is fed, when it saves, how
// it ends.
#include "runtime/train/Checkpoints.h"
#include "runtime/train/Verbs.h"
#include "test/unit/train/Arrays.h"
#include "test/unit/train/FakeProgram.h"
#include "test/unit/train/Schema.h"
#include "test/unit/train/TempDir.h"

#include <cmath>
#include <csignal>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace mpcrt::train;
namespace fs = std::filesystem;

namespace {

class TrainerTest : public testing::Test {
protected:
  TrainerTest() {
    fake() = Fake();
    options.artifact = dir.write("m.mpx", "");
    options.data = dir / "train.npz";
    EXPECT_TRUE(writeCounting(options.data, 10).ok());
  }

  int train() {
    out.str("");
    err.str("");
    return runTrain(options, out, err);
  }

  void expectFailure(int code, const std::string &says) {
    EXPECT_EQ(train(), code);
    EXPECT_NE(err.str().find(says), std::string::npos) << err.str();
  }

  std::vector<nlohmann::json> logLines() const {
    std::vector<nlohmann::json> lines;
    std::ifstream file(options.log);
    for (std::string line; std::getline(file, line);) {
      EXPECT_TRUE(fitsSchema(line, "train-log")) << line;
      lines.push_back(nlohmann::json::parse(line));
    }
    return lines;
  }

  std::vector<float> inOrder(size_t count) const {
    std::vector<float> values;
    for (size_t i = 0; i < count; ++i)
      values.push_back(float(i % 10));
    return values;
  }

  TempDir dir;
  TrainOptions options;
  std::ostringstream out, err;
};

} // namespace

TEST_F(TrainerTest, UnshuffledBatchesAreFullAndInOrder) {
  options.noShuffle = true;
  options.steps = 6;
  EXPECT_EQ(train(), 0) << err.str();
  EXPECT_EQ(fake().seen, inOrder(24));
  for (size_t i = 0; i < 24; ++i)
    EXPECT_EQ(fake().seenLabels[i], int64_t(i % 10) % 3);
}

TEST_F(TrainerTest, AnEpochSeesEverySample) {
  options.epochs = 2;
  EXPECT_EQ(train(), 0) << err.str();
  ASSERT_EQ(fake().seen.size(), 20u);
  for (int epoch : {0, 1}) {
    std::vector<float> seen(fake().seen.begin() + epoch * 10,
                            fake().seen.begin() + epoch * 10 + 10);
    EXPECT_NE(seen, inOrder(10));
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(seen, inOrder(10));
  }
}

TEST_F(TrainerTest, TheSeedDecidesTheOrder) {
  auto order = [&](std::optional<uint64_t> seed) {
    fake().seen.clear();
    options.seed = seed;
    options.steps = 5;
    EXPECT_EQ(train(), 0) << err.str();
    return fake().seen;
  };
  EXPECT_EQ(order(1), order(1));
  EXPECT_NE(order(1), order(2));
  EXPECT_EQ(order(std::nullopt), order(fake().artifactSeed));
}

TEST_F(TrainerTest, PrintsALinePerEpochAndOneForTheRest) {
  options.noShuffle = true;
  options.steps = 4; // 16 samples: a step belongs to its first sample's epoch
  fake().lossOf = [](int64_t step) { return float(step); };
  EXPECT_EQ(train(), 0) << err.str();
  EXPECT_EQ(out.str(), "epoch 1 loss 2 steps 3 skipped 0\n"
                       "epoch 2 loss 4 steps 1 skipped 0 unfinished\n");
  EXPECT_EQ(err.str(), "");
}

TEST_F(TrainerTest, ValidationPadsTheLastBatchAndDropsThoseRows) {
  options.steps = 1;
  options.val = dir / "val.npz";
  // First elements 0, 1, 2, 0, 1 and labels 0, 1, 2, 2, 1: one of five wrong.
  Array x = arrayOf<float>(Element::F4, {5, 2}, {0, 9, 1, 9, 2, 9, 0, 9, 1, 9});
  Array y = arrayOf<int64_t>(Element::I8, {5}, {0, 1, 2, 2, 1});
  ASSERT_TRUE(writeNpz(options.val, {{"x", &x}, {"y", &y}}).ok());
  EXPECT_EQ(train(), 0) << err.str();
  ASSERT_EQ(fake().evaluated.size(), 2u);
  EXPECT_EQ(fake().evaluated[1], (std::vector<float>{1, 1, 1, 1}));
  // Logits are 2 for one class and 0 for two: a right label costs
  // log(e^2 + 2) - 2, a wrong one 2 more.
  double loss = std::log(std::exp(2.0) + 2) - 2 + 2.0 / 5;
  char expected[80];
  std::snprintf(expected, sizeof(expected), "val_loss %.6g val_accuracy 0.8000",
                loss);
  EXPECT_NE(out.str().find(expected), std::string::npos) << out.str();
}

TEST_F(TrainerTest, TheLogHasOneObjectPerStepAndPerEpoch) {
  options.log = dir / "log.jsonl";
  options.digest = true;
  options.steps = 3;
  fake().skips = [](int64_t step) { return step == 2; };
  fake().lossOf = [](int64_t step) { return step == 2 ? INFINITY : 0.1f; };
  EXPECT_EQ(train(), 0) << err.str();
  std::vector<nlohmann::json> lines = logLines();
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0]["event"], "step");
  EXPECT_EQ(lines[0]["step"], 1);
  EXPECT_EQ(lines[0]["epoch"], 1);
  EXPECT_EQ(lines[0]["loss"].get<float>(), 0.1f);
  EXPECT_EQ(lines[0]["applied"], true);
  EXPECT_EQ(lines[0]["digest"].get<std::string>().size(), 32u);
  EXPECT_TRUE(lines[1]["loss"].is_null());
  EXPECT_EQ(lines[1]["applied"], false);
  EXPECT_EQ(lines[1]["nonfinite_count"], 7);
  EXPECT_EQ(lines[1]["skipped_steps"], 1);
  EXPECT_EQ(lines[1]["applied_steps"], 1);
  EXPECT_EQ(lines[1]["digest"], lines[0]["digest"]);
  EXPECT_EQ(lines[2]["loss_scale"], 65536);
  EXPECT_EQ(lines[2]["lr"], 1);
  EXPECT_EQ(lines[2]["grad_norm"], 0.5);
  // The skipped step's infinite loss is not part of the mean.
  EXPECT_EQ(lines[3]["event"], "epoch");
  EXPECT_NEAR(lines[3]["loss"].get<double>(), 0.1, 1e-7);
  EXPECT_EQ(lines[3]["skipped"], 1);
}

TEST_F(TrainerTest, AnEpochWithoutAnAppliedStepHasNoMeanLoss) {
  options.log = dir / "log.jsonl";
  options.steps = 2;
  fake().skips = [](int64_t) { return true; };
  EXPECT_EQ(train(), 0) << err.str();
  EXPECT_EQ(out.str(), "epoch 1 loss none (no step applied) steps 2 skipped 2 "
                       "unfinished\n");
  nlohmann::json epoch = logLines().back();
  EXPECT_EQ(epoch["event"], "epoch");
  EXPECT_TRUE(epoch["loss"].is_null());
}

TEST_F(TrainerTest, AResumedRunAppendsToTheLog) {
  options.log = dir / "log.jsonl";
  options.checkpoint = dir / "c";
  options.steps = 1;
  EXPECT_EQ(train(), 0) << err.str();
  options.resume = true;
  options.steps = 2;
  EXPECT_EQ(train(), 0) << err.str();
  std::vector<int64_t> steps;
  for (const nlohmann::json &line : logLines())
    if (line["event"] == "step")
      steps.push_back(line["step"]);
  EXPECT_EQ(steps, (std::vector<int64_t>{1, 2}));
}

TEST_F(TrainerTest, ResumeContinuesTheSameSequence) {
  options.steps = 30;
  options.checkpoint = dir / "whole";
  EXPECT_EQ(train(), 0) << err.str();
  std::vector<float> whole = fake().seen;
  std::string final = readAll(dir / "whole/step-30.safetensors");

  for (int stop : {1, 2, 5, 14, 29}) {
    fake().seen.clear();
    options.checkpoint = dir / ("cut" + std::to_string(stop));
    options.steps = stop;
    options.resume = false;
    EXPECT_EQ(train(), 0) << err.str();
    options.steps = 30;
    options.resume = true;
    EXPECT_EQ(train(), 0) << err.str();
    EXPECT_EQ(fake().seen, whole) << "stopped after step " << stop;
    EXPECT_EQ(readAll(options.checkpoint + "/step-30.safetensors"), final);
  }
}

TEST_F(TrainerTest, ResumeKeepsTheSeedOfTheRun) {
  options.checkpoint = dir / "c";
  options.seed = 1;
  options.steps = 2;
  EXPECT_EQ(train(), 0) << err.str();
  options.resume = true;
  options.seed = 2;
  options.steps = 4;
  EXPECT_EQ(train(), 0);
  EXPECT_NE(err.str().find("--seed 2 is not used"), std::string::npos);
}

TEST_F(TrainerTest, AFinishedRunSaysSo) {
  options.checkpoint = dir / "c";
  options.steps = 2;
  EXPECT_EQ(train(), 0) << err.str();
  options.resume = true;
  EXPECT_EQ(train(), 0);
  EXPECT_NE(err.str().find("already at step 2 of 2"), std::string::npos);
  EXPECT_EQ(fake().seen.size(), 8u);
}

TEST_F(TrainerTest, ResumeFallsBackToTheNewestWholeCheckpoint) {
  options.checkpoint = dir / "c";
  options.saveEvery = 2;
  options.steps = 4;
  EXPECT_EQ(train(), 0) << err.str();
  fake().damagedFiles = {options.checkpoint + "/latest",
                         options.checkpoint + "/step-4.safetensors"};
  options.resume = true;
  options.steps = 5;
  EXPECT_EQ(train(), 0) << err.str();
  EXPECT_NE(err.str().find("going on from '" + options.checkpoint +
                           "/step-2.safetensors'"),
            std::string::npos)
      << err.str();
  fake().damagedFiles.insert(options.checkpoint + "/step-2.safetensors");
  fake().damagedFiles.insert(options.checkpoint + "/step-5.safetensors");
  expectFailure(MPCRT_DAMAGED, "latest is damaged");
}

TEST_F(TrainerTest, ResumeNeedsACheckpointAndAFolder) {
  options.resume = true;
  expectFailure(MPCRT_USAGE, "--resume needs --checkpoint");
  options.checkpoint = dir / "empty";
  expectFailure(MPCRT_FILE, "no checkpoint in");
}

TEST_F(TrainerTest, ResumeRefusesShorterData) {
  options.checkpoint = dir / "c";
  options.steps = 2; // 8 of 10 samples
  EXPECT_EQ(train(), 0) << err.str();
  options.resume = true;
  options.steps = 4;
  ASSERT_TRUE(writeCounting(options.data, 8).ok());
  expectFailure(MPCRT_INVALID_DATA, "resume with the data of the run");
}

TEST_F(TrainerTest, ANewRunDoesNotWriteOverAnotherRunsCheckpoints) {
  options.checkpoint = dir / "c";
  options.steps = 1;
  EXPECT_EQ(train(), 0) << err.str();
  expectFailure(MPCRT_USAGE, "has checkpoints of an earlier run");
}

TEST_F(TrainerTest, SavesEveryNStepsAndAtTheEndOnce) {
  options.checkpoint = dir / "c";
  options.saveEvery = 2;
  options.steps = 5;
  EXPECT_EQ(train(), 0) << err.str();
  std::vector<std::string> expected;
  for (int step : {2, 4, 5})
    expected.push_back(options.checkpoint + "/step-" + std::to_string(step) +
                       ".safetensors");
  EXPECT_EQ(fake().saves, expected);
  EXPECT_EQ(readAll(options.checkpoint + "/latest"), readAll(expected[2]));
  EXPECT_FALSE(fs::exists(options.checkpoint + "/latest.tmp"));
}

TEST_F(TrainerTest, AFailedSaveIsRetriedAtTheNextInterval) {
  options.checkpoint = dir / "c";
  options.saveEvery = 2;
  options.steps = 6;
  fake().saveFails = [](int64_t n) { return n == 1; };
  EXPECT_EQ(train(), 0);
  EXPECT_NE(err.str().find("warning: no checkpoint of step 2"),
            std::string::npos)
      << err.str();
  EXPECT_EQ(fake().saves.size(), 2u);
}

TEST_F(TrainerTest, AFailedLastSaveIsAFileError) {
  options.checkpoint = dir / "c";
  options.steps = 2;
  fake().saveFails = [](int64_t) { return true; };
  expectFailure(MPCRT_FILE, "No space left on device");
  EXPECT_EQ(fake().seen.size(), 8u);
}

// No disk holds 2^60 bytes.
TEST(Fault27, ADiskTooSmallForACheckpointIsNamedWithBothNumbers) {
  TempDir dir;
  Checkpoints checkpoints;
  ASSERT_TRUE(checkpoints.open(dir / "run", false).ok());
  EXPECT_TRUE(checkpoints.checkSpace(1).ok());
  Status status = checkpoints.checkSpace(uint64_t(1) << 60);
  EXPECT_EQ(status.code, MPCRT_FILE);
  EXPECT_NE(status.message.find("bytes free, but a checkpoint takes "
                                "1152921504606846976; free some"),
            std::string::npos)
      << status.message;
}

TEST_F(TrainerTest, AFolderThatCannotBeMadeFailsBeforeTraining) {
  options.checkpoint = options.data + "/c";
  expectFailure(MPCRT_FILE, "cannot create checkpoint folder");
  EXPECT_TRUE(fake().seen.empty());
}

TEST_F(TrainerTest, OnTheCpuNoStepStartsBeforeTheOneBeforeIsJudged) {
  options.steps = 10;
  EXPECT_EQ(train(), 0) << err.str();
  EXPECT_EQ(fake().mostUnfinished, 1u);
  EXPECT_EQ(err.str(), "");
  fake().passedOver = "no GPU suits";
  EXPECT_EQ(train(), 0);
  EXPECT_EQ(err.str(), "note: runs on the cpu: no GPU suits\n");
}

// The same run on the CPU and on a GPU, where steps overlap: epochs, saves on
// the way, validation, a skipped step.
TEST_F(TrainerTest, StepsOverlapOnAGpuAndChangeNothing) {
  std::string printed[2], logged[2], saved[2];
  std::vector<float> seen[2];
  for (int gpu : {0, 1}) {
    fake() = Fake();
    fake().device = gpu ? "0" : "cpu";
    fake().skips = [](int64_t step) { return step == 4; };
    options.steps = 23;
    options.saveEvery = 6;
    options.val = options.data;
    options.checkpoint = dir / (gpu ? "gpu" : "cpu");
    options.log = dir / (gpu ? "gpu.jsonl" : "cpu.jsonl");
    EXPECT_EQ(train(), 0) << err.str();
    EXPECT_EQ(fake().mostUnfinished, gpu ? 2u : 1u);
    EXPECT_EQ(err.str(), gpu ? "note: runs on GPU 0 (a fake) with the code for "
                               "none\n"
                             : "");
    printed[gpu] = out.str();
    logged[gpu] = readAll(options.log);
    seen[gpu] = fake().seen;
    EXPECT_EQ(fake().saves.size(), 4u);
    for (int step : {6, 12, 18, 23})
      saved[gpu] += readAll(options.checkpoint + "/step-" +
                            std::to_string(step) + ".safetensors");
  }
  EXPECT_EQ(printed[1], printed[0]);
  EXPECT_EQ(logged[1], logged[0]);
  EXPECT_EQ(saved[1], saved[0]);
  EXPECT_EQ(seen[1], seen[0]);
}

TEST_F(TrainerTest, TheDigestOfAStepIsThatOfItsState) {
  fake().device = "0";
  options.digest = true;
  options.steps = 5;
  EXPECT_EQ(train(), 0) << err.str();
  EXPECT_EQ(fake().mostUnfinished, 1u);
}

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

TEST_F(TrainerTest, FewerSamplesThanABatchAreRefused) {
  ASSERT_TRUE(writeCounting(options.data, 3).ok());
  expectFailure(MPCRT_INVALID_DATA, "has 3 samples, but a batch has 4");
  ASSERT_TRUE(writeCounting(options.data, 4).ok());
  EXPECT_EQ(train(), 0) << err.str();
}

TEST_F(TrainerTest, SettingsReachTheProgramAndAreChecked) {
  options.steps = 1;
  options.noShuffle = true;
  options.checkpoint = dir / "c";
  options.settings = {"lr=0.5"};
  EXPECT_EQ(train(), 0) << err.str();
  // w = 0.5 * (0 + 1 + 2 + 3)
  EXPECT_EQ(readAll(options.checkpoint + "/latest").substr(0, 11),
            "1 1 0 3 0.5");
  options.checkpoint.clear();
  for (const char *bad : {"lr", "lr=", "=1", "lr=fast", "lr=1x"}) {
    options.settings = {bad};
    expectFailure(MPCRT_USAGE, "is not NAME=NUMBER");
  }
  options.settings = {"momentun=1"};
  expectFailure(MPCRT_USAGE, "there is lr");
}

TEST_F(TrainerTest, InitialWeightsAreLoaded) {
  options.init = dir / "w.safetensors";
  expectFailure(MPCRT_FILE, "no such weights");
  dir.write("w.safetensors", "");
  EXPECT_EQ(train(), 0) << err.str();
  EXPECT_EQ(fake().weightLoads.back(), options.init);
}

TEST_F(TrainerTest, ThreadsDeviceAndSeedReachTheProgram) {
  options.threads = 2;
  options.seed = 11;
  options.device = "cpu";
  EXPECT_EQ(train(), 0) << err.str();
  EXPECT_EQ(fake().openedWith.threads, 2);
  EXPECT_EQ(fake().openedWith.seed_given, 1);
  EXPECT_EQ(fake().openedWith.seed, 11u);
}

TEST_F(TrainerTest, MissingFilesAndContradictionsAreNamed) {
  options.steps = 1;
  options.epochs = 1;
  expectFailure(MPCRT_USAGE, "exclude each other");
  options.epochs.reset();
  options.saveEvery = 1;
  expectFailure(MPCRT_USAGE, "--save-every needs");
  options.saveEvery.reset();
  options.log = dir / "no/such/folder.jsonl";
  expectFailure(MPCRT_FILE, "no/such/folder.jsonl");
  options.log.clear();
  options.data = dir / "none.npz";
  expectFailure(MPCRT_FILE, "none.npz");
  options.data.clear();
  expectFailure(MPCRT_USAGE, "pass --data");
  options.data = "d.npz";
  options.artifact = dir / "none.mpx";
  expectFailure(MPCRT_FILE, "none.mpx");
  options.artifact.clear();
  expectFailure(MPCRT_USAGE, "no artifact given");
}
