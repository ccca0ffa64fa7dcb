// Samples for a program: named arrays with one first dimension, in the
// program's element types, ready to be copied into a batch.
#ifndef MPCRT_TRAIN_DATASET_H
#define MPCRT_TRAIN_DATASET_H

#include "runtime/train/Convert.h"
#include "runtime/train/Npz.h"
#include "runtime/train/Program.h"

#include <functional>
#include <utility>

namespace mpcrt::train {

/// Where arrays come from: an .npz file, or .npy files given by name.
struct DataFiles {
  std::string npz;
  std::vector<std::pair<std::string, std::string>> arrays; ///< name, path

  bool empty() const { return npz.empty() && arrays.empty(); }
};

struct DataOptions {
  /// The array that holds the labels.
  std::string labelName = "y";
  bool labelsRequired = true;
  /// Arrays that have exactly the shapes of the inputs are one batch as they
  /// are, whether or not they have a row per sample.
  bool wholeBatch = false;
  bool allowNonfinite = false;
  /// Bytes that one array may take.
  uint64_t maxBytes = physicalMemory();
  /// Gets a line for each conversion that may change values.
  std::function<void(const std::string &)> note;
};

class Dataset {
public:
  /// Reads what `program` needs. An input takes the array of its name; the only
  /// input of a model also takes `x`. Other arrays are not read. Fails with
  /// MPCRT_INVALID_DATA if an array is absent, has another sample shape or
  /// count than expected, cannot be converted, or has a label outside the
  /// classes.
  Status load(const DataFiles &files, const Program &program,
              const DataOptions &options);

  int64_t samples() const { return count; }
  /// Whether the arrays are one batch as they are.
  bool isWhole() const { return whole; }
  bool hasLabels() const { return !label.bytes.empty(); }

  /// Copies samples into batch buffers, which `inputs` and `label` then point
  /// to until the next call. `indices` has one index per sample of a batch.
  void gather(std::span<const int64_t> indices);
  /// The sample of the data that is at `place` in the batch.
  int64_t sampleAt(size_t place) const { return gathered[place]; }
  /// Whether the samples have class labels and all of them are to be ignored.
  bool allLabelsIgnored(const LabelSpec &spec,
                        std::span<const int64_t> samples) const;
  /// All samples, as mpcrt_step_samples_async wants them: an array per model
  /// input, and the labels.
  const void *const *allInputs() const { return arrayPointers.data(); }
  const void *allLabels() const {
    return hasLabels() ? label.bytes.data() : nullptr;
  }
  /// One pointer per model input, as mpcrt_step wants them.
  const void *const *inputs() const { return inputPointers.data(); }
  /// The labels of the batch; null without labels.
  const void *labels() const {
    return hasLabels() ? label.batch.data() : nullptr;
  }

private:
  struct Column {
    std::vector<std::byte> bytes; ///< all samples
    size_t sampleBytes = 0;
    std::vector<std::byte> batch;

    void gather(std::span<const int64_t> indices);
  };
  class Source;

  Status findArrays(Source &source, const Program &program, bool allowWhole,
                    std::vector<std::string> &names);
  Status loadWhole(const Source &source, const std::string &array,
                   const TensorSpec &spec, const DataOptions &options,
                   Column &column);
  Status loadColumn(Source &source, const std::string &array,
                    const TensorSpec &spec, const std::string &role,
                    int64_t batch, const DataOptions &options, Column &column);
  Status checkClasses(const std::string &what, const LabelSpec &spec) const;

  int64_t count = -1;
  bool whole = false;
  std::string countedBy;
  std::vector<Column> columns;
  Column label;
  std::vector<const void *> inputPointers, arrayPointers;
  std::vector<int64_t> gathered; ///< the indices of the batch
};

/// The shape of one sample of a tensor whose first dimension holds `batch`
/// samples: what follows the first dimension if that is `batch`; if it is a
/// multiple, rows of one sample come first. False if it is neither.
bool sampleShape(const TensorSpec &spec, int64_t batch,
                 std::vector<int64_t> &shape);

} // namespace mpcrt::train

#endif
