// Models over 2 GiB, as sparse files: what lies beyond the reach of 32 bits is
// read, and what need not be read is not.
#include "frontend/model/OnnxReader.h"
#include "frontend/model/WeightSource.h"

#include "OnnxBytes.h"

#include "gtest/gtest.h"

#include <filesystem>
#include <fstream>

using namespace mpc::frontend;
using namespace mpc::frontend::test;

namespace {

constexpr uint64_t gibibyte = uint64_t(1) << 30;

// A folder that disappears at the end.
class LargeModel : public testing::Test {
protected:
  void SetUp() override {
    folder = testing::TempDir() + "large_model_" +
             testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  // The elements of tensor "last" of the model.
  std::vector<float> readLast(const std::string &path) {
    auto source = WeightSource::open(path);
    EXPECT_TRUE(source.ok()) << source.status().message();
    std::vector<float> elements(3);
    if (source.ok()) {
      mpcrt::Status status =
          source->copy("last", std::as_writable_bytes(std::span(elements)));
      EXPECT_TRUE(status.ok()) << status.message();
    }
    return elements;
  }

  std::string folder;
};

// x + last, both of three floats.
Message sumOfLast() {
  return Message()
      .bytes(1, nodeProto("Add", "sum", {"x", "last"}, {"y"}))
      .bytes(11, valueInfo("x", {2, 3}))
      .bytes(12, valueInfo("y", {2, 3}));
}

std::string varint(uint64_t value) {
  std::string text;
  for (; value >= 0x80; value >>= 7)
    text += static_cast<char>(value | 0x80);
  return text + static_cast<char>(value);
}

} // namespace

TEST_F(LargeModel, ExternalDataLiesBehindFourGibibytes) {
  uint64_t offset = 5 * gibibyte;
  {
    std::ofstream data(folder + "/w.bin", std::ios::binary);
    data.seekp(static_cast<std::streamoff>(offset));
    data << asBytes<float>({1, 2, 3});
  }
  auto entry = [](const char *key, const std::string &value) {
    return Message().bytes(1, key).bytes(2, value);
  };
  Message all = tensorProto("all", 1, {int64_t(offset / 4)})
                    .bytes(13, entry("location", "w.bin"))
                    .varint(14, 1);
  Message last = tensorProto("last", 1, {3})
                     .bytes(13, entry("location", "w.bin"))
                     .bytes(13, entry("offset", std::to_string(offset)))
                     .varint(14, 1);
  std::string path = folder + "/m.onnx";
  std::ofstream(path, std::ios::binary)
      << modelProto(sumOfLast().bytes(5, all).bytes(5, last));
  EXPECT_EQ(readLast(path), (std::vector<float>{1, 2, 3}));
}

// Protocol buffers' own parsers refuse such a file; it is walked field by
// field.
TEST_F(LargeModel, TheModelFileItselfIsOverTwoGibibytes) {
  uint64_t rawSize = 3 * gibibyte;
  std::string raw = "\x4a" + varint(rawSize); // TensorProto.raw_data
  std::string header =
      tensorProto("first", 1, {int64_t(rawSize / 4)}).content + raw;
  std::string first = "\x2a" + varint(header.size() + rawSize) + header;
  Message last =
      tensorProto("last", 1, {3}).bytes(9, asBytes<float>({4, 5, 6}));
  std::string rest = sumOfLast().bytes(5, last).content;
  std::string path = folder + "/m.onnx";
  {
    std::ofstream file(path, std::ios::binary);
    file << Message().bytes(8, Message().varint(2, 17)).content << "\x3a"
         << varint(first.size() + rawSize + rest.size()) << first;
    file.seekp(static_cast<std::streamoff>(rawSize), std::ios::cur);
    file << rest;
  }
  EXPECT_GT(std::filesystem::file_size(path), 2 * gibibyte);
  EXPECT_EQ(readLast(path), (std::vector<float>{4, 5, 6}));
}
