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
  Target gpu;
  gpu.target = "sm_90a";
  gpu.isa = "sm_90a";
  gpu.image = "image.sm_90a";
  gpu.arenaBytes = 4096;
  gpu.buffers = cpu.buffers;
  Kernel gemm;
  gemm.name = "gemm";
  gemm.grid = {7, 2, 1};
  gemm.block = {128, 3, 1};
  gemm.sharedBytes = 232448;
  gemm.maps = {{0, DType::F32, {64, 10}, {256}, {32, 10}, 128},
               {1, DType::U8, {64, 4, 8}, {1024, 64}, {16, 1, 1}, 0}};
  gemm.access = "rrrw-";
  gemm.waits = true;
  gpu.kernels = {gemm, {"copy"}};
  gpu.trainStep = {{0, 1, {0, 1, 2, 4, 5}, {"fc"}, "Gemm", "forward"}};
  gpu.forward = {{1, 1, {0, 1, 3, 6}, {"fc", "relu"}, "Relu", "forward"}};
  gpu.derive = {{1, 1, {0, 4}, {}, "Cast", "forward"}};
  manifest.targets = {cpu, gpu};
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
  const Kernel &gemm = read->targets[1].kernels[0];
  EXPECT_EQ(gemm.grid, (std::array<int64_t, 3>{7, 2, 1}));
  EXPECT_EQ(gemm.block, (std::array<int64_t, 3>{128, 3, 1}));
  EXPECT_EQ(gemm.sharedBytes, 232448);
  ASSERT_EQ(gemm.maps.size(), 2u);
  EXPECT_EQ(gemm.maps[1].dtype, DType::U8);
  EXPECT_EQ(gemm.maps[1].pitches, (std::vector<int64_t>{1024, 64}));
  EXPECT_EQ(gemm.maps[0].box, (std::vector<int64_t>{32, 10}));
  EXPECT_EQ(gemm.access, "rrrw-");
  EXPECT_TRUE(gemm.waits);
  EXPECT_FALSE(read->targets[1].kernels[1].waits);
}

TEST(Manifest, KernelsWaitOnHopperAlone) {
  EXPECT_REFUSED("kernels[0] waits, which only code for sm_90a can",
                 m.targets[1].target = "sm_80");
}

TEST(Manifest, KernelsWithoutAccessMayWriteEverything) {
  const Manifest manifest = sample();
  const Kernel &gemm = manifest.targets[1].kernels[0],
               &copy = manifest.targets[1].kernels[1];
  EXPECT_TRUE(gemm.reads(0) && !gemm.writes(0));
  EXPECT_TRUE(gemm.writes(3) && !gemm.reads(3));
  EXPECT_FALSE(gemm.writes(4) || gemm.reads(4));
  EXPECT_TRUE(copy.writes(0));
  EXPECT_EQ(manifest.toJson().find(R"("access":"")"), std::string::npos);
}

TEST(Manifest, AccessFitsTheArguments) {
  EXPECT_REFUSED("train_step.launches[0]: the access of 'gemm' names 4 "
                 "arguments, but there are 5",
                 m.targets[1].kernels[0].access = "rrrw");
  EXPECT_REFUSED("the access of 'gemm' is 'rrrx-', expected 'r', 'w' and '-' "
                 "alone",
                 m.targets[1].kernels[0].access = "rrrx-");
  EXPECT_REFUSED("which is an input, the label or a constant",
                 m.targets[1].kernels[0].access = "rwrw-");
  EXPECT_REFUSED("which is an input, the label or a constant",
                 m.targets[1].kernels[0].access = "rrww-");
  EXPECT_REFUSED("the access of 'copy' writes argument 3, which is an input, "
                 "the label or a constant",
                 m.targets[1].kernels[1].access = "rrww");
}

TEST(Manifest, WorkOfALaunchIsOptional) {
  Manifest manifest = sample();
  Launch &launch = manifest.targets[1].trainStep[0];
  launch.bytesRead = 5000000000;
  launch.bytesWritten = 7;
  launch.operations = 9;
  launch.type = "bf16";
  std::string text = manifest.toJson();
  Result<Manifest> read = Manifest::fromJson(text);
  ASSERT_TRUE(read.ok()) << read.status().message();
  const Launch &back = read->targets[1].trainStep[0];
  EXPECT_EQ(back.bytesRead, 5000000000);
  EXPECT_EQ(back.bytesWritten, 7);
  EXPECT_EQ(back.operations, 9);
  EXPECT_EQ(back.type, "bf16");
  const std::string work = R"(,"bytes_read":5000000000,"bytes_written":7,)"
                           R"("flops":9,"type":"bf16")";
  text.erase(text.find(work), work.size());
  read = Manifest::fromJson(text);
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->targets[1].trainStep[0].operations, 0);
  EXPECT_EQ(read->targets[1].trainStep[0].type, "f32");
  launch.operations = -1;
  EXPECT_FALSE(Manifest::fromJson(manifest.toJson()).ok());
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
            "artifact has format 1, this runtime reads format 3; compile the "
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
       {"format",       "producer", "model",      "training",    "inputs",
        "label",        "outputs",  "states",     "targets",     "report",
        "role",         "init",     "code_bytes", "arena_bytes", "kernels",
        "derive",       "seed",     "dtype",      "grid",        "block",
        "shared_bytes", "maps",     "pitches",    "swizzle"}) {
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

TEST(Manifest, GpuKernelsStayInTheLimitsOfCuda) {
  EXPECT_REFUSED("targets[1].kernels[0].grid[0] is 0, expected 1 to 2147483647",
                 m.targets[1].kernels[0].grid[0] = 0);
  EXPECT_REFUSED("targets[1].kernels[0].grid[2] is 65536, expected 1 to 65535",
                 m.targets[1].kernels[0].grid[2] = 65536);
  EXPECT_REFUSED("kernels[1].block[2] is 65, expected 1 to 64",
                 m.targets[1].kernels[1].block =
                     (std::array<int64_t, 3>{1, 1, 65}));
  EXPECT_REFUSED("is 1056, expected 1 to 1024",
                 m.targets[1].kernels[0].block =
                     (std::array<int64_t, 3>{32, 33, 1}));
  EXPECT_REFUSED("shared_bytes is 232449, expected 0 to 232448",
                 m.targets[1].kernels[0].sharedBytes = 232449);
}

TEST(Manifest, TensorMapsStayInTheLimitsOfCuda) {
  auto &&map = [](Manifest &m) -> TensorMap & {
    return m.targets[1].kernels[0].maps[0];
  };
  auto refused = [&](const std::function<void(TensorMap &)> &change) {
    return refusal([&](Manifest &m) { change(map(m)); });
  };
  EXPECT_PRED2(contains, refused([](TensorMap &m) { m.extents = {}; }),
               "maps[0] has 0 extents, 1 pitches and 2 sides of a box, "
               "expected 1 to 5 extents");
  EXPECT_PRED2(contains, refused([](TensorMap &m) {
                 m.extents.assign(6, 1);
                 m.pitches.assign(5, 16);
                 m.box.assign(6, 1);
               }),
               "maps[0] has 6 extents");
  EXPECT_PRED2(contains, refused([](TensorMap &m) { m.pitches = {264}; }),
               "has a pitch of 264 bytes, expected a multiple of 16");
  EXPECT_PRED2(contains, refused([](TensorMap &m) { m.box[1] = 257; }),
               "maps[0].box[1] is 257, expected 1 to 256");
  EXPECT_PRED2(contains, refused([](TensorMap &m) { m.box[0] = 33; }),
               "has a box with rows of 132 bytes");
  EXPECT_PRED2(contains, refused([](TensorMap &m) { m.swizzle = 64; }),
               "has a box with rows of 128 bytes");
  EXPECT_PRED2(contains, refused([](TensorMap &m) { m.swizzle = 96; }),
               "swizzle is 96, expected 0, 32, 64 or 128");
  EXPECT_PRED2(contains, refused([](TensorMap &m) { m.dtype = DType::F64; }),
               "has type F64, which no program holds");
}

TEST(Manifest, TensorMapsStayInTheirArguments) {
  EXPECT_REFUSED("map 0 of 'gemm' shows argument 5, but there are 5",
                 m.targets[1].kernels[0].maps[0].arg = 5);
  EXPECT_REFUSED("shows argument 0 up to byte 2816, but it has 2560",
                 m.targets[1].kernels[0].maps[0].extents[1] = 11);
  EXPECT_REFUSED(
      "train_step.launches[0]: map 1 of 'gemm' shows argument 1 up to byte",
      m.targets[1].kernels[0].maps[1].pitches = (std::vector<int64_t>{
          (int64_t(1) << 40) - 16, (int64_t(1) << 40) - 16}));
  // A constant's size is not the manifest's to know.
  EXPECT_EQ(refusal([](Manifest &m) { m.targets[1].trainStep[0].args[0] = 6; }),
            "accepted");
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
  add("image.sm_90a", DType::U8, {64});
  writer.addOwned("image.open", DType::U8, {{2}},
                  {std::byte('/'), std::byte('/')});
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
  EXPECT_PRED2(contains, artifactRefusal([](Manifest &m) {
                 m.targets[1].image = "absent";
               }),
               "needs a U8 tensor 'absent' of at least 1 bytes");
  EXPECT_PRED2(contains, artifactRefusal([](Manifest &m) {
                 m.targets[1].target = "ptx";
                 m.targets[1].kernels[0].waits = false;
                 m.targets[1].image = "image.open";
               }),
               "needs text that ends in a zero in 'image.open'");
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
