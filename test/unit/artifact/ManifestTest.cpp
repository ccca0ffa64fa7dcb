#include "runtime/artifact/Manifest.h"
#include "runtime/artifact/ContainerWriter.h"
#include "runtime/artifact/Digest.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

using namespace mpcrt;

namespace {
bool contains(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

Manifest sample() {
  Manifest manifest;
  manifest.producer = "mpc 0.1.0";
  manifest.model = {"digits", std::string(32, 'a')};
  manifest.training = {"fp16", "adam", "cross-entropy",
                       true,   32,     std::numeric_limits<uint64_t>::max()};
  manifest.inputs = {{"x", DType::F32, {32, 64}}};
  manifest.label = {{"y", DType::I64, {32}}, true, 10, 1, -100};
  manifest.outputs = {{"logits", DType::F32, {32, 10}}};
  StateSpec weight{{"w", DType::F32, {10, 64}},
                   Role::Parameter,
                   Init::uniform(0.1),
                   "",
                   "",
                   "fc"};
  StateSpec half{{"w.f16", DType::F16, {10, 64}},
                 Role::Derived,
                 Init::derive(),
                 "w",
                 "",
                 ""};
  StateSpec moment{
      {"w.m", DType::F32, {10, 64}}, Role::Moment, Init::fill(0), "", "w", ""};
  StateSpec rate{
      {"lr", DType::F32, {}}, Role::Hyper, Init::fill(1e-3), "", "", ""};
  StateSpec mean{{"mean", DType::F32, {4}},
                 Role::Statistic,
                 Init::data("state.mean"),
                 "",
                 "",
                 ""};
  manifest.states = {weight, half, moment, rate, mean};
  Target cpu;
  cpu.target = "cpu";
  cpu.isa = "x86-64-v3";
  cpu.features = {"avx2", "fma"};
  cpu.image = "image.cpu";
  cpu.codeBytes = 128;
  cpu.arenaBytes = 4096;
  cpu.buffers = {
      Buffer::state(0),           Buffer::input(0),       Buffer::label(),
      Buffer::output(0),          Buffer::arena(64, 128), Buffer::status(32, 4),
      Buffer::constant("const.0")};
  cpu.kernels = {{"gemm", 0}, {"copy", 64}};
  cpu.trainStep = {{0, 8, {0, 1, 2, 4, 5}, {"fc"}, "Gemm", "forward"}};
  cpu.forward = {{1, 1, {0, 1, 3, 6}, {"fc", "relu"}, "Relu", "forward"}};
  cpu.derive = {{1, 2, {0, 4}, {}, "Cast", "forward"}};
  manifest.targets = {cpu};
  manifest.report = R"({"ops":[1,2]})";
  return manifest;
}

std::string refusal(const std::function<void(Manifest &)> &change) {
  Manifest manifest = sample();
  change(manifest);
  Status status = manifest.validate();
  // What validate() refuses must be refused after a round trip too.
  EXPECT_EQ(Manifest::fromJson(manifest.toJson()).ok(), status.ok());
  return status.ok() ? "accepted" : status.message();
}

#define EXPECT_REFUSED(message, change)                                        \
  EXPECT_PRED2(contains, refusal([](Manifest &m) { change; }), message)
} // namespace

TEST(Manifest, SurvivesTheRoundTrip) {
  std::string text = sample().toJson();
  Result<Manifest> read = Manifest::fromJson(text);
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->toJson(), text);
  EXPECT_EQ(read->training.seed, std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(read->states[1].derivedFrom, "w");
  EXPECT_EQ(read->states[3].init.value, 1e-3);
  EXPECT_EQ(read->targets[0].trainStep[0].args,
            (std::vector<int64_t>{0, 1, 2, 4, 5}));
  EXPECT_EQ(read->report, R"({"ops":[1,2]})");
}

TEST(Manifest, LabelSmoothingIsOptional) {
  Manifest manifest = sample();
  EXPECT_EQ(manifest.toJson().find("label_smoothing"), std::string::npos);
  manifest.training.labelSmoothing = 0.125;
  Result<Manifest> read = Manifest::fromJson(manifest.toJson());
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->training.labelSmoothing, 0.125);
  manifest.training.labelSmoothing = 1;
  EXPECT_FALSE(Manifest::fromJson(manifest.toJson()).ok());
}

TEST(Manifest, ValueLabelsHaveNoClasses) {
  Manifest manifest = sample();
  manifest.label = {{"y", DType::F32, {32, 10}}, false, 0, 0, 0};
  std::string text = manifest.toJson();
  EXPECT_EQ(text.find("ignore_index"), std::string::npos);
  Result<Manifest> read = Manifest::fromJson(text);
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_FALSE(read->label.isClass);
}

TEST(Manifest, OtherFormatIsRefusedWithAdvice) {
  EXPECT_EQ(Manifest::fromJson(R"({"format": 1})").status().message(),
            "artifact has format 1, this runtime reads format 2; compile the "
            "model again");
}

TEST(Manifest, ErrorsNameThePlace) {
  std::string text = sample().toJson();
  size_t where = text.find("\"tiles\":8");
  text.replace(where, 9, "\"tiles\":-8");
  EXPECT_EQ(Manifest::fromJson(text).status().message(),
            "manifest.targets[0].entries.train_step.launches[0].tiles is -8, "
            "expected an integer of at least 0");
}

TEST(Manifest, EveryTruncationIsRefused) {
  std::string text = sample().toJson();
  for (size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(Manifest::fromJson(text.substr(0, size)).ok()) << size;
}

TEST(Manifest, EveryAbsentKeyIsRefused) {
  for (const char *key :
       {"format", "producer", "model", "training", "inputs", "label", "outputs",
        "states", "targets", "report", "role", "init", "code_bytes",
        "arena_bytes", "kernels", "derive", "seed", "dtype"}) {
    std::string text = sample().toJson();
    std::string quoted = "\"" + std::string(key) + "\":";
    size_t where = text.find(quoted);
    ASSERT_NE(where, std::string::npos) << key;
    text.replace(where, quoted.size(), "\"absent\":");
    EXPECT_PRED2(contains, Manifest::fromJson(text).status().message(),
                 std::string("has no '") + key + "'");
  }
}

TEST(Manifest, BuffersStayInRange) {
  EXPECT_REFUSED("is state 5, but there are 5",
                 m.targets[0].buffers[0].index = 5);
  EXPECT_REFUSED("is input 1, but there are 1",
                 m.targets[0].buffers[1].index = 1);
  EXPECT_REFUSED("is output 9", m.targets[0].buffers[3].index = 9);
  EXPECT_REFUSED("covers 4033 bytes at offset 64, but there are 4096",
                 m.targets[0].buffers[4].bytes = 4033);
  EXPECT_REFUSED("has offset 32, expected a multiple of 64",
                 m.targets[0].buffers[4].offset = 32);
  EXPECT_REFUSED("covers 4 bytes at offset 256, but there are 256",
                 m.targets[0].buffers[5].offset = 256);
  EXPECT_REFUSED("covers", m.targets[0].buffers[4] = Buffer::arena(
                               std::numeric_limits<int64_t>::max() & ~63, 128));
}

TEST(Manifest, LaunchesStayInRange) {
  EXPECT_REFUSED("runs kernel 2, but there are 2",
                 m.targets[0].trainStep[0].kernel = 2);
  EXPECT_REFUSED("takes buffer 7, but there are 7",
                 m.targets[0].forward[0].args[0] = 7);
  EXPECT_REFUSED("starts at byte 128, but the code has 128",
                 m.targets[0].kernels[1].offset = 128);
}

TEST(Manifest, EntriesTakeOnlyWhatTheyHave) {
  EXPECT_REFUSED("which 'train_step' does not have",
                 m.targets[0].trainStep[0].args = {3});
  EXPECT_REFUSED("which 'forward' does not have",
                 m.targets[0].forward[0].args = {2});
  EXPECT_REFUSED("which 'forward' does not have",
                 m.targets[0].forward[0].args = {5});
  EXPECT_REFUSED("which 'derive' does not have",
                 m.targets[0].derive[0].args = {1});
}

TEST(Manifest, StatesHoldTogether) {
  EXPECT_REFUSED("state 'w' stands twice", m.states[2].name = "w");
  EXPECT_REFUSED("derived from 'v', which is no state",
                 m.states[1].derivedFrom = "v");
  EXPECT_REFUSED("come only together", m.states[1].init = Init::fill(0));
  EXPECT_REFUSED("come only together", m.states[0].derivedFrom = "lr");
  EXPECT_REFUSED("belongs to parameter 'v'", m.states[2].parameter = "v");
  EXPECT_REFUSED("random recipes need F32", m.states[0].dtype = DType::I64);
  EXPECT_REFUSED("random recipes need F32", m.states[0].init.value = -1);
  EXPECT_REFUSED("hyper-parameters are F32 scalars", m.states[3].shape = {2});
}

TEST(Manifest, TensorsFitTheProgram) {
  EXPECT_REFUSED("has rank 9, expected at most 8",
                 m.inputs[0].shape.assign(9, 1));
  EXPECT_REFUSED("overflows", m.outputs[0].shape.assign(8, 1 << 30));
  EXPECT_REFUSED("has type F64", m.inputs[0].dtype = DType::F64);
  EXPECT_REFUSED("class labels are I64", m.label.dtype = DType::I32);
}

namespace {
std::string artifactRefusal(const std::function<void(Manifest &)> &change,
                            std::string_view kind = artifactKind) {
  Manifest manifest = sample();
  change(manifest);
  ContainerWriter writer;
  writer.setMetadata(kindKey, std::string(kind));
  writer.setMetadata(manifestKey, manifest.toJson());
  auto add = [&](const char *name, DType type, std::vector<int64_t> shape) {
    writer.addOwned(name, type, shape,
                    std::vector<std::byte>(*tensorBytes(type, shape)));
  };
  add("image.cpu", DType::U8, {130});
  add("state.mean", DType::F32, {4});
  add("const.0", DType::F32, {1});
  writer.seal();
  std::vector<std::byte> bytes = *writer.bytes();
  Result<Container> file =
      Container::fromMemory(bytes.data(), bytes.size(), "a.mpx");
  Result<Manifest> read = readArtifact(*file);
  return read.ok() ? "accepted" : read.status().message();
}
} // namespace

TEST(Artifact, IsCheckedAgainstItsTensors) {
  EXPECT_EQ(artifactRefusal([](Manifest &) {}), "accepted");
  EXPECT_PRED2(contains, artifactRefusal([](Manifest &m) {
                 m.states[4].init.tensor = "absent";
               }),
               "needs tensor 'absent', which the file lacks");
  EXPECT_PRED2(contains,
               artifactRefusal([](Manifest &m) { m.states[4].shape = {5}; }),
               "is F32 5, but tensor 'state.mean' is F32 4");
  EXPECT_PRED2(contains, artifactRefusal([](Manifest &m) {
                 m.targets[0].codeBytes = 131;
               }),
               "of at least 131 bytes");
  EXPECT_PRED2(contains, artifactRefusal([](Manifest &m) {
                 m.targets[0].buffers[6].tensor = "absent";
               }),
               "needs tensor 'absent'");
}

TEST(Artifact, OtherKindsAreRefused) {
  EXPECT_PRED2(contains, artifactRefusal([](Manifest &) {}, checkpointKind),
               "is a checkpoint, expected an artifact");
}

TEST(CheckpointManifest, SurvivesTheRoundTrip) {
  CheckpointManifest manifest;
  manifest.model = {"digits", "d"};
  manifest.training.precision = "bf16";
  manifest.loop = {3, 128, 500, 1, 0xffffffffffffffffull};
  manifest.digest = std::string(32, '0');
  Result<CheckpointManifest> read =
      CheckpointManifest::fromJson(manifest.toJson());
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->toJson(), manifest.toJson());
  EXPECT_EQ(read->loop.shuffleSeed, 0xffffffffffffffffull);
}

TEST(Digest, IsTheHashThatXxhsumPrints) {
  // printf '' | xxhsum -H2
  EXPECT_EQ(Digest().hex(), "99aa06d3014798d86001c324468d497f");
}

TEST(Digest, DependsOnlyOnTheConcatenation) {
  Digest whole, parts;
  whole.update("abcdef", 6);
  parts.update("abc", 3);
  parts.update("", 0);
  parts.update("def", 3);
  EXPECT_EQ(whole.hex(), parts.hex());
  EXPECT_NE(whole.hex(), Digest().hex());
}
