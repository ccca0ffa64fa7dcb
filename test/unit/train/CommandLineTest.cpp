#include "runtime/train/CommandLine.h"
#include "runtime/train/LogFile.h"
#include "runtime/train/Progress.h"
#include "runtime/train/Verbs.h"
#include "test/unit/train/Arrays.h"
#include "test/unit/train/FakeProgram.h"
#include "test/unit/train/TempDir.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <gtest/gtest.h>

using namespace mpcrt::train;

namespace {

/// What a tool with the runtime's verbs does with arguments.
struct Outcome {
  int code = 0;
  std::string out, err;
};

Outcome runTool(std::vector<const char *> arguments) {
  arguments.insert(arguments.begin(), "tool");
  CLI::App app("A tool.", "tool");
  int code = 0;
  addRuntimeVerbs(app, code);
  std::ostringstream out, err;
  std::optional<int> exit =
      parseCommandLine(app, int(arguments.size()), arguments.data(), out, err);
  return {exit.value_or(code), out.str(), err.str()};
}

} // namespace

TEST(EditDistance, CountsEditsAndSwaps) {
  EXPECT_EQ(editDistance("", ""), 0u);
  EXPECT_EQ(editDistance("abc", ""), 3u);
  EXPECT_EQ(editDistance("", "abc"), 3u);
  EXPECT_EQ(editDistance("steps", "stpes"), 1u);
  EXPECT_EQ(editDistance("kitten", "sitting"), 3u);
}

TEST(Nearest, IsTheNearestWithinAThirdOfTheWord) {
  EXPECT_EQ(nearest("--stpes", {"--epochs", "--steps"}), "--steps");
  EXPECT_EQ(nearest("--frobnicate", {"--epochs", "--steps"}), "");
  EXPECT_EQ(nearest("--steps", {}), "");
}

TEST(CommandLine, AnUnknownOptionNamesTheNearest) {
  Outcome outcome = runTool({"train", "m.mpx", "--stpes", "5"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err, "error: unknown option '--stpes' for tool train; did "
                         "you mean '--steps'?\n");
  outcome = runTool({"train", "m.mpx", "--frobnicate=7"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err, "error: unknown option '--frobnicate' for tool train; "
                         "see tool train --help\n");
}

TEST(CommandLine, AnUnknownVerbNamesTheNearest) {
  Outcome outcome = runTool({"trian"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err,
            "error: unknown verb 'trian'; did you mean 'train'?\n");
}

TEST(CommandLine, AVerbIsRequired) {
  Outcome outcome = runTool({});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err, "error: no verb given; expected train, eval, export, "
                         "bench or info\n");
}

TEST(CommandLine, MistakesInValuesExitWithUsage) {
  EXPECT_EQ(runTool({"train", "m.mpx", "--steps", "many"}).code, 2);
  EXPECT_EQ(runTool({"train", "m.mpx", "--steps", "0"}).code, 2);
  EXPECT_EQ(runTool({"train", "m.mpx", "--threads", "-1"}).code, 2);
  EXPECT_EQ(runTool({"train", "m.mpx", "--data"}).code, 2);
  EXPECT_EQ(runTool({"train", "a.mpx", "b.mpx"}).code, 2);
  EXPECT_EQ(runTool({"train", "m.mpx", "--numerics", "first"}).code, 2);
  EXPECT_EQ(runTool({"export", "m.mpx"}).code, 2);
}

TEST(CommandLine, HelpShowsDefaultsAndSucceeds) {
  Outcome outcome = runTool({"train", "--help"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_NE(outcome.out.find("--max-skips"), std::string::npos);
  EXPECT_NE(outcome.out.find("50"), std::string::npos);
  EXPECT_EQ(outcome.err, "");
  outcome = runTool({"--version"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "fake\n");
}

TEST(CommandLine, RunsTheVerbAndReturnsItsCode) {
  fake() = Fake();
  TempDir dir;
  std::string artifact = dir.write("m.mpx", ""), data = dir / "d.npz";
  ASSERT_TRUE(writeCounting(data, 8).ok());
  testing::internal::CaptureStdout();
  int code = runTool({"train", "--data", data.c_str(), "--steps", "2", "--set",
                      "lr=0.5", artifact.c_str()})
                 .code;
  EXPECT_EQ(testing::internal::GetCapturedStdout(),
            "epoch 1 loss 0.75 steps 2 skipped 0\n");
  EXPECT_EQ(code, 0);
  testing::internal::CaptureStderr();
  EXPECT_EQ(runTool({"train", "none.mpx", "--data", data.c_str()}).code, 5);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "error: cannot open 'none.mpx'\n");
}

TEST(CommandLine, AnOptionTakesOneValueEachTime) {
  Outcome outcome = runTool({"train", "m.mpx", "--set", "lr=1", "eps=1"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err, "error: unexpected argument 'eps=1' for tool train; "
                         "see tool train --help\n");
}

TEST(JsonLine, WritesShortestNumbersAndNullForWhatJsonLacks) {
  JsonLine line;
  line.add("a", int64_t(-3)).add("b", true).add("c", 0.1f).add("d", 0.1);
  line.add("e", NAN).add("f", -INFINITY).add("g", "text");
  EXPECT_EQ(line.str(), "{\"a\": -3, \"b\": true, \"c\": 0.1, \"d\": 0.1, "
                        "\"e\": null, \"f\": null, \"g\": \"text\"}");
  EXPECT_EQ(JsonLine().str(), "{}");
}

TEST(LogFile, AFullDiskIsReportedOnce) {
  LogFile log;
  if (!log.open("/dev/full", false).ok())
    GTEST_SKIP() << "needs /dev/full";
  EXPECT_EQ(log.write(JsonLine()).code, MPCRT_FILE);
  EXPECT_FALSE(log.isOpen());
  EXPECT_TRUE(log.write(JsonLine()).ok());
}

TEST(Progress, ShowsFractionPaceAndTimeLeft) {
  std::string text = progressText({50, 200, 3, 0.25f}, 50, 10);
  EXPECT_EQ(text,
            "[#####...............] 50/200 epoch 3 loss 0.25 5/s 0:30 left");
  EXPECT_LE(
      progressText({1ll << 60, 1ll << 61, 1ll << 60, 1e-30f}, 1, 1e9).size(),
      79u);
}

TEST(Progress, DrawsNothingUnlessEnabled) {
  std::ostringstream terminal;
  Progress progress(terminal, false);
  progress.update({1, 2, 1, 0});
  progress.clear();
  EXPECT_EQ(terminal.str(), "");
}
