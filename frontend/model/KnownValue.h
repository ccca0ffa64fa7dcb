#ifndef MPC_FRONTEND_MODEL_KNOWNVALUE_H
#define MPC_FRONTEND_MODEL_KNOWNVALUE_H

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mpc::frontend {

/// The value of an input that is known before compiling: integers and booleans
/// of any shape, or one float.
struct KnownValue {
  std::vector<int64_t> shape;
  std::vector<int64_t> integers; ///< in row-major order
  std::optional<double> number;  ///< of a float, and then there are no integers
};

} // namespace mpc::frontend

#endif
