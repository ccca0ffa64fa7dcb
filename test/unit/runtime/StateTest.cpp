// States by name, hyper-parameters, checkpoints and weights.
#include "runtime/artifact/ContainerWriter.h"
#include "test/unit/runtime/program/TestProgram.h"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>

using namespace mpcrt;
using namespace mpcrt::test;

TEST(State, SettingAParameterRecomputesWhatIsDerived) {
  Opened program;
  std::vector<float> w(elements, 3.0f);
  ASSERT_EQ(mpcrt_set(program, "w", w.data(), w.size() * 4), MPCRT_OK);
  EXPECT_EQ(program.floats("w.twice"), std::vector<float>(elements, 6.0f));
}

TEST(State, MistakesAreRefused) {
  Opened program;
  std::vector<float> w(elements);
  size_t bytes = w.size() * 4;
  EXPECT_EQ(mpcrt_set(program, "v", w.data(), bytes), MPCRT_USAGE);
  EXPECT_EQ(program.error(),
            "no state is named 'v'; mpc inspect lists the states");
  EXPECT_EQ(mpcrt_get(program, "w", w.data(), bytes - 4), MPCRT_USAGE);
  EXPECT_EQ(program.error(),
            "'w' is F32 4x4096 with 65536 bytes, but the buffer has 65532");
  EXPECT_EQ(mpcrt_set(program, "w.twice", w.data(), bytes), MPCRT_USAGE);
  EXPECT_EQ(program.error(), "'w.twice' is computed from 'w'; set that");
  EXPECT_EQ(mpcrt_get(program, "w", nullptr, bytes), MPCRT_USAGE);
  EXPECT_EQ(mpcrt_get(program, nullptr, w.data(), bytes), MPCRT_USAGE);
}

TEST(Hyper, IsReadAndSetByName) {
  Opened program;
  double value = 0;
  ASSERT_EQ(mpcrt_set_hyper(program, "lr", 0.125), MPCRT_OK);
  ASSERT_EQ(mpcrt_get_hyper(program, "lr", &value), MPCRT_OK);
  EXPECT_EQ(value, 0.125);
  EXPECT_EQ(program.step(0).lr, 0.125f);
  EXPECT_EQ(mpcrt_get_hyper(program, "momentum", &value), MPCRT_USAGE);
  EXPECT_EQ(program.error(), "no hyper-parameter is named 'momentum'; this "
                             "program has lr, loss_scale");
}

TEST(Hyper, RangeHoldsForRawBytesToo) {
  Opened program;
  float rate = -1;
  EXPECT_EQ(mpcrt_set(program, "lr", &rate, sizeof rate), MPCRT_USAGE);
  EXPECT_EQ(program.error(),
            "lr cannot be -1; expected a finite number of at least 0");
}

TEST(Hyper, LossScaleIsAPowerOfTwoWithinItsLimits) {
  Manifest manifest = sampleManifest();
  StateSpec limit;
  limit.role = Role::Hyper;
  limit.name = "scale_max";
  limit.init = Init::fill(1024);
  manifest.states.push_back(limit);
  Opened program(manifest);
  EXPECT_EQ(mpcrt_set_hyper(program, "loss_scale", 1024), MPCRT_OK);
  EXPECT_EQ(mpcrt_set_hyper(program, "loss_scale", 2048), MPCRT_USAGE);
  EXPECT_EQ(program.error(), "loss_scale cannot be 2048; expected a power of "
                             "two of at least 1 and at most 1024");
  EXPECT_EQ(mpcrt_set_hyper(program, "loss_scale", 0.5), MPCRT_USAGE);
  EXPECT_EQ(mpcrt_set_hyper(program, "loss_scale", 96), MPCRT_USAGE);
}

TEST(Digest, CoversModelStateAndNothingElse) {
  Opened program;
  std::string before = program.digest();
  mpcrt_set_hyper(program, "lr", 0.1);
  mpcrt_set_hyper(program, "loss_scale", 4);
  EXPECT_EQ(program.digest(), before);
  std::vector<float> mean = {1, 2, 4};
  mpcrt_set(program, "mean", mean.data(), 12);
  EXPECT_NE(program.digest(), before);
}

TEST(Checkpoint, ResumeIsExactToTheByte) {
  Folder folder;
  std::string whole = folder.file("whole"), half = folder.file("half"),
              resumed = folder.file("resumed");
  mpcrt_loop loop = {1, 2, 3, 4, 5};
  {
    Opened program(1);
    for (int i = 0; i < 10; ++i)
      program.step(i);
    ASSERT_EQ(mpcrt_save(program, whole.c_str(), &loop), MPCRT_OK);
  }
  {
    Opened program(2);
    for (int i = 0; i < 5; ++i)
      program.step(i);
    ASSERT_EQ(mpcrt_save(program, half.c_str(), nullptr), MPCRT_OK);
  }
  Opened program(sampleManifest(), {1, nullptr, 1, 99});
  ASSERT_EQ(mpcrt_load(program, half.c_str(), nullptr), MPCRT_OK)
      << program.error();
  for (int i = 5; i < 10; ++i)
    program.step(i);
  ASSERT_EQ(mpcrt_save(program, resumed.c_str(), &loop), MPCRT_OK);
  EXPECT_EQ(readFile(whole), readFile(resumed));
}

TEST(Checkpoint, KeepsTheCallersLoop) {
  Folder folder;
  std::string path = folder.file("a");
  Opened program;
  mpcrt_loop loop = {1, 2, 3, 4, 0xfffffffffffffff5ull}, read = {};
  ASSERT_EQ(mpcrt_save(program, path.c_str(), &loop), MPCRT_OK);
  ASSERT_EQ(mpcrt_load(program, path.c_str(), &read), MPCRT_OK);
  EXPECT_EQ(read.epoch, 1);
  EXPECT_EQ(read.position, 2);
  EXPECT_EQ(read.attempted_steps, 3);
  EXPECT_EQ(read.consecutive_skips, 4);
  EXPECT_EQ(read.shuffle_seed, 0xfffffffffffffff5ull);
}

TEST(Checkpoint, HoldsNoDerivedState) {
  Folder folder;
  std::string path = folder.file("a");
  Opened program;
  ASSERT_EQ(mpcrt_save(program, path.c_str(), nullptr), MPCRT_OK);
  Result<Container> file = Container::open(path);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->find("w.twice"), nullptr);
  EXPECT_NE(file->find("skipped_steps"), nullptr);
}

TEST(Checkpoint, MismatchNamesEveryDifferenceAndChangesNothing) {
  Folder folder;
  std::string path = folder.file("a");
  Manifest other = sampleManifest();
  other.training.precision = "bf16";
  other.states[6].shape = {3, 1};
  other.states[6].init = Init::fill(0);
  other.states[7].name = "thawed";
  Opened saved(other);
  ASSERT_EQ(mpcrt_save(saved, path.c_str(), nullptr), MPCRT_OK)
      << saved.error();

  Opened program;
  program.step(0);
  std::string before = program.digest();
  EXPECT_EQ(mpcrt_load(program, path.c_str(), nullptr), MPCRT_DAMAGED);
  EXPECT_EQ(program.error(),
            "'" + path +
                "' does not fit this program; use the artifact that saved it\n"
                "  (precision): found bf16, expected fp16\n"
                "  mean: found F32 3x1, expected F32 3\n"
                "  frozen: found nothing, expected F32 20001\n"
                "  thawed: found F32 20001, expected nothing");
  EXPECT_EQ(program.digest(), before);
}

TEST(Checkpoint, ChangedBytesAreNoticed) {
  Folder folder;
  std::string path = folder.file("a");
  Opened program;
  ASSERT_EQ(mpcrt_save(program, path.c_str(), nullptr), MPCRT_OK);
  std::vector<char> bytes = readFile(path);
  bytes[bytes.size() - 3] ^= 1;
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), std::streamsize(bytes.size()));
  EXPECT_EQ(mpcrt_load(program, path.c_str(), nullptr), MPCRT_DAMAGED);
  EXPECT_PRED2(contains, program.error(), "its content has checksum");
}

TEST(Checkpoint, UnwritablePlaceIsAFileError) {
  Opened program;
  EXPECT_EQ(mpcrt_save(program, "/nonexistent/a", nullptr), MPCRT_FILE);
  EXPECT_EQ(mpcrt_load(program, "/nonexistent/a", nullptr), MPCRT_FILE);
}

TEST(Weights, GoFromProgramToProgram) {
  Folder folder;
  std::string weights = folder.file("w"), checkpoint = folder.file("c");
  Opened trained;
  trained.step(0);
  ASSERT_EQ(mpcrt_save_weights(trained, weights.c_str()), MPCRT_OK);
  ASSERT_EQ(mpcrt_save(trained, checkpoint.c_str(), nullptr), MPCRT_OK);
  for (const std::string &path : {weights, checkpoint}) {
    Opened fresh(sampleManifest(), {1, nullptr, 1, 99});
    ASSERT_NE(fresh.floats("w"), trained.floats("w"));
    ASSERT_EQ(mpcrt_load_weights(fresh, path.c_str()), MPCRT_OK);
    EXPECT_EQ(fresh.floats("w"), trained.floats("w"));
    EXPECT_EQ(fresh.floats("w.twice"), trained.floats("w.twice"));
    EXPECT_EQ(fresh.floats("frozen"), trained.floats("frozen"));
    int64_t steps = 1;
    mpcrt_get(fresh, "applied_steps", &steps, sizeof steps);
    EXPECT_EQ(steps, 0);
  }
  Opened program;
  EXPECT_EQ(mpcrt_load(program, weights.c_str(), nullptr), MPCRT_DAMAGED);
  EXPECT_PRED2(contains, program.error(), "load it as weights");
}

TEST(Weights, FilesThatHoldCodeAreRefused) {
  Folder folder;
  std::string path = folder.file("a.mpx");
  std::vector<std::byte> artifact = artifactOf(sampleManifest());
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char *>(artifact.data()),
             std::streamsize(artifact.size()));
  Opened program;
  EXPECT_EQ(mpcrt_load_weights(program, path.c_str()), MPCRT_DAMAGED);
  EXPECT_PRED2(contains, program.error(), "is an artifact, which holds code");
  EXPECT_EQ(mpcrt_load(program, path.c_str(), nullptr), MPCRT_DAMAGED);
  EXPECT_PRED2(contains, program.error(), "is an artifact, which holds code");
}

TEST(Weights, AnAbsentTensorIsNamed) {
  Folder folder;
  std::string path = folder.file("w");
  ContainerWriter writer;
  const int64_t three[] = {3};
  writer.addOwned("mean", DType::F32, three, std::vector<std::byte>(12));
  ASSERT_TRUE(writer.write(path).ok());
  Opened program;
  EXPECT_EQ(mpcrt_load_weights(program, path.c_str()), MPCRT_DAMAGED);
  EXPECT_PRED2(contains, program.error(), "w: found nothing, expected F32");
  EXPECT_EQ(program.floats("mean")[2], 3.0f);
}
