#ifndef MPC_FRONTEND_MODEL_KNOWNVALUE_H
#define MPC_FRONTEND_MODEL_KNOWNVALUE_H

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace mpc::frontend {

/// The value of an input that is known before compiling: integers and booleans,
/// or floats.
struct KnownValue {
  std::vector<int64_t> shape;
  std::vector<int64_t> integers; ///< in row-major order
  std::vector<double> numbers;   ///< of a float, and then there are no integers
};

} // namespace mpc::frontend

#endif
