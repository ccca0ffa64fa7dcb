// Inputs and step sizes of the finite differences.
#ifndef MPC_TEST_GRADIENTS_NUMBERS_H
#define MPC_TEST_GRADIENTS_NUMBERS_H

#include "compiler/reference/Tensor.h"
#include <cmath>

namespace mpc::test {

/// Of f64.
inline const double unitRoundoff = std::ldexp(1.0, -53);
/// Balances truncation (h^2) and rounding (u / h) of a central difference.
inline const double step = std::cbrt(unitRoundoff);

/// Distinct numbers of magnitude 0.5 to 2 in an order without pattern.
class Numbers {
public:
  explicit Numbers(bool positive = false) : positive(positive) {}
  double next() {
    // Steps through the residues of a prime; no case has as many elements.
    at = (at + 101) % 257;
    double magnitude = 0.5 + 1.5 * at / 257;
    // The golden rotation gives signs that follow no dimension.
    rotation += 0.6180339887498949;
    rotation -= std::floor(rotation);
    return positive || rotation < 0.5 ? magnitude : -magnitude;
  }
  reference::Tensor tensor(mlir::RankedTensorType type, double scale = 1) {
    reference::Tensor result(type);
    for (double &value : result.floats)
      value = scale * next();
    return result;
  }

private:
  bool positive;
  int64_t at = 0;
  double rotation = 0;
};

/// (L(x + h) - L(x - h)) / 2h by `element`, of which `loss` is a function.
inline double centralDifference(double &element, double h,
                                llvm::function_ref<double()> loss) {
  double x = element;
  element = x + h;
  double above = loss(), upper = element;
  element = x - h;
  double below = loss(), lower = element;
  element = x;
  return (above - below) / (upper - lower);
}

} // namespace mpc::test

#endif
