// What every compiled program must show on a GPU. MPC_GPU_ARTIFACTS names the
// artifacts, or folders of them, with colons between.
#include "test/gpu/GpuTest.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <sstream>

using namespace mpcrt;
using namespace mpcrt::test;

namespace {
std::vector<std::string> artifacts() {
  std::vector<std::string> found;
  const char *given = std::getenv("MPC_GPU_ARTIFACTS");
  std::istringstream list(given ? given : "");
  for (std::string path; std::getline(list, path, ':');) {
    if (!std::filesystem::is_directory(path)) {
      found.push_back(path);
      continue;
    }
    for (const auto &entry : std::filesystem::directory_iterator(path))
      if (entry.path().extension() == ".mpx")
        found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

// A program, with batches for it: floats of sampleFloat(), and numbers that are
// in range of whatever they index, 0 and 1.
class Compiled {
public:
  explicit Compiled(const std::string &path, const char *device = "0") {
    const mpcrt_options options = {0, device, 0, 0};
    EXPECT_EQ(mpcrt_open(path.c_str(), &options, &program), MPCRT_OK)
        << mpcrt_last_error(program);
    for (int i = 0; i < mpcrt_input_count(program); ++i)
      EXPECT_EQ(mpcrt_input(program, i, &inputs.emplace_back()), MPCRT_OK);
    EXPECT_EQ(mpcrt_label(program, &label), MPCRT_OK);
  }
  ~Compiled() { mpcrt_close(program); }
  Compiled(const Compiled &) = delete;
  Compiled &operator=(const Compiled &) = delete;

  void makeBatch(unsigned seed) {
    batch.clear();
    pointers.clear();
    for (const mpcrt_tensor_info &input : inputs)
      batch.push_back(contentOf(input, seed++));
    for (const std::vector<std::byte> &tensor : batch)
      pointers.push_back(tensor.data());
    labels = contentOf(label, seed);
  }

  mpcrt_status step(unsigned seed) {
    makeBatch(seed);
    mpcrt_status status = {};
    EXPECT_EQ(mpcrt_step(program, pointers.data(), labels.data(), &status),
              MPCRT_OK)
        << mpcrt_last_error(program);
    return status;
  }

  std::string digest() {
    char text[33] = {};
    EXPECT_EQ(mpcrt_digest(program, text), MPCRT_OK);
    return text;
  }

  // The first input that can hold an infinity; none: -1.
  int firstFloat() const {
    for (size_t i = 0; i < inputs.size(); ++i)
      if (inputs[i].dtype == MPCRT_F32)
        return int(i);
    return -1;
  }

  mpcrt_program *program = nullptr;
  std::vector<mpcrt_tensor_info> inputs;
  mpcrt_tensor_info label = {};
  std::vector<std::vector<std::byte>> batch;
  std::vector<const void *> pointers;
  std::vector<std::byte> labels;

private:
  static std::vector<std::byte> contentOf(const mpcrt_tensor_info &tensor,
                                          unsigned seed) {
    std::vector<std::byte> bytes(tensor.bytes);
    for (unsigned i = 0; tensor.dtype == MPCRT_F32 && i < bytes.size() / 4;
         ++i) {
      const float value = sampleFloat(i, seed);
      std::memcpy(bytes.data() + i * 4, &value, 4);
    }
    for (unsigned i = 0; tensor.dtype == MPCRT_I64 && i < bytes.size() / 8;
         ++i) {
      const int64_t value = (i + seed) % 2;
      std::memcpy(bytes.data() + i * 8, &value, 8);
    }
    return bytes;
  }
};

class GpuArtifact : public GpuTest {
protected:
  void SetUp() override {
    if (artifacts().empty())
      GTEST_SKIP() << "no artifacts: name them in MPC_GPU_ARTIFACTS";
    GpuTest::SetUp();
  }
};
} // namespace

TEST_F(GpuArtifact, AStepIsOneGraphLaunchAndThePlanIsWhatIsAllocated) {
  for (const std::string &path : artifacts()) {
    SCOPED_TRACE(path);
    counting::reset();
    Compiled program(path);
    mpcrt_device_info info;
    ASSERT_EQ(mpcrt_device(program.program, &info), MPCRT_OK);
    EXPECT_EQ(counting::allocatedBytes(), info.plan_bytes + info.library_bytes);
    std::printf("%s: %s, planned and allocated %llu bytes, code and graphs "
                "%llu, before %llu\n",
                path.c_str(), info.target, (unsigned long long)info.plan_bytes,
                (unsigned long long)info.code_bytes,
                (unsigned long long)info.used_before);
    for (unsigned i = 0; i < 5; ++i) {
      program.makeBatch(i);
      counting::reset();
      ASSERT_EQ(mpcrt_step_async(program.program, program.pointers.data(),
                                 program.labels.data(), nullptr),
                MPCRT_OK)
          << mpcrt_last_error(program.program);
      expectCallsOfAStep(counting::calls(), int(program.inputs.size()) + 1);
      mpcrt_status status = {};
      ASSERT_EQ(mpcrt_wait(program.program, &status), MPCRT_OK)
          << mpcrt_last_error(program.program);
    }
  }
}

TEST_F(GpuArtifact, TwoRunsOfAHundredStepsGiveTheSameCheckpoint) {
  Folder folder;
  for (const std::string &path : artifacts()) {
    SCOPED_TRACE(path);
    std::vector<char> saved[2];
    for (int run : {0, 1}) {
      Compiled program(path);
      for (unsigned i = 0; i < 100; ++i)
        program.step(i);
      const std::string file = folder.file("run" + std::to_string(run));
      ASSERT_EQ(mpcrt_save(program.program, file.c_str(), nullptr), MPCRT_OK);
      saved[run] = readFile(file);
    }
    EXPECT_EQ(saved[0], saved[1]);
  }
}

TEST_F(GpuArtifact, APlantedOverflowLeavesTheDigest) {
  for (const std::string &path : artifacts()) {
    SCOPED_TRACE(path);
    Compiled program(path);
    const int input = program.firstFloat();
    if (input < 0) {
      std::printf("%s: no input can overflow\n", path.c_str());
      continue;
    }
    program.step(0);
    const std::string before = program.digest();
    program.makeBatch(1);
    const float infinity = std::numeric_limits<float>::infinity();
    std::memcpy(program.batch[size_t(input)].data(), &infinity, 4);
    mpcrt_status status = {};
    ASSERT_EQ(mpcrt_step(program.program, program.pointers.data(),
                         program.labels.data(), &status),
              MPCRT_OK);
    EXPECT_EQ(status.applied, 0);
    EXPECT_GT(status.nonfinite_count, 0);
    EXPECT_EQ(program.digest(), before);
  }
}

TEST_F(GpuArtifact, ABatchOfTheCallersKernelIsTheBatchOfTheHost) {
  for (const std::string &path : artifacts()) {
    SCOPED_TRACE(path);
    Compiled fromDevice(path), fromHost(path);
    std::vector<cuda::CUdeviceptr> memory;
    auto onDevice = [&](const mpcrt_tensor_info &tensor,
                        const std::vector<std::byte> &bytes, unsigned seed) {
      cuda::CUdeviceptr &place = memory.emplace_back();
      EXPECT_EQ(driver->memAlloc(&place, tensor.bytes), 0);
      if (tensor.dtype == MPCRT_F32)
        fillOnDevice(place, unsigned(tensor.bytes / 4), seed);
      else
        EXPECT_EQ(
            driver->memcpyHtoDAsync(place, bytes.data(), bytes.size(), stream),
            0);
      return reinterpret_cast<const void *>(place);
    };
    for (unsigned i = 0; i < 3; ++i) {
      fromHost.step(i);
      std::vector<const void *> pointers;
      unsigned seed = i;
      for (size_t j = 0; j < fromHost.inputs.size(); ++j)
        pointers.push_back(
            onDevice(fromHost.inputs[j], fromHost.batch[j], seed++));
      const void *labels = onDevice(fromHost.label, fromHost.labels, seed);
      counting::reset();
      ASSERT_EQ(
          mpcrt_step_async(fromDevice.program, pointers.data(), labels, stream),
          MPCRT_OK)
          << mpcrt_last_error(fromDevice.program);
      expectCallsOfAStep(counting::calls(), 0);
      ASSERT_EQ(mpcrt_wait(fromDevice.program, nullptr), MPCRT_OK);
    }
    EXPECT_EQ(fromDevice.digest(), fromHost.digest());
    for (cuda::CUdeviceptr place : memory)
      EXPECT_EQ(driver->memFree(place), 0);
  }
}
