// cross_entropy and its gradient. A position is one label: logits are
// [outer, classes, inner], labels [outer, inner]. Partial sums are taken per
// tile of positions and combined in order.
#include "compiler/lowering/emit/Emitters.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include <limits>

using namespace mlir;
using namespace mpc;

static constexpr int64_t positionsPerTile = 64;
static constexpr int64_t vectorLanes = 8;

namespace {
struct Problem {
  Value gradient, logits, labels; ///< gradient is null for the loss
  size_t axis;
  int64_t ignored, classes, positions;

  explicit Problem(Operation *root) {
    auto read = [&](auto op) {
      logits = op.getLogits();
      labels = op.getLabels();
      axis = size_t(op.getClassAxis());
      ignored = op.getIgnoreIndex();
    };
    if (auto op = dyn_cast<CrossEntropyGradOp>(root)) {
      gradient = op.getGradient();
      read(op);
    } else {
      read(cast<CrossEntropyOp>(root));
    }
    classes = shapeOf(logits)[axis];
    positions = elementCount(shapeOf(labels));
  }
  int64_t tiles() const {
    return (positions + positionsPerTile - 1) / positionsPerTile;
  }
  /// Lanes along the classes, if they are contiguous.
  int64_t lanes() const {
    return axis + 1 == shapeOf(logits).size() && classes >= vectorLanes
               ? vectorLanes
               : 1;
  }
};

class Emit {
public:
  explicit Emit(CpuKernel &k) : k(k), b(k.b), loc(k.loc), p(k.root) {}

  void loss() {
    bool single = p.tiles() == 1;
    if (k.phase == 0)
      k.forTiles([&](Value tile) { partialLoss(tile); });
    if (k.phase == 1 || single)
      k.forTiles([&](Value) { combineLoss(); });
  }

  void gradient() {
    if (k.phase == 0) {
      k.forTiles([&](Value) { countLabels(); });
      return;
    }
    Value count = memref::LoadOp::create(b, loc, k.workspaces[0], k.index(0));
    Value number = arith::SIToFPOp::create(b, loc, b.getF32Type(), count);
    k.forTiles([&](Value tile) {
      forPositions(tile, [&](Value position) {
        rowGradient(k.split(position, shapeOf(p.labels)), number);
      });
    });
  }

private:
  CpuKernel &k;
  OpBuilder &b;
  Location loc;
  Problem p;

  Value i64(int64_t value) {
    return intConstant(b, loc, b.getI64Type(), value);
  }
  Value counts(Value label) {
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, label,
                                 i64(p.ignored));
  }

  void forPositions(Value tile, CpuKernel::Body body) {
    Value begin = k.times(tile, positionsPerTile);
    k.forRange(begin, k.blockEnd(begin, positionsPerTile, p.positions), 1,
               body);
  }

  SmallVector<Value> logitAt(ArrayRef<Value> position, Value cls) {
    SmallVector<Value> indices(position);
    indices.insert(indices.begin() + int64_t(p.axis), cls);
    return indices;
  }

  // Folds over the classes: first lanes, then the rest, then both into one.
  Value foldClasses(double init,
                    llvm::function_ref<Value(Value, Value, int64_t)> body,
                    llvm::function_ref<Value(Value, Value)> join) {
    auto loop = [&](int64_t lo, int64_t hi, int64_t lanes) {
      return k.fold(k.index(lo), k.index(hi), lanes,
                    f32Constant(b, loc, init, lanes),
                    [&](Value c, ValueRange carried) -> SmallVector<Value> {
                      return {body(carried[0], c, lanes)};
                    })[0];
    };
    int64_t lanes = p.lanes(), whole = p.classes / lanes * lanes;
    Value total = k.joinLanes(loop(0, whole, lanes), join);
    return whole == p.classes ? total : join(total, loop(whole, p.classes, 1));
  }

  Value largest(ArrayRef<Value> position) {
    auto join = [&](Value x, Value y) -> Value {
      return arith::MaximumFOp::create(b, loc, x, y);
    };
    return foldClasses(
        -std::numeric_limits<double>::infinity(),
        [&](Value so, Value c, int64_t lanes) {
          return join(so, k.load(p.logits, logitAt(position, c), lanes));
        },
        join);
  }

  // exp(logit - max) of one or more classes.
  Value exponential(ArrayRef<Value> position, Value cls, Value max,
                    int64_t lanes) {
    Value x = k.load(p.logits, logitAt(position, cls), lanes);
    Value shifted =
        arith::SubFOp::create(b, loc, x, broadcastLanes(b, loc, max, lanes));
    return math::ExpOp::create(b, loc, shifted);
  }

  Value sumOfExponentials(ArrayRef<Value> position, Value max) {
    auto join = [&](Value x, Value y) -> Value {
      return arith::AddFOp::create(b, loc, x, y);
    };
    return foldClasses(
        0,
        [&](Value so, Value c, int64_t lanes) {
          return join(so, exponential(position, c, max, lanes));
        },
        join);
  }

  // The label as an index that is safe to read with, whatever the data says.
  Value safeIndex(Value label) {
    Value low = arith::MaxSIOp::create(b, loc, label, i64(0));
    Value safe = arith::MinSIOp::create(b, loc, low, i64(p.classes - 1));
    return arith::IndexCastOp::create(b, loc, b.getIndexType(), safe);
  }

  Value rowLoss(ArrayRef<Value> position, Value label) {
    Value max = largest(position);
    Value sum = sumOfExponentials(position, max);
    Value x = k.load(p.logits, logitAt(position, safeIndex(label)));
    Value shifted = arith::SubFOp::create(b, loc, x, max);
    return arith::SubFOp::create(b, loc, math::LogOp::create(b, loc, sum),
                                 shifted);
  }

  void partialLoss(Value tile) {
    Value begin = k.times(tile, positionsPerTile);
    Value end = k.blockEnd(begin, positionsPerTile, p.positions);
    auto totals = k.fold(
        begin, end, 1, {f32Constant(b, loc, 0), i64(0)},
        [&](Value i, ValueRange carried) -> SmallVector<Value> {
          SmallVector<Value> position = k.split(i, shapeOf(p.labels));
          Value label = k.load(p.labels, position);
          Value counted = counts(label);
          Value loss = arith::AddFOp::create(b, loc, carried[0],
                                             rowLoss(position, label));
          Value more = arith::AddIOp::create(b, loc, carried[1], i64(1));
          return {arith::SelectOp::create(b, loc, counted, loss, carried[0]),
                  arith::SelectOp::create(b, loc, counted, more, carried[1])};
        });
    memref::StoreOp::create(b, loc, totals[0], k.workspaces[0], tile);
    memref::StoreOp::create(b, loc, totals[1], k.workspaces[1], tile);
  }

  void combineLoss() {
    auto totals = k.fold(
        k.index(0), k.index(p.tiles()), 1, {f32Constant(b, loc, 0), i64(0)},
        [&](Value i, ValueRange carried) -> SmallVector<Value> {
          Value sum = memref::LoadOp::create(b, loc, k.workspaces[0], i);
          Value count = memref::LoadOp::create(b, loc, k.workspaces[1], i);
          return {arith::AddFOp::create(b, loc, carried[0], sum),
                  arith::AddIOp::create(b, loc, carried[1], count)};
        });
    Value number = arith::SIToFPOp::create(b, loc, b.getF32Type(), totals[1]);
    Value mean = arith::DivFOp::create(b, loc, totals[0], number);
    Value none = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                       totals[1], i64(0));
    Value loss =
        arith::SelectOp::create(b, loc, none, f32Constant(b, loc, 0), mean);
    k.store({{k.root->getResult(0), loss}}, {});
  }

  void countLabels() {
    auto total =
        k.fold(k.index(0), k.index(p.positions), 1, i64(0),
               [&](Value i, ValueRange carried) -> SmallVector<Value> {
                 Value label = k.load(p.labels, k.split(i, shapeOf(p.labels)));
                 Value one = arith::ExtUIOp::create(b, loc, b.getI64Type(),
                                                    counts(label));
                 return {arith::AddIOp::create(b, loc, carried[0], one)};
               });
    memref::StoreOp::create(b, loc, total[0], k.workspaces[0], k.index(0));
  }

  void rowGradient(ArrayRef<Value> position, Value number) {
    Value label = k.load(p.labels, position);
    Value counted = counts(label);
    Value max = largest(position);
    Value sum = sumOfExponentials(position, max);
    Value scale = k.load(p.gradient, {});
    int64_t lanes = p.lanes(), whole = p.classes / lanes * lanes;
    auto wide = [&](Value value, int64_t n) {
      return broadcastLanes(b, loc, value, n);
    };
    k.forLanes(
        k.index(0), k.index(p.classes), whole == 0 ? 1 : lanes,
        [&](Value c, int64_t n) {
          Value e = exponential(position, c, max, n);
          Value softmax = arith::DivFOp::create(b, loc, e, wide(sum, n));
          Value classes = k.laneNumbers(c, n);
          Value hit = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                            classes, wide(label, n));
          Value onehot =
              arith::SelectOp::create(b, loc, hit, f32Constant(b, loc, 1, n),
                                      f32Constant(b, loc, 0, n));
          Value difference = arith::SubFOp::create(b, loc, softmax, onehot);
          Value scaled =
              arith::MulFOp::create(b, loc, wide(scale, n), difference);
          Value mean = arith::DivFOp::create(b, loc, scaled, wide(number, n));
          Value kept = arith::SelectOp::create(b, loc, wide(counted, n), mean,
                                               f32Constant(b, loc, 0, n));
          k.store({{k.root->getResult(0), kept}}, logitAt(position, c), n);
        });
  }
};
} // namespace

static SmallVector<int64_t> lossTiles(KernelOp kernel) {
  int64_t tiles = Problem(rootOf(kernel)).tiles();
  if (tiles == 1)
    return {1};
  return {tiles, 1};
}

static SmallVector<MemRefType> lossWorkspaces(KernelOp kernel) {
  Builder b(kernel);
  int64_t tiles = Problem(rootOf(kernel)).tiles();
  return {MemRefType::get({tiles}, b.getF32Type()),
          MemRefType::get({tiles}, b.getI64Type())};
}

static SmallVector<int64_t> gradientTiles(KernelOp kernel) {
  return {1, Problem(rootOf(kernel)).tiles()};
}

static SmallVector<MemRefType> gradientWorkspaces(KernelOp kernel) {
  return {MemRefType::get({1}, Builder(kernel).getI64Type())};
}

static LogicalResult emitLoss(CpuKernel &k) {
  Emit(k).loss();
  return success();
}

static LogicalResult emitGradient(CpuKernel &k) {
  Emit(k).gradient();
  return success();
}

const CpuEmitter mpc::crossEntropyEmitter = {"mpc.cross_entropy", lossTiles,
                                             lossWorkspaces, emitLoss};
const CpuEmitter mpc::crossEntropyGradEmitter = {
    "mpc.cross_entropy_grad", gradientTiles, gradientWorkspaces, emitGradient};
