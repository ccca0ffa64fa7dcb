// reduce_sum, reduce_mean, reduce_max, reduce_min and reduce_prod. On a GPU few
// long rows are folded in parts, and these in a second phase.
#include "compiler/lowering/emit/AxisLoops.h"
#include "compiler/lowering/emit/Emitters.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include <limits>

using namespace mlir;
using namespace mpc;

static ArrayRef<int64_t> axesOf(Operation *root) {
  return cast<DenseI64ArrayAttr>(root->getAttr("axes")).asArrayRef();
}

static AxisPlan planOf(Operation *root) {
  return AxisPlan(shapeOf(root->getOperand(0)), axesOf(root), grainOf(root));
}

// The elements of a part: for each of 512 threads two vectors.
static constexpr int64_t partElements = 8192;

// The parts of a row; 1 where rows are short or as many as a GPU has room for.
static int64_t partsOf(KernelOp kernel) {
  constexpr int64_t enoughRows = 512, leastParts = 4;
  AxisPlan plan = planOf(kernel.getRootOp());
  int64_t length = plan.length();
  bool isFloat =
      isa<FloatType>(elementTypeOf(kernel.getRootOp()->getOperand(0)));
  if (!targetOf(kernel).isGpu() || !isFloat || plan.byColumns() ||
      plan.outputs() >= enoughRows || length < leastParts * partElements)
    return 1;
  return llvm::divideCeil(length, partElements);
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
    loops.forOutputs([&](ValueRange kept, int64_t lanes) {
      finish(loops.fold(
                 kept, lanes, [&](int64_t n) { return Values{first(n)}; },
                 [&](ValueRange so, ValueRange at, int64_t n) {
                   return Values{combine(so[0], term(at, n))};
                 },
                 [&](size_t, Value x, Value y) { return combine(x, y); })[0],
             kept, lanes);
    });
  }

  // Tile after tile the parts of the rows, to a workspace.
  void foldParts(int64_t parts) {
    AxisPlan plan = planOf(k.root);
    k.forTiles([&](Value tile) {
      auto [row, part] = k.divide(tile, parts);
      Value total = loops.foldPart(
          k.split(row, plan.extents(plan.kept)), part, partElements,
          [&](int64_t n) { return Values{first(n)}; },
          [&](ValueRange so, ValueRange at, int64_t n) {
            return Values{combine(so[0], term(at, n))};
          },
          [&](size_t, Value x, Value y) { return combine(x, y); })[0];
      k.once([&] {
        memref::StoreOp::create(b, loc, total, k.workspaces[0], tile);
      });
    });
  }

  void joinParts(int64_t parts) {
    AxisPlan plan = planOf(k.root);
    k.forTiles([&](Value row) {
      Value begin = k.times(row, parts);
      Value share = k.foldShare(
          0, parts, 1, first(1), [&](Value i, ValueRange so) -> Values {
            Value at = arith::AddIOp::create(b, loc, begin, i);
            return {combine(
                so[0], memref::LoadOp::create(b, loc, k.workspaces[0], at))};
          })[0];
      Value total =
          k.joinTeam(share, [&](Value x, Value y) { return combine(x, y); });
      finish(total, k.split(row, plan.extents(plan.kept)), 1);
    });
  }

private:
  TileKernel &k;
  OpBuilder &b;
  Location loc;
  Type type;
  bool isFloat;
  AxisLoops loops;
  using Values = AxisLoops::Values;

  void finish(Value total, ValueRange kept, int64_t lanes) {
    Values to(kept);
    if (k.root->hasAttr("keep_dims"))
      to = loops.keptDims(kept);
    Value result = resultOf(total);
    k.once([&] { k.store({{k.root->getResult(0), result}}, to, lanes); });
  }

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

  Value resultOf(Value total) {
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
  AxisPlan plan = planOf(kernel.getRootOp());
  int64_t parts = partsOf(kernel);
  if (parts == 1)
    return {plan.tiles()};
  return {plan.outputs() * parts, plan.outputs()};
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel) {
  int64_t parts = partsOf(kernel);
  if (parts == 1)
    return {};
  Operation *root = kernel.getRootOp();
  return {
      MemRefType::get({planOf(root).outputs() * parts}, combinedType(root))};
}

static TeamShape teamOf(KernelOp kernel, int64_t phase) {
  int64_t parts = partsOf(kernel);
  if (parts == 1) {
    // Rows are read once: two teams per multiprocessor are better than one.
    TeamShape team = planOf(kernel.getRootOp()).team();
    team.size = std::min<int64_t>(team.size, 512);
    return team;
  }
  return teamForRow(phase == 0 ? partElements : parts);
}

static LogicalResult emitReduction(TileKernel &k) {
  int64_t parts = partsOf(k.kernel);
  Emit emit(k);
  if (parts == 1)
    emit.run();
  else if (k.phase == 0)
    emit.foldParts(parts);
  else
    emit.joinParts(parts);
  return success();
}

const TileEmitter mpc::reduceMaxEmitter = {"mpc.reduce_max", tilesOf,
                                           workspacesOf, emitReduction, teamOf};
const TileEmitter mpc::reduceMeanEmitter = {
    "mpc.reduce_mean", tilesOf, workspacesOf, emitReduction, teamOf};
const TileEmitter mpc::reduceMinEmitter = {"mpc.reduce_min", tilesOf,
                                           workspacesOf, emitReduction, teamOf};
const TileEmitter mpc::reduceProdEmitter = {
    "mpc.reduce_prod", tilesOf, workspacesOf, emitReduction, teamOf};
const TileEmitter mpc::reduceSumEmitter = {"mpc.reduce_sum", tilesOf,
                                           workspacesOf, emitReduction, teamOf};
