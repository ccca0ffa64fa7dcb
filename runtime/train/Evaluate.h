// The model's outputs for every sample of a data set.
#ifndef MPCRT_TRAIN_EVALUATE_H
#define MPCRT_TRAIN_EVALUATE_H

#include "runtime/train/Dataset.h"

namespace mpcrt::train {

/// Gets the outputs of a batch, of which the first `samples` samples count;
/// false ends the evaluation.
using BatchSink =
    std::function<bool(const void *const *outputs, int64_t samples)>;

/// Evaluates `data` in its order, batch by batch. The last batch is filled up
/// with its last sample, and `sink` is told how many samples are real. During a
/// call of `sink`, data.labels() are the batch's labels.
Status evaluate(Program &program, Dataset &data, const BatchSink &sink);

} // namespace mpcrt::train

#endif
