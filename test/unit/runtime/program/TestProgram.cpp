#include "test/unit/runtime/program/TestProgram.h"

#include "runtime/artifact/ContainerWriter.h"
#include "test/unit/runtime/program/Kernels.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>

namespace mpcrt::test {

namespace {
int64_t offsetOf(void (*kernel)(void *const *, int64_t, int64_t)) {
  return int64_t(reinterpret_cast<uintptr_t>(kernel) -
                 reinterpret_cast<uintptr_t>(__start_mpc_test_image));
}

size_t imageBytes() {
  return size_t(__stop_mpc_test_image - __start_mpc_test_image);
}

StateSpec state(const char *name, DType dtype, std::vector<int64_t> shape,
                Role role, Init init) {
  StateSpec spec;
  spec.name = name;
  spec.dtype = dtype;
  spec.shape = std::move(shape);
  spec.role = role;
  spec.init = std::move(init);
  return spec;
}

enum StateIndex { W, Twice, Rate, Scale, Applied, Skipped, Mean, Frozen };

// Indices into the buffers below.
enum BufferIndex {
  BW,
  BTwice,
  BRate,
  BScale,
  BApplied,
  BSkipped,
  BInput,
  BOutput,
  BGradient,
  BFinite,
  BCount,
  BStatus,
  BHalf,
  BElements
};

Target cpuTarget() {
  Target cpu;
  cpu.target = "cpu";
  cpu.isa = "x86-64";
  cpu.features = {"sse2"};
  cpu.image = "image.cpu";
  cpu.codeBytes = int64_t(imageBytes());
  cpu.arenaBytes = elements * 4 + 128;
  cpu.buffers = {Buffer::state(W),
                 Buffer::state(Twice),
                 Buffer::state(Rate),
                 Buffer::state(Scale),
                 Buffer::state(Applied),
                 Buffer::state(Skipped),
                 Buffer::input(0),
                 Buffer::output(0),
                 Buffer::arena(0, elements * 4),
                 Buffer::arena(elements * 4, 8),
                 Buffer::arena(elements * 4 + 64, 8),
                 Buffer::status(0, 256),
                 Buffer::constant("constant.0"),
                 Buffer::constant("constant.1")};
  cpu.kernels = {{"gradient", offsetOf(kernelGradient)},
                 {"check", offsetOf(kernelCheck)},
                 {"commit", offsetOf(kernelCommit)},
                 {"finish", offsetOf(kernelFinish)},
                 {"forward", offsetOf(kernelForward)},
                 {"derive", offsetOf(kernelDerive)}};
  const int64_t tiles = elements / tileElements;
  auto launch = [](int64_t kernel, int64_t tiles, std::vector<int64_t> args) {
    return Launch{kernel, tiles, std::move(args), {"node"}, "Op", "forward"};
  };
  cpu.trainStep = {launch(0, tiles, {BInput, BW, BGradient}),
                   launch(1, 1, {BGradient, BFinite, BCount, BElements}),
                   launch(2, tiles, {BW, BGradient, BRate, BFinite, BTwice}),
                   launch(3, 1,
                          {BFinite, BApplied, BSkipped, BScale, BRate, BHalf,
                           BCount, BStatus})};
  cpu.forward = {launch(4, tiles, {BInput, BTwice, BOutput})};
  cpu.derive = {launch(5, tiles, {BW, BTwice})};
  return cpu;
}
} // namespace

// The same launches, a block for each tile.
Target gpuTarget(const std::string &name) {
  Target gpu = cpuTarget();
  gpu.target = name;
  gpu.isa = name == "ptx" ? "compute_80" : name;
  gpu.features.clear();
  gpu.image = "image." + name;
  gpu.codeBytes = 0;
  for (std::vector<Launch> *launches :
       {&gpu.trainStep, &gpu.forward, &gpu.derive})
    for (Launch &launch : *launches) {
      gpu.kernels[size_t(launch.kernel)].grid[0] = launch.tiles;
      launch.tiles = 1;
    }
  const char *const access[] = {"rrw",      "rwwr", "wrrrw",
                                "rwwwrrrw", "rrw",  "rw"};
  for (size_t i = 0; i < gpu.kernels.size(); ++i) {
    gpu.kernels[i].offset = 0;
    gpu.kernels[i].access = access[i];
  }
  return gpu;
}

Manifest sampleManifest() {
  Manifest manifest;
  manifest.producer = "a test";
  manifest.model = {"sample", std::string(32, '1')};
  manifest.training = {"fp16", "sgd", "cross-entropy", true, batch, 17};
  manifest.inputs = {{"x", DType::F32, {batch, width}}};
  static_cast<TensorSpec &>(manifest.label) = {"y", DType::I64, {batch}};
  manifest.label.classes = 10;
  manifest.label.classAxis = 1;
  manifest.outputs = {{"out", DType::F32, {batch, width}}};
  manifest.states = {
      state("w", DType::F32, {batch, width}, Role::Parameter,
            Init::uniform(0.25)),
      state("w.twice", DType::F32, {batch, width}, Role::Derived,
            Init::derive()),
      state("lr", DType::F32, {}, Role::Hyper, Init::fill(0.5)),
      state("loss_scale", DType::F32, {}, Role::Loop, Init::fill(65536)),
      state("applied_steps", DType::I64, {}, Role::Step, Init::fill(0)),
      state("skipped_steps", DType::I64, {}, Role::Loop, Init::fill(0)),
      state("mean", DType::F32, {3}, Role::Statistic, Init::data("state.mean")),
      state("frozen", DType::F32, {20001}, Role::Constant, Init::normal(2))};
  manifest.states[Twice].derivedFrom = "w";
  manifest.targets = {cpuTarget()};
  return manifest;
}

std::vector<std::byte> artifactOf(const Manifest &manifest,
                                  const std::string &ptx) {
  static const float half = 0.5f, mean[] = {1, 2, 3};
  static const int64_t count = elements;
  const int64_t imageShape[] = {int64_t(imageBytes())}, three[] = {3};
  ContainerWriter writer;
  writer.setMetadata(kindKey, std::string(artifactKind));
  writer.setMetadata(manifestKey, manifest.toJson());
  writer.add("image.cpu", DType::U8, imageShape, __start_mpc_test_image,
             imageBytes());
  const int64_t ptxShape[] = {int64_t(ptx.size()) + 1};
  for (const char *name : {"image.sm_90a", "image.sm_80", "image.ptx"})
    writer.add(name, DType::U8, ptxShape, ptx.c_str(), ptx.size() + 1);
  writer.add("state.mean", DType::F32, three, mean, sizeof mean);
  writer.add("constant.0", DType::F32, {}, &half, sizeof half);
  writer.add("constant.1", DType::I64, {}, &count, sizeof count);
  writer.seal();
  Result<std::vector<std::byte>> bytes = writer.bytes();
  EXPECT_TRUE(bytes.ok()) << bytes.status().message();
  return *bytes;
}

Opened::Opened(const Manifest &manifest, mpcrt_options options,
               const std::string &ptx)
    : file(artifactOf(manifest, ptx)),
      opened(mpcrt_open_memory(file.data(), file.size(), &options, &handle)) {}

mpcrt_status Opened::step(int number) {
  std::vector<float> x = sampleBatch(number);
  const void *inputs[] = {x.data()};
  mpcrt_status status = {};
  EXPECT_EQ(mpcrt_step(handle, inputs, sampleLabels, &status), MPCRT_OK)
      << error();
  return status;
}

std::vector<float> Opened::floats(const char *name) const {
  for (int i = 0; i < mpcrt_tensor_count(handle); ++i) {
    mpcrt_tensor_info info;
    EXPECT_EQ(mpcrt_tensor(handle, i, &info), MPCRT_OK);
    if (std::string(info.name) != name)
      continue;
    std::vector<float> values(info.bytes / sizeof(float));
    EXPECT_EQ(mpcrt_get(handle, name, values.data(), info.bytes), MPCRT_OK);
    return values;
  }
  ADD_FAILURE() << "no state " << name;
  return {};
}

std::string Opened::digest() const {
  char text[33];
  EXPECT_EQ(mpcrt_digest(handle, text), MPCRT_OK);
  return text;
}

std::vector<float> sampleBatch(int number) {
  std::vector<float> x(elements);
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = float(int((i * 37 + size_t(number) * 101) % 199) - 99) / 100;
  return x;
}

SampleArrays::SampleArrays(int number)
    : x(3 * elements, 7.0f), y(3 * batch, 1), picked{9, 2, 0, 5} {
  const std::vector<float> wanted = sampleBatch(number);
  for (size_t i = 0; i < picked.size(); ++i) {
    const size_t sample = size_t(picked[i]);
    std::copy_n(wanted.begin() + ptrdiff_t(i) * width, width,
                x.begin() + ptrdiff_t(sample) * width);
    y[sample] = sampleLabels[i];
  }
}

mpcrt_code SampleArrays::startStep(const Opened &program) const {
  const void *inputs[] = {x.data()};
  return mpcrt_step_samples_async(program, inputs, y.data(), picked.data(),
                                  nullptr);
}

Folder::Folder() {
  char name[] = "/tmp/mpc-runtime-XXXXXX";
  path = mkdtemp(name);
}

Folder::~Folder() { std::filesystem::remove_all(path); }

std::vector<char> readFile(const std::string &path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

} // namespace mpcrt::test
