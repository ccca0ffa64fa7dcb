// When the training loop saves, and how a run goes on from a checkpoint.
#include "runtime/train/Checkpoints.h"
#include "test/unit/train/TrainerTest.h"

using namespace mpcrt::train;
namespace fs = std::filesystem;

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
