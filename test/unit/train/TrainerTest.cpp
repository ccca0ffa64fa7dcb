// What the training loop is fed, what it prints and logs, and its options.
#include "test/unit/train/TrainerTest.h"

#include <cmath>

using namespace mpcrt::train;

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
