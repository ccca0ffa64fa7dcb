// Which values a hyper-parameter may take.
#ifndef MPC_RUNTIME_SRC_HYPER_H
#define MPC_RUNTIME_SRC_HYPER_H

#include "runtime/artifact/Status.h"

#include <string_view>

namespace mpcrt {

/// Limits that other states of the program set.
struct HyperLimits {
  double minScale = 1;
  double maxScale = 16777216; // 2^24
};

/// Code::Usage with the allowed range unless `value` is one. Hyper-parameters
/// are held as f32, so `value` is judged after rounding to it. Names that the
/// table does not know may have any finite value.
Status checkHyper(std::string_view name, double value,
                  const HyperLimits &limits);

} // namespace mpcrt

#endif // MPC_RUNTIME_SRC_HYPER_H
