// Parts of functions whose results are rounded to f16 or bf16: a relative error
// of 2^-18 will do, and arguments are kept where nothing special happens.
#include "compiler/analysis/Target.h"
#include "compiler/lowering/math/FloatMath.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <cmath>

using namespace mlir;
using namespace mpc;

bool mpc::isForGpu(FloatMath &m) {
  return targetOf(m.b.getInsertionBlock()->getParentOp()).isGpu();
}

// function(x) lane by lane.
static Value eachLane(FloatMath &m, Value x,
                      llvm::function_ref<Value(Value)> function) {
  auto type = dyn_cast<VectorType>(x.getType());
  if (!type)
    return function(x);
  SmallVector<Value> results;
  for (int64_t lane = 0; lane < type.getNumElements(); ++lane)
    results.push_back(function(vector::ExtractOp::create(m.b, m.loc, x, lane)));
  return vector::FromElementsOp::create(m.b, m.loc, type, results);
}

// An instruction of a GPU, or a few where subnormals are not zeros (no "ftz").
// What they err by is in docs/numerics.md.
static Value gpuFunction(FloatMath &m, StringRef name, Value x) {
  return eachLane(m, x, [&](Value lane) -> Value {
    return LLVM::CallIntrinsicOp::create(
               m.b, m.loc, m.b.getF32Type(),
               m.b.getStringAttr("llvm.nvvm." + name.str()), lane)
        .getResult(0);
  });
}
static Value gpuExp2(FloatMath &m, Value x) {
  return gpuFunction(m, "ex2.approx.ftz", x);
}
static Value gpuReciprocal(FloatMath &m, Value x) {
  return eachLane(m, x, [&](Value lane) -> Value {
    return NVVM::RcpApproxFtzF32Op::create(m.b, m.loc, m.b.getF32Type(), lane);
  });
}

Value mpc::gpuLog2(FloatMath &m, Value x) {
  return gpuFunction(m, "lg2.approx.ftz.f", x);
}
Value mpc::gpuWholeLog2(FloatMath &m, Value x) {
  return gpuFunction(m, "lg2.approx.f", x);
}

Value mpc::shortSqrt(FloatMath &m, Value x) {
  return isForGpu(m) ? gpuFunction(m, "sqrt.approx.f", x) : m.sqrt(x);
}

// n = round(x y) stands in the lowest bits of a sum, as in nearestInteger();
// with the exponent's bias added to it, these bits are shifted to be the power.
// The polynomial is a minimax one on +-1/2 (Sollya, fpminimax), off by 2^-18.5.
ShortPower mpc::shortExp2(FloatMath &m, Value x, Value y, int64_t shift,
                          double least) {
  // The instruction takes any number.
  if (isForGpu(m))
    return {gpuExp2(m, m.fma(x, y, m.number(double(shift)))), m.number(1)};
  if (least > -HUGE_VAL)
    x = m.clamp(x, least, HUGE_VAL);
  Value large = m.number(0x1.8p23 + double(127 + shift));
  Value sum = m.fma(x, y, large);
  Value n = m.sub(sum, large);
  Value r = m.fma(x, y, m.neg(n));
  Value p = m.polynomial(
      r, {0.9999992847442626953125, 0.69312179088592529296875,
          0.24024708569049835205078125, 0.0559180416166782379150390625,
          0.009571283124387264251708984375});
  return {p, m.power(m.bits(sum))};
}

// The square of exp(x / 2) = 2^n (1 + r p(r)), with a minimax polynomial that
// is off by 2^-22.3 of the sum. The square alone may be subnormal or infinite.
Value mpc::shortWholeExp(FloatMath &m, Value x) {
  Value large = m.number(0x1.8p23 + 127), y = m.number(M_LOG2E / 2);
  if (isForGpu(m)) {
    Value root = gpuExp2(m, m.mul(x, y));
    return m.mul(root, root);
  }
  x = m.clamp(x, -170, 90);
  Value sum = m.fma(x, y, large);
  Value r = m.fma(x, y, m.sub(large, sum));
  Value p = m.polynomial(
      r, {1, 0.693147122859954833984375, 0.24022351205348968505859375,
          5.55053316056728363037109375e-2, 9.666251949965953826904296875e-3,
          1.332301297225058078765869140625e-3});
  Value power = m.power(m.bits(sum));
  Value root = m.mul(p, power);
  return m.mul(root, root);
}

// The difference of bits is within 5 % of 1 / x, since an exponent is negated
// so and a significand nearly (Blinn 1997, "Floating-point tricks"). Each of
// two Newton steps squares the error; as they err to one side, the constants
// are more than 2 and 1 by half of that.
Value mpc::newtonReciprocal(FloatMath &m, Value x) {
  Value minus = m.neg(x);
  Value y = m.fromBits(m.subInt(m.integer(0x7ef33000), m.bits(x)));
  y = m.mul(y, m.fma(minus, y, m.number(2.0012844)));
  Value rest = m.fma(minus, y, m.number(1 + 0x1p-20));
  return m.fma(y, rest, y);
}

Value mpc::fineReciprocal(FloatMath &m, Value x) {
  Value y = shortReciprocal(m, x);
  return m.fma(y, m.fma(m.neg(x), y, m.number(1)), y);
}

Value mpc::shortReciprocal(FloatMath &m, Value x) {
  return isForGpu(m) ? gpuReciprocal(m, x) : newtonReciprocal(m, x);
}

// Half of the bits, negated, is 1 / sqrt(x) up to a factor, as the half of an
// exponent is that of a root. With y as that, x y^2 is between 0.875 and 0.9924
// and its inverse root a minimax polynomial, off by 2^-20.8.
static ShortRoots rootsOfPositive(FloatMath &m, Value x) {
  Value half = m.shiftRight(m.bits(x), m.integer(1));
  Value y = m.fromBits(m.subInt(m.integer(0x5f300000), half));
  Value z = m.mul(x, y);
  Value p = m.polynomial(
      m.mul(z, y), {2.2661921977996826171875, -2.4309666156768798828125,
                    1.5636007785797119140625, -0.39882838726043701171875});
  return {m.mul(z, p), m.mul(y, p)};
}

ShortRoots mpc::shortRoots(FloatMath &m, Value x) {
  if (isForGpu(m))
    return {gpuFunction(m, "sqrt.approx.ftz.f", x),
            gpuFunction(m, "rsqrt.approx.ftz.f", x)};
  ShortRoots roots = rootsOfPositive(m, x);
  Value zero = m.number(0), nan = m.number(NAN);
  Value atZero = m.select(m.equal(x, zero), m.number(HUGE_VAL), nan);
  return {m.select(m.less(x, zero), nan, roots.root),
          m.select(m.greater(x, zero), roots.inverse, atZero)};
}

BinaryLog mpc::shortSplit(FloatMath &m, Value x) {
  Value bits = m.bits(x);
  Value exponent =
      m.andInt(m.subInt(bits, m.integer(0x3f3504f3)), m.integer(-0x800000));
  Value significand = m.fromBits(m.subInt(bits, exponent));
  return {m.sub(significand, m.number(1)), m.toFloat(exponent)};
}

// k ln 2 and the log of what is between 1 and 2, a minimax polynomial off by
// 2^-19.5 (f16), or 2^-18.6 with what is rounded away, and 2^-14 (bf16). k
// stands in the lowest bits of a large number, whose other bits a shift drops.
Value mpc::shortLogOfFar(FloatMath &m, Value x, Type stored) {
  if (isForGpu(m))
    return m.mul(gpuLog2(m, x), m.number(M_LN2));
  Value bits = m.bits(x), places = m.integer(23);
  Value exponent =
      m.addInt(m.shiftRight(bits, places), m.bits(m.number(0x1.8p23 - 127)));
  Value k = m.sub(m.fromBits(exponent), m.number(0x1.8p23));
  Value significand = m.fromBits(m.subInt(bits, m.shiftLeft(exponent, places)));
  static constexpr double f16[] = {
      -2.1072940826416015625,           4.237611293792724609375,
      -3.7035496234893798828125,        2.2787687778472900390625,
      -0.87853848934173583984375,       0.19082300364971160888671875,
      -1.781960390508174896240234375e-2};
  static constexpr double bf16[] = {
      -1.7417795658111572265625, 2.8211762905120849609375,
      -1.4699447154998779296875, 0.44718086719512939453125,
      -5.65721653401851654052734375e-2};
  ArrayRef<double> c = stored.isBF16() ? ArrayRef(bf16) : ArrayRef(f16);
  return m.fma(k, m.number(M_LN2), m.polynomial(significand, c));
}
