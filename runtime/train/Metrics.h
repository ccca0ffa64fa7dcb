// Loss and accuracy from a model's outputs, on the host in double precision.
#ifndef MPCRT_TRAIN_METRICS_H
#define MPCRT_TRAIN_METRICS_H

#include "runtime/train/Program.h"

namespace mpcrt::train {

/// Sums the loss the program was compiled with over batches. The loss is the
/// mean over all labels that are not ignored (over all elements for value
/// labels), 0 if there is none; batches of any size therefore weigh by what
/// they hold.
class Metrics {
public:
  /// Chooses the output that the labels fit: the first whose shape less its
  /// class axis is the label's (for value labels: whose shape is). Fails with
  /// MPCRT_USAGE if there is none, if there are no labels, or if the loss is
  /// not one of cross-entropy, mse, l1, huber and bce-logits.
  Status create(const Program &program);

  /// Forgets what was added.
  void clear() { lossSum = 0, labels = correct = 0; }
  /// Adds the first `samples` samples of a batch.
  void add(const void *const *outputs, const void *label, int64_t samples);

  double loss() const { return labels ? lossSum / double(labels) : 0; }
  /// Whether labels are classes, so that there is an accuracy.
  bool hasAccuracy() const { return spec.classes > 0; }
  /// Correct labels per label not ignored: the class with the largest output,
  /// the first of equals; NaN is never correct. 0 if there is none.
  double accuracy() const {
    return labels ? double(correct) / double(labels) : 0;
  }
  /// Labels counted.
  int64_t count() const { return labels; }

private:
  void addClasses(const std::byte *output, const std::byte *label,
                  int64_t samples);
  void addValues(const std::byte *output, const std::byte *label,
                 int64_t samples);

  LabelSpec spec;
  TensorSpec output;
  size_t outputIndex = 0;
  int64_t batch = 1;
  double (*valueLoss)(double, double) = nullptr;
  double smoothing = 0;
  double lossSum = 0;
  int64_t labels = 0, correct = 0;
};

} // namespace mpcrt::train

#endif
