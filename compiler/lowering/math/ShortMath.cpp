// Parts of functions whose results are rounded to f16 or bf16: a relative error
// of 2^-18 will do, and arguments are kept where nothing special happens.
#include "compiler/analysis/Target.h"
#include "compiler/lowering/math/FloatMath.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mpc;

static bool isForGpu(FloatMath &m) {
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
    results.push_back(
        function(vector::ExtractOp::create(m.b, m.loc, x, lane)));
  return vector::FromElementsOp::create(m.b, m.loc, type, results);
}

// One instruction each on a GPU; both err by less than 2^-22 (PTX ISA,
// ex2.approx.ftz and rcp.approx.ftz).
static Value gpuExp2(FloatMath &m, Value x) {
  return eachLane(m, x, [&](Value lane) -> Value {
    return LLVM::CallIntrinsicOp::create(
               m.b, m.loc, m.b.getF32Type(),
               m.b.getStringAttr("llvm.nvvm.ex2.approx.ftz"), lane)
        .getResult(0);
  });
}
static Value gpuReciprocal(FloatMath &m, Value x) {
  return eachLane(m, x, [&](Value lane) -> Value {
    return NVVM::RcpApproxFtzF32Op::create(m.b, m.loc, m.b.getF32Type(), lane);
  });
}

// n = round(x y) stands in the lowest bits of a sum, as in nearestInteger();
// with the exponent's bias added to it, these bits are shifted to be the power.
// The polynomial is a minimax one on +-1/2 (Sollya, fpminimax), off by 2^-18.5.
ShortPower mpc::shortExp2(FloatMath &m, Value x, Value y, int64_t shift) {
  if (isForGpu(m))
    return {gpuExp2(m, m.fma(x, y, m.number(double(shift)))), m.number(1)};
  Value large = m.number(0x1.8p23 + double(127 + shift));
  Value sum = m.fma(x, y, large);
  Value n = m.sub(sum, large);
  Value r = m.fma(x, y, m.neg(n));
  Value p = m.polynomial(
      r, {0.9999992847442626953125, 0.69312179088592529296875,
          0.24024708569049835205078125, 0.0559180416166782379150390625,
          0.009571283124387264251708984375});
  return {p, m.fromBits(m.shiftLeft(m.bits(sum), m.integer(23)))};
}

// The difference of bits is within 5 % of 1 / x, since an exponent is negated
// so and a significand nearly (Blinn 1997, "Floating-point tricks"). Each of
// two Newton steps squares the error; as they err to one side, the constants
// are more than 2 and 1 by half of that.
Value mpc::shortReciprocal(FloatMath &m, Value x) {
  if (isForGpu(m))
    return gpuReciprocal(m, x);
  Value minus = m.neg(x);
  Value y = m.fromBits(m.subInt(m.integer(0x7ef33000), m.bits(x)));
  y = m.mul(y, m.fma(minus, y, m.number(2.0012844)));
  Value rest = m.fma(minus, y, m.number(1 + 0x1p-20));
  return m.fma(y, rest, y);
}
