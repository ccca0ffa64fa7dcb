// The training loop over the fake program.
#ifndef MPC_TEST_UNIT_TRAIN_TRAINERTEST_H
#define MPC_TEST_UNIT_TRAIN_TRAINERTEST_H

#include "runtime/train/Verbs.h"
#include "test/unit/train/Arrays.h"
#include "test/unit/train/FakeProgram.h"
#include "test/unit/train/Schema.h"
#include "test/unit/train/TempDir.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace mpcrt::train {

/// A run with an artifact and ten samples that count up.
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

} // namespace mpcrt::train

#endif
