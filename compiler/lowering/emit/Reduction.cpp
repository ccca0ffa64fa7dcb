// reduce_sum, reduce_mean, reduce_max, reduce_min and reduce_prod.
#include "compiler/lowering/emit/AxisLoops.h"
#include "compiler/lowering/emit/Emitters.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <limits>

using namespace mlir;
using namespace mpc;

static ArrayRef<int64_t> axesOf(Operation *root) {
  return cast<DenseI64ArrayAttr>(root->getAttr("axes")).asArrayRef();
}

static AxisPlan planOf(Operation *root) {
  return AxisPlan(shapeOf(root->getOperand(0)), axesOf(root), grainOf(root));
}

// The type that elements are combined in: f32, an integer's own, or i64 for the
// mean of integers, whose sum may not fit.
static Type combinedType(Operation *root) {
  Builder b(root->getContext());
  Type element = elementTypeOf(root->getOperand(0));
  if (isa<FloatType>(element))
    return b.getF32Type();
  return isa<ReduceMeanOp>(root) ? Type(b.getI64Type()) : element;
}

namespace {
class Emit {
public:
  explicit Emit(TileKernel &k)
      : k(k), b(k.b), loc(k.loc), type(combinedType(k.root)),
        isFloat(isa<FloatType>(type)), loops(k, planOf(k.root)) {
    loops.haveShortSteps();
  }

  void run() {
    bool keepDims = k.root->hasAttr("keep_dims");
    loops.forOutputs([&](ValueRange kept, int64_t lanes) {
      Value total = loops.fold(
          kept, lanes, [&](int64_t n) { return AxisLoops::Values{first(n)}; },
          [&](ValueRange so, ValueRange at, int64_t n) {
            return AxisLoops::Values{combine(so[0], term(at, n))};
          },
          [&](size_t, Value x, Value y) { return combine(x, y); })[0];
      SmallVector<Value> to(kept);
      if (keepDims)
        to = loops.keptDims(kept);
      Value result = finish(total);
      k.once([&] { k.store({{k.root->getResult(0), result}}, to, lanes); });
    });
  }

private:
  TileKernel &k;
  OpBuilder &b;
  Location loc;
  Type type;
  bool isFloat;
  AxisLoops loops;

  template <typename FloatOp, typename IntOp> Value make(Value x, Value y) {
    if (isFloat)
      return FloatOp::create(b, loc, x, y);
    return IntOp::create(b, loc, x, y);
  }

  // i1 is 0 or 1, without a sign.
  Value combine(Value x, Value y) {
    bool isBoolean = type.isInteger(1);
    if (isa<ReduceProdOp>(k.root))
      return make<arith::MulFOp, arith::MulIOp>(x, y);
    if (isa<ReduceMaxOp>(k.root))
      return isBoolean ? make<arith::MaximumFOp, arith::OrIOp>(x, y)
                       : make<arith::MaximumFOp, arith::MaxSIOp>(x, y);
    if (isa<ReduceMinOp>(k.root))
      return isBoolean ? make<arith::MinimumFOp, arith::AndIOp>(x, y)
                       : make<arith::MinimumFOp, arith::MinSIOp>(x, y);
    return make<arith::AddFOp, arith::AddIOp>(x, y);
  }

  // The reduction of no elements.
  Value first(int64_t lanes) {
    double infinity = std::numeric_limits<double>::infinity();
    bool isProd = isa<ReduceProdOp>(k.root), isMax = isa<ReduceMaxOp>(k.root);
    bool isMin = isa<ReduceMinOp>(k.root);
    if (isFloat)
      return f32Constant(b, loc,
                         isProd  ? 1
                         : isMax ? -infinity
                         : isMin ? infinity
                                 : 0,
                         lanes);
    unsigned width = type.getIntOrFloatBitWidth();
    int64_t smallest = width == 1 ? 0 : INT64_MIN >> (64 - width);
    int64_t largest = width == 1 ? 1 : INT64_MAX >> (64 - width);
    return intConstant(b, loc, type,
                       isProd  ? 1
                       : isMax ? smallest
                       : isMin ? largest
                               : 0,
                       lanes);
  }

  Value term(ValueRange at, int64_t lanes) {
    Value x = k.load(k.root->getOperand(0), at, lanes);
    Type wanted = withLanes(type, lanes);
    if (x.getType() == wanted)
      return x;
    if (elementTypeOf(k.root->getOperand(0)).isInteger(1))
      return arith::ExtUIOp::create(b, loc, wanted, x);
    return arith::ExtSIOp::create(b, loc, wanted, x);
  }

  Value finish(Value total) {
    if (!isa<ReduceMeanOp>(k.root))
      return total;
    int64_t lanes = lanesOf(total), count = 1;
    for (int64_t axis : axesOf(k.root))
      count *= shapeOf(k.root->getOperand(0))[size_t(axis)];
    if (isFloat)
      return arith::DivFOp::create(b, loc, total,
                                   f32Constant(b, loc, double(count), lanes));
    // The sum of no integers is 0, and so is its mean.
    Value divisor =
        intConstant(b, loc, type, std::max<int64_t>(count, 1), lanes);
    Value mean = arith::DivSIOp::create(b, loc, total, divisor);
    Type element = elementTypeOf(k.root->getResult(0));
    if (element == type)
      return mean;
    return arith::TruncIOp::create(b, loc, withLanes(element, lanes), mean);
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  return {planOf(kernel.getRootOp()).tiles()};
}

static TeamShape teamOf(KernelOp kernel, int64_t) {
  return planOf(kernel.getRootOp()).team();
}

static LogicalResult emitReduction(TileKernel &k) {
  Emit(k).run();
  return success();
}

const TileEmitter mpc::reduceMaxEmitter = {"mpc.reduce_max", tilesOf, nullptr,
                                           emitReduction, teamOf};
const TileEmitter mpc::reduceMeanEmitter = {"mpc.reduce_mean", tilesOf, nullptr,
                                            emitReduction, teamOf};
const TileEmitter mpc::reduceMinEmitter = {"mpc.reduce_min", tilesOf, nullptr,
                                           emitReduction, teamOf};
const TileEmitter mpc::reduceProdEmitter = {"mpc.reduce_prod", tilesOf, nullptr,
                                            emitReduction, teamOf};
const TileEmitter mpc::reduceSumEmitter = {"mpc.reduce_sum", tilesOf, nullptr,
                                           emitReduction, teamOf};
