// Why a step came to nothing, in the words of its data.
#ifndef MPCRT_TRAIN_DIAGNOSIS_H
#define MPCRT_TRAIN_DIAGNOSIS_H

#include "runtime/train/Dataset.h"

namespace mpcrt::train {

/// A sentence on where the last batch of `data` first stops being finite: an
/// input, with its sample and element; an output of the model in evaluation
/// form; or neither, which leaves the backward part.
std::string firstNonfinite(Program &program, const Dataset &data);

} // namespace mpcrt::train

#endif
