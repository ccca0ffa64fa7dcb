// What GPUs can compute in a second.
#ifndef MPC_RUNTIME_SRC_CUDA_RATES_H
#define MPC_RUNTIME_SRC_CUDA_RATES_H

#include "runtime/src/Measurement.h"

#include <string>

namespace mpcrt::cuda {

/// The operations of the card that the driver calls `name`, as NVIDIA states
/// them for dense matrices at boost clock; zeros for a card of which the table
/// has nothing. Copies are not filled in.
Ceilings ratesOf(const std::string &name);

} // namespace mpcrt::cuda

#endif // MPC_RUNTIME_SRC_CUDA_RATES_H
