#include "compiler/lowering/emit/CrossEntropyRows.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <limits>
#include <numeric>

using namespace mlir;
using namespace mpc;

static constexpr int64_t vectorLanes = 8;

CrossEntropyProblem::CrossEntropyProblem(Operation *root) {
  auto read = [&](auto op) {
    logits = op.getLogits();
    labels = op.getLabels();
    weights = op.getWeights();
    axis = size_t(op.getClassAxis());
    ignored = int64_t(op.getIgnoreIndex());
    smoothing = op.getLabelSmoothing().convertToFloat();
  };
  if (auto op = dyn_cast<CrossEntropyGradOp>(root)) {
    gradient = op.getGradient();
    read(op);
  } else {
    read(cast<CrossEntropyOp>(root));
  }
  perTile = grainOf(root).labels;
  classes = shapeOf(logits)[axis];
  positions = elementCount(shapeOf(labels));
}

int64_t CrossEntropyProblem::tiles() const {
  return (positions + perTile - 1) / perTile;
}

int64_t CrossEntropyProblem::lanes() const {
  return axis + 1 == shapeOf(logits).size() && classes >= vectorLanes
             ? vectorLanes
             : 1;
}

int64_t CrossEntropyProblem::teamLanes() const {
  return std::gcd(lanes(), classes);
}

Value CrossEntropyRows::i64(int64_t value) {
  return intConstant(b, loc, b.getI64Type(), value);
}

Value CrossEntropyRows::counts(Value label) {
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, label,
                               i64(p.ignored));
}

std::pair<Value, Value> CrossEntropyRows::positionsOf(Value tile) {
  Value begin = k.times(tile, p.perTile);
  return {begin, k.blockEnd(begin, p.perTile, p.positions)};
}

SmallVector<Value> CrossEntropyRows::labelAt(Value position) {
  return k.split(position, shapeOf(p.labels));
}

SmallVector<Value> CrossEntropyRows::logitAt(Indices position, Value cls) {
  SmallVector<Value> indices(position);
  indices.insert(indices.begin() + int64_t(p.axis), cls);
  return indices;
}

void CrossEntropyRows::forClasses(
    llvm::function_ref<void(Value, int64_t)> body) {
  if (k.team.size > 1)
    return k.forShare(0, p.classes, p.teamLanes(),
                      [&](Value c) { body(c, p.teamLanes()); });
  k.forLanes(k.index(0), k.index(p.classes), p.lanes(), body);
}

Value CrossEntropyRows::foldClasses(
    double init, llvm::function_ref<Value(Value, int64_t)> term,
    llvm::function_ref<Value(Value, Value)> join) {
  if (k.team.size > 1) {
    int64_t lanes = p.teamLanes();
    Value own = k.foldShare(0, p.classes, lanes, number(init, lanes),
                            [&](Value c, ValueRange so) -> SmallVector<Value> {
                              return {join(so[0], term(c, lanes))};
                            })[0];
    return k.joinTeam(k.joinLanes(own, join), join);
  }
  auto loop = [&](int64_t lo, int64_t hi, int64_t lanes) {
    return k.fold(k.index(lo), k.index(hi), lanes, number(init, lanes),
                  [&](Value c, ValueRange carried) -> SmallVector<Value> {
                    return {join(carried[0], term(c, lanes))};
                  })[0];
  };
  int64_t lanes = p.lanes(), whole = p.classes / lanes * lanes;
  Value total = k.joinLanes(loop(0, whole, lanes), join);
  return whole == p.classes ? total : join(total, loop(whole, p.classes, 1));
}

Value CrossEntropyRows::sumClasses(
    llvm::function_ref<Value(Value, int64_t)> term) {
  return foldClasses(0, term, [&](Value x, Value y) { return add(x, y); });
}

Value CrossEntropyRows::largest(Indices position) {
  return foldClasses(
      -std::numeric_limits<double>::infinity(),
      [&](Value c, int64_t lanes) {
        return k.load(p.logits, logitAt(position, c), lanes);
      },
      [&](Value x, Value y) { return max(x, y); });
}

Value CrossEntropyRows::shifted(Indices position, Value cls, Value max,
                                int64_t lanes) {
  Value x = k.load(p.logits, logitAt(position, cls), lanes);
  return sub(x, spread(max, lanes));
}

Value CrossEntropyRows::sumOfExponentials(Indices position, Value max) {
  return sumClasses([&](Value c, int64_t lanes) {
    return exp(shifted(position, c, max, lanes));
  });
}

Value CrossEntropyRows::safeIndex(Value label) {
  Value low = arith::MaxSIOp::create(b, loc, label, i64(0));
  Value safe = arith::MinSIOp::create(b, loc, low, i64(p.classes - 1));
  return arith::IndexCastOp::create(b, loc, b.getIndexType(), safe);
}

Value CrossEntropyRows::weightOf(Value label) {
  return p.weights ? k.load(p.weights, safeIndex(label)) : number(1);
}
