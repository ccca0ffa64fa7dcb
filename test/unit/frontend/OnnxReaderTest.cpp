#include "frontend/model/OnnxReader.h"
#include "frontend/model/FileMap.h"
#include "frontend/model/WeightSource.h"

#include "Models.h"
#include "OnnxBytes.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <filesystem>
#include <fstream>

using namespace mpc::frontend;
using namespace mpc::frontend::test;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

std::span<const std::byte> bytesOf(const std::string &text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::optional<Graph> read(const std::string &bytes, Problems &problems) {
  return readOnnx(bytesOf(bytes), "model.onnx", problems);
}

std::string textOf(const Problems &problems) {
  std::string text;
  for (const Problem &problem : problems)
    text += toText(problem, "model.onnx") + "\n";
  return text;
}

// x -> Relu a -> Neg b, as two nodes in the order given.
std::string twoNodes(bool reversed, const std::string &firstName,
                     const std::string &secondName) {
  Message first = nodeProto("Relu", firstName, {"x"}, {"a"});
  Message second = nodeProto("Neg", secondName, {"a"}, {"b"});
  return modelProto(Message()
                        .bytes(1, reversed ? second : first)
                        .bytes(1, reversed ? first : second)
                        .bytes(11, valueInfo("x", {2}))
                        .bytes(12, valueInfo("b", {2})));
}

TEST(OnnxReader, SortsNodesAndNamesThemAfterTheirOutput) {
  Problems problems;
  auto graph = read(twoNodes(true, "", ""), problems);
  ASSERT_TRUE(graph && problems.empty()) << textOf(problems);
  EXPECT_EQ(graph->nodes[0].name, "a");
  EXPECT_EQ(graph->nodes[1].name, "b");
}

TEST(OnnxReader, NodeNamesAreMadeUnique) {
  Problems problems;
  auto graph = read(twoNodes(false, "same", "same"), problems);
  ASSERT_TRUE(graph && problems.empty()) << textOf(problems);
  EXPECT_EQ(graph->nodes[1].name, "same#2");
  EXPECT_EQ(graph->reports.size(), 1u);
}

TEST(OnnxReader, CyclesAreRefusedByName) {
  Problems problems;
  read(modelProto(Message()
                      .bytes(1, nodeProto("Relu", "n1", {"b"}, {"a"}))
                      .bytes(1, nodeProto("Relu", "n2", {"a"}, {"b"}))
                      .bytes(12, valueInfo("b", {2}))),
       problems);
  EXPECT_EQ(textOf(problems),
            "model.onnx: nodes wait for each other in a cycle: 'n1', 'n2'; a "
            "model must be acyclic; break the cycle\n");
}

TEST(OnnxReader, ValuesDefinedTwiceOrNeverAreRefused) {
  Problems problems;
  read(modelProto(Message()
                      .bytes(1, nodeProto("Relu", "n1", {"x"}, {"a"}))
                      .bytes(1, nodeProto("Add", "n2", {"x", "gone"}, {"a"}))
                      .bytes(11, valueInfo("x", {2}))
                      .bytes(12, valueInfo("nowhere", {2}))),
       problems);
  EXPECT_EQ(textOf(problems),
            "model.onnx: node 'n2' (Add): value 'a' is defined twice; give "
            "every value one producer\n"
            "model.onnx: node 'n2' (Add): reads 'gone', which nothing defines; "
            "name an input, an initialiser or another node's output\n"
            "model.onnx: nothing computes the model's output 'nowhere'; name a "
            "node's output\n");
}

TEST(OnnxReader, OpsetsOutsideTheTableAreUnsupported) {
  for (int opset : {0, 22}) {
    Problems problems;
    read(modelProto(Message()
                        .bytes(1, nodeProto("Relu", "", {"x"}, {"a"}))
                        .bytes(11, valueInfo("x", {2}))
                        .bytes(12, valueInfo("a", {2})),
                    opset),
         problems);
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].code, mpcrt::Code::Unsupported);
    EXPECT_THAT(problems[0].message, HasSubstr("expected 1 to 21"));
  }
}

// A cut file is refused, or (where the cut falls between two fields of the
// model) is a shorter message that lacks its graph or its opset.
TEST(OnnxReader, TruncationIsAProblemAtEveryLength) {
  for (const char *file : {"mlp.legacy.onnx", "cnn.dynbatch.onnx"}) {
    auto map = FileMap::open(inputPath(file));
    ASSERT_TRUE(map.ok());
    for (size_t size = 0; size < map->bytes().size(); size += 97) {
      Problems problems;
      readOnnx(map->bytes().first(size), "model.onnx", problems);
      ASSERT_FALSE(problems.empty()) << file << " cut at " << size;
      EXPECT_NE(problems[0].code, mpcrt::Code::Internal);
    }
  }
}

TEST(OnnxReader, FlippedBytesDoNotCrashTheImport) {
  auto map = FileMap::open(inputPath("cnn.dynbatch.onnx"));
  ASSERT_TRUE(map.ok());
  std::span<const std::byte> bytes = map->bytes();
  std::string text(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  for (size_t at = 0; at < text.size(); at += 3)
    for (int flip : {0x01, 0x80, 0xff}) {
      std::string damaged = text;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      Problems problems;
      auto graph = read(damaged, problems);
      if (!graph)
        continue;
      mlir::MLIRContext context;
      ImportOptions options;
      options.shapes = {"batch=2"};
      ImportResult result =
          importGraph(context, std::move(*graph), options, problems);
      EXPECT_NE(result.code(), mpcrt::Code::Internal)
          << "byte " << at << " xor " << flip;
    }
}

// A folder for external data, removed at the end.
class ExternalData : public testing::Test {
protected:
  void SetUp() override {
    folder = testing::TempDir() + "external_data_" +
             testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder + "/model");
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void write(const std::string &name, const std::string &bytes) {
    std::ofstream(folder + "/" + name, std::ios::binary) << bytes;
  }
  // A model whose weight w of 3 floats lies at `offset` of `location`.
  std::string modelWith(const std::string &location, int offset = 4) {
    auto entry = [](const char *key, const std::string &value) {
      return Message().bytes(1, key).bytes(2, value);
    };
    Message weight = tensorProto("w", 1, {3})
                         .bytes(13, entry("location", location))
                         .bytes(13, entry("offset", std::to_string(offset)))
                         .bytes(13, entry("length", "12"))
                         .varint(14, 1);
    write("model/m.onnx",
          modelProto(Message()
                         .bytes(1, nodeProto("Add", "sum", {"x", "w"}, {"y"}))
                         .bytes(5, weight)
                         .bytes(11, valueInfo("x", {2, 3}))
                         .bytes(12, valueInfo("y", {2, 3}))));
    return folder + "/model/m.onnx";
  }
  std::string problemsOf(const std::string &path) {
    Problems problems;
    auto graph = readModel(path, problems);
    std::string text;
    for (const Problem &problem : problems) {
      EXPECT_EQ(problem.code, mpcrt::Code::InvalidData);
      text += problem.message;
    }
    return text;
  }

  std::string folder;
};

TEST_F(ExternalData, IsReadFromItsOffset) {
  write("model/w.bin", asBytes<float>({0, 1, 2, 3}));
  auto source = WeightSource::open(modelWith("w.bin"));
  ASSERT_TRUE(source.ok()) << source.status().message();
  std::vector<float> elements(3);
  mpcrt::Status status =
      source->copy("w", std::as_writable_bytes(std::span(elements)));
  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_THAT(elements, ElementsAre(1, 2, 3));
}

TEST_F(ExternalData, ShortFileNamesTensorAndBytes) {
  write("model/w.bin", asBytes<float>({0, 1, 2}));
  EXPECT_EQ(problemsOf(modelWith("w.bin")),
            "tensor 'w' wants 12 bytes at offset 4 of 'w.bin', which has 12 "
            "bytes; the file is incomplete, copy or export it again");
}

TEST_F(ExternalData, AbsentFileLeavesTheWeightWithoutBytes) {
  Problems problems;
  auto graph = readModel(modelWith("w.bin"), problems);
  ASSERT_TRUE(graph && problems.empty());
  EXPECT_EQ(graph->tensors[0].bytes.place, TensorBytes::Place::None);
  EXPECT_EQ(graph->absentFiles.at("w.bin"), 1);
}

TEST_F(ExternalData, MayNotLeaveTheModelsFolder) {
  write("secret.bin", asBytes<float>({0, 1, 2, 3}));
  EXPECT_THAT(problemsOf(modelWith("../secret.bin")), HasSubstr("'..'"));
  EXPECT_THAT(problemsOf(modelWith(folder + "/secret.bin")),
              HasSubstr("absolute path"));
  std::filesystem::create_symlink("../secret.bin", folder + "/model/link.bin");
  EXPECT_THAT(problemsOf(modelWith("link.bin")), HasSubstr("symbolic link"));
  std::filesystem::create_hard_link(folder + "/secret.bin",
                                    folder + "/model/hard.bin");
  EXPECT_THAT(problemsOf(modelWith("hard.bin")), HasSubstr("hard link"));
}

TEST_F(ExternalData, MayNotPassALinkedFolder) {
  std::filesystem::create_directories(folder + "/model/real/deep");
  write("model/real/deep/w.bin", asBytes<float>({0, 1, 2, 3}));
  EXPECT_EQ(problemsOf(modelWith("./real//deep/w.bin")), "");
  std::filesystem::create_directory_symlink("real", folder + "/model/link");
  EXPECT_THAT(problemsOf(modelWith("link/deep/w.bin")),
              HasSubstr("symbolic link"));
}

TEST_F(ExternalData, MustBeARegularFile) {
  std::filesystem::create_directory(folder + "/model/w.bin");
  EXPECT_THAT(problemsOf(modelWith("w.bin")), HasSubstr("regular file"));
}

TEST(WeightSource, CopiesRawAndTypedElements) {
  std::string path = testing::TempDir() + "weights.onnx";
  Message typed = tensorProto("typed", 1, {2});
  typed.bytes(4, asBytes<float>({5, 6}));
  Message raw = tensorProto("raw", 1, {2});
  raw.bytes(9, asBytes<float>({7, 8}));
  std::ofstream(path, std::ios::binary)
      << modelProto(Message()
                        .bytes(1, nodeProto("Relu", "", {"x"}, {"y"}))
                        .bytes(5, typed)
                        .bytes(5, raw)
                        .bytes(11, valueInfo("x", {2}))
                        .bytes(12, valueInfo("y", {2})));
  auto source = WeightSource::open(path);
  ASSERT_TRUE(source.ok()) << source.status().message();
  std::vector<float> elements(2);
  auto out = std::as_writable_bytes(std::span(elements));
  ASSERT_TRUE(source->copy("typed", out).ok());
  EXPECT_THAT(elements, ElementsAre(5, 6));
  ASSERT_TRUE(source->copy("raw", out).ok());
  EXPECT_THAT(elements, ElementsAre(7, 8));
  EXPECT_EQ(source->copy("other", out).code(), mpcrt::Code::InvalidData);
  EXPECT_THAT(source->copy("raw", out.first(4)).message(),
              HasSubstr("needs 4 bytes, but the file holds 8"));
}

TEST(WeightSource, InlineDataOfTheWrongSizeIsRefused) {
  Message raw = tensorProto("w", 1, {2});
  raw.bytes(9, asBytes<float>({7}));
  Problems problems;
  read(modelProto(Message()
                      .bytes(1, nodeProto("Relu", "", {"x"}, {"y"}))
                      .bytes(5, raw)
                      .bytes(11, valueInfo("x", {2}))
                      .bytes(12, valueInfo("y", {2}))),
       problems);
  EXPECT_THAT(textOf(problems),
              HasSubstr("tensor 'w' needs 8 bytes, but the file holds 4"));
}

} // namespace
