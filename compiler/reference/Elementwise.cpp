#include "compiler/reference/Models.h"
#include <cmath>

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;

// Two's complement: overflow wraps, so the sum is taken in unsigned numbers.
struct Add {
  static double floats(double a, double b) { return a + b; }
  static uint64_t integers(uint64_t a, uint64_t b) { return a + b; }
};
struct Sub {
  static double floats(double a, double b) { return a - b; }
  static uint64_t integers(uint64_t a, uint64_t b) { return a - b; }
};
struct Mul {
  static double floats(double a, double b) { return a * b; }
  static uint64_t integers(uint64_t a, uint64_t b) { return a * b; }
};
// Rounds towards zero; 0 where the divisor is 0. The quotient by -1 that
// overflows wraps.
struct Div {
  static double floats(double a, double b) { return a / b; }
  static uint64_t integers(int64_t a, int64_t b) {
    if (b == 0)
      return 0;
    return b == -1 ? -static_cast<uint64_t>(a) : a / b;
  }
};
struct Fmod {
  static double floats(double a, double b) { return std::fmod(a, b); }
  static uint64_t integers(int64_t a, int64_t b) {
    return b == 0 || b == -1 ? 0 : a % b;
  }
};
// Has the sign of the divisor, zeros included.
struct Mod {
  static double floats(double a, double b) {
    double rest = std::fmod(a, b);
    if (rest == 0)
      return std::copysign(0.0, b);
    return (rest < 0) != (b < 0) ? rest + b : rest;
  }
  static uint64_t integers(int64_t a, int64_t b) {
    int64_t rest = static_cast<int64_t>(Fmod::integers(a, b));
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  }
};
struct Pow {
  static double floats(double a, double b) { return std::pow(a, b); }
  // Wraps. A negative exponent gives what 1 / a^-b is, rounded towards zero,
  // and 0 for a = 0.
  static uint64_t integers(int64_t a, int64_t b) {
    if (b < 0)
      return a == 1 ? 1 : a == -1 ? (b % 2 == 0 ? 1 : -1) : 0;
    uint64_t result = 1, base = a;
    for (; b > 0; b >>= 1, base *= base)
      if (b & 1)
        result *= base;
    return result;
  }
};
// NaN if either is.
struct Max {
  static double floats(double a, double b) {
    return std::isnan(a) || std::isnan(b) ? NAN : std::max(a, b);
  }
  static int64_t integers(int64_t a, int64_t b) { return std::max(a, b); }
};
struct Min {
  static double floats(double a, double b) { return -Max::floats(-a, -b); }
  static int64_t integers(int64_t a, int64_t b) { return std::min(a, b); }
};

template <typename Op, typename Formula>
static LogicalResult binary(Op, Inputs inputs, Results results) {
  const Tensor &a = *inputs[0], &b = *inputs[1];
  Tensor &result = results[0];
  forEachIndex(result.shape(), [&](ArrayRef<int64_t> index) {
    int64_t at = position(result.shape(), index);
    if (result.isFloat())
      result.floats[at] = Formula::floats(floatAt(a, index), floatAt(b, index));
    else
      result.integers[at] =
          Formula::integers(integerAt(a, index), integerAt(b, index));
  });
  return success();
}

template <typename Op, double formula(double)>
static LogicalResult unary(Op, Inputs inputs, Results results) {
  for (int64_t i = 0; i < results[0].size(); ++i)
    results[0].floats[i] = formula(inputs[0]->floats[i]);
  return success();
}

static double negate(double x) { return -x; }
static double squareRoot(double x) { return std::sqrt(x); }
static double relu(double x) { return std::isnan(x) || x > 0 ? x : 0.0; }
static double identity(double x) { return x; }

static LogicalResult reluGrad(ReluGradOp, Inputs inputs, Results results) {
  const Tensor &gradient = *inputs[0], &output = *inputs[1];
  for (int64_t i = 0; i < results[0].size(); ++i)
    results[0].floats[i] = output.floats[i] > 0 ? gradient.floats[i] : 0.0;
  return success();
}

static LogicalResult selectElements(SelectOp, Inputs inputs, Results results) {
  Tensor &result = results[0];
  forEachIndex(result.shape(), [&](ArrayRef<int64_t> index) {
    const Tensor &chosen = *inputs[integerAt(*inputs[0], index) ? 1 : 2];
    int64_t at = position(result.shape(), index);
    if (result.isFloat())
      result.floats[at] = floatAt(chosen, index);
    else
      result.integers[at] = integerAt(chosen, index);
  });
  return success();
}

static LogicalResult constant(ConstantOp op, Inputs, Results results) {
  auto value = dyn_cast<DenseElementsAttr>(op.getValue());
  if (!value)
    return op.emitOpError("has a value of another kind than dense elements");
  Tensor &result = results[0];
  if (result.isFloat()) {
    for (auto [to, from] :
         llvm::zip(result.floats, value.getValues<APFloat>())) {
      bool losesInfo = false;
      APFloat wide = from;
      wide.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                   &losesInfo);
      to = wide.convertToDouble();
    }
  } else {
    for (auto [to, from] : llvm::zip(result.integers, value.getValues<APInt>()))
      to = from.getSExtValue();
  }
  return success();
}

void mpc::reference::attachElementwiseModels(MLIRContext *context) {
  attach<AddOp, binary<AddOp, Add>>(context);
  attach<SubOp, binary<SubOp, Sub>>(context);
  attach<MulOp, binary<MulOp, Mul>>(context);
  attach<DivOp, binary<DivOp, Div>>(context);
  attach<FmodOp, binary<FmodOp, Fmod>>(context);
  attach<ModOp, binary<ModOp, Mod>>(context);
  attach<PowOp, binary<PowOp, Pow>>(context);
  attach<MaxOp, binary<MaxOp, Max>>(context);
  attach<MinOp, binary<MinOp, Min>>(context);
  attach<NegOp, unary<NegOp, negate>>(context);
  attach<SqrtOp, unary<SqrtOp, squareRoot>>(context);
  attach<ReluOp, unary<ReluOp, relu>>(context);
  attach<CastOp, unary<CastOp, identity>>(context);
  attach<ReluGradOp, reluGrad>(context);
  attach<SelectOp, selectElements>(context);
  attach<ConstantOp, constant>(context);
}
