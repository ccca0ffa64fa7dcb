// Faults of docs/faults.md that no command line reaches, by their number.
#include "runtime/artifact/Container.h"
#include "runtime/artifact/ContainerWriter.h"
#include "test/unit/runtime/Allocations.h"
#include "test/unit/runtime/program/TestProgram.h"

#include <cstring>
#include <gtest/gtest.h>

#include <limits>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace mpcrt;
using namespace mpcrt::test;

namespace {
// What `action` returns in a forked process; 255 if that does not end by
// itself.
template <typename Action> int inChild(Action action) {
  pid_t child = fork();
  if (child == 0) {
    alarm(100);
    _exit(action());
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}
} // namespace

TEST(Fault18, AnArtifactForAnotherCpuSaysWhatIsLacking) {
  Manifest manifest = sampleManifest();
  manifest.targets[0].isa = "future";
  manifest.targets[0].features = {"sse2", "avx9000"};
  Opened program(manifest);
  EXPECT_EQ(program.code(), MPCRT_DEVICE);
  EXPECT_PRED2(contains, program.error(), "this CPU lacks avx9000");
}

// Whether a byte belongs to a padding or to its record in the header, which the
// checksum leaves out (docs/artifact.md).
static bool isPadding(const std::vector<std::byte> &file, size_t at) {
  uint64_t length;
  std::memcpy(&length, file.data(), sizeof length);
  const std::string header(reinterpret_cast<const char *>(file.data()) + 8,
                           length);
  const std::string key = "\"_pad.", offsets = "\"data_offsets\":[";
  for (size_t i = header.find(key); i != std::string::npos;
       i = header.find(key, i + 1)) {
    size_t numbers = header.find(offsets, i) + offsets.size(), used = 0;
    size_t begin = std::stoull(header.substr(numbers), &used);
    size_t end = std::stoull(header.substr(numbers + used + 1));
    size_t data = at - 8 - length;
    if ((at >= 8 + i && at <= 8 + header.find('}', i)) ||
        (at >= 8 + length && data >= begin && data < end))
      return true;
  }
  return false;
}

TEST(Fault23, EveryChangedByteOfAnArtifactIsNoticed) {
  const std::vector<std::byte> whole = artifactOf(sampleManifest());
  for (size_t at = 0; at < whole.size(); at += 7) {
    std::vector<std::byte> changed = whole;
    changed[at] ^= std::byte(4);
    mpcrt_program *program = nullptr;
    mpcrt_code code =
        mpcrt_open_memory(changed.data(), changed.size(), nullptr, &program);
    EXPECT_TRUE(code == MPCRT_DAMAGED ||
                (code == MPCRT_OK && isPadding(whole, at)))
        << "byte " << at << ": " << code;
    mpcrt_close(program);
  }
}

TEST(Fault24, MoreMemoryThanThereIsIsRefusedWithBothNumbers) {
  Manifest manifest = sampleManifest();
  manifest.targets[0].arenaBytes = int64_t(1) << 50;
  Opened program(manifest);
  EXPECT_EQ(program.code(), MPCRT_OUT_OF_MEMORY);
  EXPECT_PRED2(contains, program.error(), "arena 1125899906842624, ");
  EXPECT_PRED2(contains, program.error(),
               "are free; compile with a smaller batch or model");
}

TEST(Fault25, StepsTakeNoMemory) {
  Opened program(3);
  std::vector<float> x(elements + 1, 0.5f), out(elements + 1);
  std::vector<int64_t> labels(batch + 1, 1);
  // Aligned for the kernels, then not: such batches are copied.
  for (size_t shift : {0, 1}) {
    const void *inputs[] = {x.data() + shift};
    void *outputs[] = {out.data() + shift};
    mpcrt_status status;
    long before = allocations();
    for (int step = 0; step < 10; ++step) {
      mpcrt_step(program, inputs, labels.data() + shift, &status);
      mpcrt_eval(program, inputs, outputs);
    }
    EXPECT_EQ(allocations(), before);
    EXPECT_EQ(status.applied, 1);
  }
  SampleArrays arrays(0);
  long before = allocations();
  EXPECT_EQ(arrays.startStep(program), MPCRT_OK);
  EXPECT_EQ(mpcrt_wait(program, nullptr), MPCRT_OK);
  EXPECT_EQ(allocations(), before);
}

TEST(Fault31, AnArtifactWithAnImpossibleHyperParameterIsRefused) {
  Manifest manifest = sampleManifest();
  for (StateSpec &state : manifest.states)
    if (state.name == "lr")
      state.init = Init::fill(-1);
  Opened program(manifest);
  EXPECT_EQ(program.code(), MPCRT_DAMAGED);
  EXPECT_PRED2(contains, program.error(),
               "lr cannot be -1; expected a finite number of at least 0");
}

TEST(Fault42, AForkedProgramIsRefusedAndCloses) {
  Opened program(3);
  std::string before = program.digest();
  EXPECT_EQ(inChild([&] {
              mpcrt_code code = mpcrt_step(program, nullptr, nullptr, nullptr);
              bool told =
                  contains(program.error(), "open it again in the child");
              mpcrt_close(program);
              return code == MPCRT_USAGE && told ? 0 : 1;
            }),
            0);
  // The parent goes on as if nothing had been.
  EXPECT_EQ(program.digest(), before);
  EXPECT_EQ(program.step(0).applied, 1);
}

TEST(Fault42, AProgramOpenedInTheChildRuns) {
  Opened parent(3);
  std::string before = parent.digest();
  EXPECT_EQ(inChild([&] {
              Opened program(3);
              bool same = program.digest() == before;
              return same && program.step(0).applied == 1 ? 0 : 1;
            }),
            0);
}

TEST(Fault42, ProgramsOfOneArtifactAndOfManyThreadsAreIndependent) {
  auto train = [](std::string *digest) {
    Opened program(2);
    for (int step = 0; step < 5; ++step)
      program.step(step);
    *digest = program.digest();
  };
  std::string alone, first, second;
  train(&alone);
  std::thread other(train, &first);
  train(&second);
  other.join();
  EXPECT_EQ(first, alone);
  EXPECT_EQ(second, alone);
}

// The checkpoint's checksum fits: only the value is wrong.
TEST(Fault31, ACheckpointWithAnImpossibleHyperParameterIsRefused) {
  Folder folder;
  std::string path = folder.file("c");
  Opened program;
  ASSERT_EQ(mpcrt_save(program, path.c_str(), nullptr), MPCRT_OK);
  Result<Container> file = Container::open(path);
  ASSERT_TRUE(file.ok());
  ContainerWriter writer(8);
  for (std::string_view key : {kindKey, manifestKey})
    writer.setMetadata(key, *file->metadata(key));
  const float rate = std::numeric_limits<float>::quiet_NaN();
  for (const ContainerTensor &tensor : file->tensors())
    writer.add(tensor.name, tensor.dtype, tensor.shape,
               tensor.name == "lr" ? &rate : (const void *)tensor.data,
               tensor.bytes);
  writer.seal();
  std::string changed = folder.file("changed");
  ASSERT_TRUE(writer.write(changed).ok());
  EXPECT_EQ(mpcrt_load(program, changed.c_str(), nullptr), MPCRT_DAMAGED);
  EXPECT_PRED2(contains, program.error(),
               "lr cannot be nan; expected a finite number of at least 0; use "
               "an older checkpoint");
  double kept = 0;
  EXPECT_EQ(mpcrt_get_hyper(program, "lr", &kept), MPCRT_OK);
  EXPECT_EQ(kept, 0.5);
}
