#include "runtime/artifact/Container.h"
#include "runtime/artifact/ContainerWriter.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sys/resource.h>
#include <unistd.h>

using namespace mpcrt;

namespace {
using Bytes = std::vector<std::byte>;

// A file of `header` and `data`, as the format lays it out.
Bytes file(const std::string &header, size_t data = 0) {
  Bytes bytes(8 + header.size() + data);
  for (size_t i = 0; i < 8; ++i)
    bytes[i] = std::byte(uint64_t(header.size()) >> (8 * i));
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  return bytes;
}

std::string refusal(const Bytes &bytes) {
  Result<Container> container =
      Container::fromMemory(bytes.data(), bytes.size(), "x");
  if (container.ok())
    return "accepted";
  EXPECT_EQ(container.status().code(), Code::Damaged);
  return container.status().message();
}

std::string refusal(const std::string &header, size_t data = 0) {
  return refusal(file(header, data));
}

bool contains(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

#define EXPECT_REFUSED(message, ...)                                           \
  EXPECT_PRED2(contains, refusal(__VA_ARGS__), message)

ContainerWriter sample(size_t alignment = 64) {
  static const float weights[] = {1, 2, 3, 4, 5, 6};
  static const int64_t step = 7;
  const int64_t shape[] = {2, 3};
  ContainerWriter writer(alignment);
  writer.setMetadata("mpc.kind", "weights");
  writer.setMetadata("note", "a \"quoted\" text");
  writer.add("w", DType::F32, shape, weights, sizeof weights);
  writer.add("step", DType::I64, {}, &step, sizeof step);
  const int64_t none[] = {0, 4};
  writer.add("empty", DType::F16, none, nullptr, 0);
  writer.addOwned("bytes", DType::U8, std::vector<int64_t>{3}, Bytes(3));
  return writer;
}

struct Folder {
  Folder() {
    char name[] = "/tmp/mpc-container-XXXXXX";
    path = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  size_t files() const {
    return size_t(std::distance(std::filesystem::directory_iterator(path), {}));
  }
  std::filesystem::path path;
};
} // namespace

TEST(Container, ReadsWhatTheWriterWrote) {
  Bytes bytes = *sample().bytes();
  Result<Container> read =
      Container::fromMemory(bytes.data(), bytes.size(), "x");
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(*read->metadata("mpc.kind"), "weights");
  EXPECT_EQ(*read->metadata("note"), "a \"quoted\" text");
  EXPECT_EQ(read->metadata("absent"), nullptr);
  EXPECT_EQ(read->tensors().size(), 4u);
  const ContainerTensor *w = read->find("w");
  ASSERT_NE(w, nullptr);
  EXPECT_EQ(w->dtype, DType::F32);
  EXPECT_EQ(w->shape, (std::vector<int64_t>{2, 3}));
  float last;
  std::memcpy(&last, w->data + 20, 4);
  EXPECT_EQ(last, 6.0f);
  EXPECT_EQ(read->find("empty")->bytes, 0u);
  EXPECT_EQ(read->find("_pad.0"), nullptr);
}

TEST(Container, TensorsStartAtMultiplesOfTheAlignment) {
  Bytes bytes = *sample(64).bytes();
  Result<Container> read =
      Container::fromMemory(bytes.data(), bytes.size(), "x");
  for (const ContainerTensor &tensor : read->tensors())
    EXPECT_EQ((tensor.data - bytes.data()) % 64, 0) << tensor.name;
}

TEST(Container, AlignmentOfOneWritesNoPadding) {
  Bytes bytes = *sample(1).bytes();
  std::string text(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  EXPECT_EQ(text.find("_pad."), std::string::npos);
}

TEST(Container, EqualInputGivesEqualBytes) {
  EXPECT_EQ(*sample().bytes(), *sample().bytes());
}

TEST(Container, EveryTruncationIsRefused) {
  Bytes bytes = *sample().bytes();
  for (size_t size = 0; size < bytes.size(); ++size) {
    // A copy of its own, so that a sanitizer sees a read beyond the end.
    Bytes part(bytes.begin(), bytes.begin() + long(size));
    EXPECT_FALSE(Container::fromMemory(part.data(), size, "x").ok()) << size;
  }
}

TEST(Container, EverySingleByteChangeIsReadOrRefusedButNeverFollowed) {
  Bytes bytes = *sample().bytes();
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (int value : {0x00, 0x22, 0x2d, 0x39, 0x7b, 0x7d, 0xff}) {
      Bytes changed = bytes;
      changed[i] = std::byte(value);
      Result<Container> read =
          Container::fromMemory(changed.data(), changed.size(), "x");
      if (!read.ok())
        continue;
      for (const ContainerTensor &tensor : read->tensors()) {
        EXPECT_GE(tensor.data, changed.data());
        EXPECT_LE(tensor.data + tensor.bytes, changed.data() + changed.size());
      }
    }
  }
}

TEST(Container, HeaderLengthBeyondTheFileIsRefused) {
  Bytes bytes = file("{}");
  bytes[7] = std::byte(0xff);
  EXPECT_REFUSED("its header claims", bytes);
  bytes = file("{}");
  bytes[0] = std::byte(3);
  EXPECT_REFUSED("its header claims 3 bytes", bytes);
}

TEST(Container, HeaderThatIsNotAnObjectIsRefused) {
  EXPECT_REFUSED("does not begin with '{'", "[]");
  EXPECT_REFUSED("does not begin with '{'", " {}");
  EXPECT_REFUSED("not valid JSON", "{");
  EXPECT_REFUSED("not valid JSON", "{}x");
}

TEST(Container, EmptyObjectIsAnEmptyContainer) {
  EXPECT_EQ(refusal("{}  "), "accepted");
}

TEST(Container, DeepNestingIsRefused) {
  EXPECT_REFUSED("nests deeper", "{\"a\":" + std::string(100000, '['));
}

TEST(Container, NameUsedTwiceIsRefused) {
  std::string one = R"({"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
  EXPECT_REFUSED("the key 'a' twice", "{\"a\":" + one + ",\"a\":" + one + "}",
                 1);
}

TEST(Container, HoleIsRefused) {
  EXPECT_REFUSED("begins at byte 1, expected 0",
                 R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})", 2);
  EXPECT_REFUSED("end at byte 1, but the file holds 2",
                 R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 2);
}

TEST(Container, OverlapIsRefused) {
  EXPECT_REFUSED("begins at byte 1, expected 2",
                 R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                 R"("b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
                 3);
}

TEST(Container, RangeBeyondTheFileIsRefused) {
  EXPECT_REFUSED("but the file holds 1 bytes",
                 R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", 1);
  EXPECT_REFUSED("but the file holds 1 bytes",
                 R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[1,0]}})", 1);
}

TEST(Container, SizeThatDoesNotFitTheShapeIsRefused) {
  EXPECT_REFUSED("has 4 bytes, but F32 2 needs 8",
                 R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})",
                 4);
}

TEST(Container, ShapeThatOverflowsIsRefused) {
  // 2^32 * 2^32 elements wrap to 0 in 64 bits, 2^62 of 4 bytes in bytes.
  EXPECT_REFUSED(
      "overflows",
      R"({"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}})");
  EXPECT_REFUSED(
      "overflows",
      R"({"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}})");
}

TEST(Container, MalformedRecordIsRefused) {
  EXPECT_REFUSED("unknown dtype 'F31'",
                 R"({"a":{"dtype":"F31","shape":[],"data_offsets":[0,0]}})");
  EXPECT_REFUSED("has no 'shape'",
                 R"({"a":{"dtype":"U8","data_offsets":[0,0]}})");
  EXPECT_REFUSED("expected an integer of at least 0",
                 R"({"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,0]}})");
  EXPECT_REFUSED("expected an integer",
                 R"({"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}})",
                 1);
  EXPECT_REFUSED("is not a pair",
                 R"({"a":{"dtype":"U8","shape":[],"data_offsets":[0]}})");
  EXPECT_REFUSED("is not an object", R"({"a":3})");
  EXPECT_REFUSED("'n' is not a string", R"({"__metadata__":{"n":3}})");
}

TEST(Container, AbsentFileIsAFileError) {
  Status status = Container::open("/nonexistent/x.safetensors").status();
  EXPECT_EQ(status.code(), Code::File);
  EXPECT_PRED2(contains, status.message(), "No such file");
  EXPECT_EQ(Container::open("/tmp").status().code(), Code::File);
}

TEST(ContainerWriter, ReplacesAFileAndLeavesNothingElse) {
  Folder folder;
  std::string path = folder.path / "a.safetensors";
  ASSERT_TRUE(sample().write(path).ok());
  ASSERT_TRUE(sample(1).write(path).ok());
  EXPECT_EQ(folder.files(), 1u);
  Result<Container> read = Container::open(path);
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->tensors().size(), 4u);
}

TEST(ContainerWriter, FullDiskLeavesTheOldFileAndNoTemporary) {
  Folder folder;
  std::string path = folder.path / "a.safetensors";
  ASSERT_TRUE(sample().write(path).ok());
  ContainerWriter large;
  large.addOwned("large", DType::U8, std::vector<int64_t>{1 << 20},
                 Bytes(1 << 20));
  // A limit on the size of files stands in for the full disk: write(2) stops
  // short and then fails.
  rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = {65536, before.rlim_max};
  auto handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  Status status = large.write(path);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(status.code(), Code::File);
  EXPECT_PRED2(contains, status.message(), "cannot write");
  EXPECT_EQ(folder.files(), 1u);
  EXPECT_NE(Container::open(path)->find("w"), nullptr);
}

TEST(ContainerWriter, UnwritableFolderIsAFileError) {
  EXPECT_EQ(sample().write("/nonexistent/x.safetensors").code(), Code::File);
}

TEST(ContainerWriter, MistakesAreRefused) {
  auto add = [](const char *name, size_t bytes) {
    ContainerWriter writer;
    writer.addOwned("first", DType::U8, std::vector<int64_t>{1}, Bytes(1));
    writer.addOwned(name, DType::U8, std::vector<int64_t>{1}, Bytes(bytes));
    return writer.bytes().status().message();
  };
  EXPECT_EQ(add("second", 1), "");
  EXPECT_PRED2(contains, add("first", 1), "written twice");
  EXPECT_PRED2(contains, add("second", 2), "not the size of U8 1");
  EXPECT_PRED2(contains, add("_pad.0", 1), "reserves");
  EXPECT_PRED2(contains, add("__metadata__", 1), "reserves");
  EXPECT_PRED2(contains, add("\xff", 1), "not UTF-8");
}
