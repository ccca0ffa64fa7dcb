// What is measured of a program on its device, and what the device could do.
#ifndef MPC_RUNTIME_SRC_MEASUREMENT_H
#define MPC_RUNTIME_SRC_MEASUREMENT_H

#include <vector>

namespace mpcrt {

/// Seconds.
struct StepTimes {
  /// Of each launch of a training step, run again and again with all that it
  /// reads in place, where caches may hold it.
  std::vector<double> launches;
  /// Of a whole step on the device, one behind the other.
  double step = 0;
};

/// What bounds the time of a kernel.
struct Ceilings {
  double copyBytes = 0; ///< read and written in a second by a large copy
  /// Operations in a second on f32, and of products on f16 and bf16; 0 if
  /// nobody knows.
  double f32 = 0, f16 = 0, bf16 = 0;
  const char *source = ""; ///< of the operations
};

} // namespace mpcrt

#endif // MPC_RUNTIME_SRC_MEASUREMENT_H
