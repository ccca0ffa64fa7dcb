// What the elements of a result may be, and the comparison with what a device
// gave. Without MLIR, so that it is there where only the runtime is.
#ifndef MPC_TEST_NUMERICS_ALLOWED_H
#define MPC_TEST_NUMERICS_ALLOWED_H

#include "runtime/artifact/DType.h"
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mpc::test {

/// The elements of a tensor: `floats` if its type is a float, else `integers`;
/// the other is empty.
struct Numbers {
  std::vector<double> floats;
  std::vector<int64_t> integers;

  size_t size() const { return floats.size() + integers.size(); }
};

/// The bytes of a tensor in memory, little-endian, and back. Floats are rounded
/// to `type`, integers wrapped.
std::vector<std::byte> encode(const Numbers &numbers, mpcrt::DType type);
Numbers decode(std::span<const std::byte> bytes, mpcrt::DType type);

/// For each element an interval of numbers. That of integers is a point.
struct Allowed {
  /// NaN will do as well. An interval that is empty, from infinity to minus
  /// infinity, leaves nothing else.
  static constexpr uint8_t nan = 1;
  /// A zero must have the sign of `low`.
  static constexpr uint8_t signedZero = 2;

  Numbers low, high;
  std::vector<uint8_t> flags; ///< of floats alone

  bool admitsFloat(size_t element, double got) const;
};

/// What is wrong with a result, or nothing: the first element that is not
/// allowed.
std::string describeDifference(const Numbers &got, const Allowed &allowed);

} // namespace mpc::test

#endif
