// A program with hand-made kernels: one parameter w, trained by
// w -= lr * x * w, with the states, entries and status block that a compiled
// program has.
#ifndef MPC_TEST_UNIT_RUNTIME_PROGRAM_TESTPROGRAM_H
#define MPC_TEST_UNIT_RUNTIME_PROGRAM_TESTPROGRAM_H

#include "runtime/artifact/Manifest.h"

#include <mpcrt/runtime.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace mpcrt::test {

inline constexpr int64_t batch = 4;
inline constexpr int64_t width = 4096;
inline constexpr int64_t elements = batch * width;

Manifest sampleManifest();
/// Its target for a GPU: "sm_90a", "sm_80" or "ptx".
Target gpuTarget(const std::string &name);
/// The artifact of a manifest that is sampleManifest() or a variation of it;
/// `ptx` is the image of all targets for GPUs.
std::vector<std::byte> artifactOf(const Manifest &manifest,
                                  const std::string &ptx = "// no code");

/// An opened program, closed at the end.
class Opened {
public:
  explicit Opened(const Manifest &manifest, mpcrt_options options = {},
                  const std::string &ptx = "// no code");
  explicit Opened(int threads = 1)
      : Opened(sampleManifest(), {threads, nullptr, 0, 0}) {}
  ~Opened() { mpcrt_close(handle); }
  Opened(const Opened &) = delete;
  Opened &operator=(const Opened &) = delete;

  operator mpcrt_program *() const { return handle; }
  mpcrt_code code() const { return opened; }
  std::string error() const { return mpcrt_last_error(handle); }

  /// One step on sampleBatch(number).
  mpcrt_status step(int number);
  std::vector<float> floats(const char *name) const;
  std::string digest() const;

private:
  std::vector<std::byte> file;
  mpcrt_program *handle = nullptr;
  mpcrt_code opened;
};

/// A batch of inputs that differs by number; all between -1 and 1.
std::vector<float> sampleBatch(int number);
inline constexpr int64_t sampleLabels[batch] = {0, 9, -100, 5};

/// Arrays of more samples than a batch has; those that are `picked` make up
/// sampleBatch(number) with sampleLabels.
struct SampleArrays {
  explicit SampleArrays(int number);
  /// A step on them.
  mpcrt_code startStep(const Opened &program) const;

  std::vector<float> x;
  std::vector<int64_t> y, picked;
};

/// A folder that goes away with its files.
class Folder {
public:
  Folder();
  ~Folder();
  Folder(const Folder &) = delete;
  Folder &operator=(const Folder &) = delete;
  std::string file(const std::string &name) const { return path / name; }

private:
  std::filesystem::path path;
};

std::vector<char> readFile(const std::string &path);

inline bool contains(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

} // namespace mpcrt::test

#endif // MPC_TEST_UNIT_RUNTIME_PROGRAM_TESTPROGRAM_H
