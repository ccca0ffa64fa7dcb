// The C API as the trainer sees it: a program that closes itself, and its
// tensors as values.
#ifndef MPCRT_TRAIN_PROGRAM_H
#define MPCRT_TRAIN_PROGRAM_H

#include "runtime/train/Status.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace mpcrt::train {

/// An input, the label, an output or a state.
struct TensorSpec {
  std::string name;
  mpcrt_dtype dtype = MPCRT_F32;
  mpcrt_role role = MPCRT_ROLE_INPUT;
  std::vector<int64_t> shape;
  size_t bytes = 0;
};

/// What the labels are.
struct LabelSpec {
  TensorSpec tensor;
  /// Number of classes; 0 if labels are values.
  int64_t classes = 0;
  /// The axis of the output that class labels replace.
  int classAxis = 0;
  int64_t ignoreIndex = 0;
};

struct OpenOptions {
  int threads = 0;
  std::string device; ///< empty: what the artifact is for
  std::optional<uint64_t> seed;
};

/// An open program. Its functions return the code and message of the C API.
class Program {
public:
  /// Opens an artifact file and reads the descriptions below.
  Status open(const std::string &path, const OpenOptions &options);
  /// The same for bytes, which must outlive the program.
  Status openMemory(std::span<const std::byte> bytes,
                    const OpenOptions &options);

  mpcrt_program *get() const { return handle.get(); }
  /// Turns a code into a status; `doing` says what failed, e.g. `cannot load
  /// F`.
  Status check(mpcrt_code code, const std::string &doing = {}) const;

  const std::vector<TensorSpec> &inputs() const { return inputSpecs; }
  const std::vector<TensorSpec> &outputs() const { return outputSpecs; }
  const std::vector<TensorSpec> &states() const { return stateSpecs; }
  /// Bytes of the states that a checkpoint holds.
  uint64_t savedBytes() const;
  /// Nothing for a model that computes its own loss.
  const std::optional<LabelSpec> &label() const { return labelSpec; }
  /// The loss, precision and seed it was compiled with. Strings live as long as
  /// the program.
  const mpcrt_training_info &training() const { return trainingInfo; }
  /// Where it runs. Strings live as long as the program.
  const mpcrt_device_info &device() const { return deviceInfo; }
  bool isOnGpu() const;
  /// Samples per batch.
  int64_t batch() const { return trainingInfo.batch; }

private:
  struct Close {
    void operator()(mpcrt_program *program) const { mpcrt_close(program); }
  };

  Status describe(mpcrt_code openCode, const std::string &name);

  std::unique_ptr<mpcrt_program, Close> handle;
  std::vector<TensorSpec> inputSpecs, outputSpecs, stateSpecs;
  std::optional<LabelSpec> labelSpec;
  mpcrt_training_info trainingInfo = {};
  mpcrt_device_info deviceInfo = {};
};

} // namespace mpcrt::train

#endif
