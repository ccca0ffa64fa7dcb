#include "runtime/train/Dataset.h"
#include "test/unit/train/Arrays.h"
#include "test/unit/train/FakeProgram.h"
#include "test/unit/train/TempDir.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace mpcrt::train;

namespace {

class DatasetTest : public testing::Test {
protected:
  DatasetTest() { fake() = Fake(); }

  Status load(const std::vector<NamedArray> &arrays) {
    Status status = writeNpz(dir / "d.npz", arrays);
    EXPECT_TRUE(status.ok()) << status.message;
    return loadFiles({dir / "d.npz", {}});
  }

  Status loadFiles(const DataFiles &files) {
    Status status = program.open(dir.write("m.mpx", ""), {});
    EXPECT_TRUE(status.ok()) << status.message;
    data = Dataset();
    return data.load(files, program, options);
  }

  void expectRefused(const Status &status, const std::string &says) {
    EXPECT_EQ(status.code, MPCRT_INVALID_DATA);
    EXPECT_NE(status.message.find(says), std::string::npos) << status.message;
  }

  TempDir dir;
  Program program;
  DataOptions options;
  Dataset data;
  Array x = arrayOf<float>(Element::F4, {3, 2}, {1, 2, 3, 4, 5, 6});
  Array y = arrayOf<int64_t>(Element::I8, {3}, {0, 1, 2});
};

} // namespace

TEST_F(DatasetTest, GathersRowsInTheOrderAskedFor) {
  ASSERT_TRUE(load({{"x", &x}, {"y", &y}}).ok());
  EXPECT_EQ(data.samples(), 3);
  int64_t indices[] = {2, 0, 0, 1};
  data.gather(indices);
  const float *batch = static_cast<const float *>(data.inputs()[0]);
  EXPECT_EQ(std::vector<float>(batch, batch + 8),
            (std::vector<float>{5, 6, 1, 2, 1, 2, 3, 4}));
  const int64_t *labels = static_cast<const int64_t *>(data.labels());
  EXPECT_EQ(std::vector<int64_t>(labels, labels + 4),
            (std::vector<int64_t>{2, 0, 0, 1}));
}

TEST_F(DatasetTest, HasAllSamplesInArrays) {
  ASSERT_TRUE(load({{"x", &x}, {"y", &y}}).ok());
  const float *all = static_cast<const float *>(data.allInputs()[0]);
  EXPECT_EQ(std::vector<float>(all, all + 6),
            (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(static_cast<const int64_t *>(data.allLabels())[2], 2);
}

TEST_F(DatasetTest, AnInputTakesItsNameAndTheOnlyInputAlsoX) {
  fake().inputs[0].name = "images";
  EXPECT_TRUE(load({{"x", &x}, {"y", &y}}).ok());
  EXPECT_TRUE(load({{"images", &x}, {"y", &y}}).ok());
  expectRefused(load({{"data", &x}, {"y", &y}}),
                "no array for model input 'images'; found data, y");
}

TEST_F(DatasetTest, SeveralInputsAreMatchedByNameAlone) {
  fake().inputs = {{"a", MPCRT_F32, {4, 2}}, {"x2", MPCRT_F32, {4, 2}}};
  EXPECT_TRUE(load({{"a", &x}, {"x2", &x}, {"y", &y}}).ok());
  expectRefused(load({{"a", &x}, {"x", &x}, {"y", &y}}), "input 'x2'");
}

TEST_F(DatasetTest, AWrongShapeSaysFoundAndExpected) {
  fake().inputs[0].shape = {4, 3, 32, 32};
  Array images =
      arrayOf<float>(Element::F4, {2, 1, 8, 8}, std::vector<float>(128));
  expectRefused(load({{"x", &images}, {"y", &y}}),
                "has sample shape 1x8x8, but model input 'x' wants 3x32x32");
}

TEST_F(DatasetTest, RowsOfOneSampleMayShareTheFirstDimension) {
  fake().label.shape = {8};
  Array perToken = arrayOf<int64_t>(Element::I8, {3, 2}, {0, 1, 2, 0, 1, 2});
  EXPECT_TRUE(load({{"x", &x}, {"y", &perToken}}).ok());
}

TEST_F(DatasetTest, CountsMustAgree) {
  Array two = arrayOf<int64_t>(Element::I8, {2}, {0, 1});
  expectRefused(load({{"x", &x}, {"y", &two}}), "has 2 samples, but");
}

TEST_F(DatasetTest, LabelsOutsideTheClassesNameSampleAndValue) {
  Array bad = arrayOf<int64_t>(Element::I8, {3}, {0, 3, 1});
  expectRefused(load({{"x", &x}, {"y", &bad}}),
                "has label 3 at sample 1; expected 0 to 2, or -100");
  Array ignored = arrayOf<int64_t>(Element::I8, {3}, {0, -100, 1});
  EXPECT_TRUE(load({{"x", &x}, {"y", &ignored}}).ok());
}

TEST_F(DatasetTest, Int32LabelsWiden) {
  Array narrow = arrayOf<int32_t>(Element::I4, {3}, {0, 1, 2});
  EXPECT_TRUE(load({{"x", &x}, {"y", &narrow}}).ok());
}

TEST_F(DatasetTest, LabelsAreFoundByTheNameGiven) {
  expectRefused(load({{"x", &x}, {"target", &y}}), "array 'y' is missing");
  options.labelName = "target";
  EXPECT_TRUE(load({{"x", &x}, {"target", &y}}).ok());
  options.labelName = "y";
  options.labelsRequired = false;
  EXPECT_TRUE(load({{"x", &x}, {"target", &y}}).ok());
  EXPECT_FALSE(data.hasLabels());
  EXPECT_EQ(data.labels(), nullptr);
}

TEST_F(DatasetTest, NonfiniteDataIsRefusedUnlessAllowed) {
  Array nan = arrayOf<float>(Element::F4, {3, 2}, {1, 2, 3, NAN, 5, 6});
  expectRefused(load({{"x", &nan}, {"y", &y}}), "nan at sample 1, element 1");
  options.allowNonfinite = true;
  EXPECT_TRUE(load({{"x", &nan}, {"y", &y}}).ok());
}

TEST_F(DatasetTest, RoundedDataIsNoted) {
  std::vector<std::string> notes;
  options.note = [&](const std::string &note) { notes.push_back(note); };
  Array wide = arrayOf<double>(Element::F8, {1, 2}, {0.1, 0.2});
  Array one = arrayOf<int64_t>(Element::I8, {1}, {0});
  ASSERT_TRUE(load({{"x", &wide}, {"y", &one}}).ok());
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("is float64 and is rounded to f32"),
            std::string::npos);
}

TEST_F(DatasetTest, TakesSingleArraysFromNpyFiles) {
  std::string header = npyHeaderBytes(Element::F4, x.shape);
  std::string path = dir.write(
      "one.npy",
      header + std::string(reinterpret_cast<const char *>(x.bytes.data()),
                           x.bytes.size()));
  options.labelsRequired = false;
  Status status = loadFiles({"", {{"x", path}}});
  EXPECT_TRUE(status.ok()) << status.message;
  EXPECT_EQ(data.samples(), 3);
  EXPECT_EQ(loadFiles({path, {}}).code, MPCRT_USAGE);
}

TEST_F(DatasetTest, ADimensionThatIsNoMultipleOfTheBatchIsRefused) {
  fake().inputs[0].shape = {6, 2};
  expectRefused(load({{"x", &x}, {"y", &y}}), "but a batch has 4 samples");
}

TEST_F(DatasetTest, ArraysOfTheInputsOwnShapesAreOneBatch) {
  fake().inputs = {{"a", MPCRT_F32, {3, 2}}, {"b", MPCRT_I64, {}}};
  options.labelsRequired = false;
  Array scalar = arrayOf<int64_t>(Element::I8, {}, {7});
  expectRefused(load({{"a", &x}, {"b", &scalar}}), "a batch has 4 samples");
  options.wholeBatch = true;
  ASSERT_TRUE(load({{"a", &x}, {"b", &scalar}}).ok());
  EXPECT_TRUE(data.isWhole());
  int64_t indices[] = {0, 1, 2, 3};
  data.gather(indices);
  EXPECT_EQ(static_cast<const float *>(data.inputs()[0])[5], 6);
  EXPECT_EQ(static_cast<const int64_t *>(data.inputs()[1])[0], 7);
}
