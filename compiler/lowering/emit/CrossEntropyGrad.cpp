// The gradient of cross_entropy. Phase 0 sums the weights that it divides by.
#include "compiler/lowering/emit/CrossEntropyRows.h"
#include "compiler/lowering/emit/Emitters.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mpc;

namespace {
class Emit : CrossEntropyRows {
public:
  using CrossEntropyRows::CrossEntropyRows;

  void run() {
    if (k.phase == 0) {
      k.forTiles([&](Value) { sumWeights(); });
      return;
    }
    auto sum = [&](int64_t which) -> Value {
      return memref::LoadOp::create(b, loc, k.workspaces[0], k.index(which));
    };
    Value ofLabels = sum(0), ofClasses = sum(1);
    k.forTiles([&](Value tile) {
      auto [begin, end] = positionsOf(tile);
      k.forRange(begin, end, 1, [&](Value i) {
        rowGradient(labelAt(i), ofLabels, ofClasses);
      });
    });
  }

private:
  // The weights of all labels that count, and of all classes.
  void sumWeights() {
    auto totals = k.foldShare(
        0, p.positions, 1, {i64(0), number(0)},
        [&](Value i, ValueRange so) -> SmallVector<Value> {
          Value label = k.load(p.labels, labelAt(i)), counted = counts(label);
          Value one = arith::ExtUIOp::create(b, loc, b.getI64Type(), counted);
          Value weighted = add(so[1], weightOf(label));
          return {arith::AddIOp::create(b, loc, so[0], one),
                  arith::SelectOp::create(b, loc, counted, weighted, so[1])};
        });
    totals[0] = k.joinTeam(totals[0], [&](Value x, Value y) -> Value {
      return arith::AddIOp::create(b, loc, x, y);
    });
    totals[1] =
        k.joinTeam(totals[1], [&](Value x, Value y) { return add(x, y); });
    Value ofLabels = totals[1], ofClasses = number(double(p.classes));
    if (p.weights)
      ofClasses = sumClasses(
          [&](Value c, int64_t lanes) { return k.load(p.weights, c, lanes); });
    else
      ofLabels = arith::SIToFPOp::create(b, loc, b.getF32Type(), totals[0]);
    k.once([&] {
      memref::StoreOp::create(b, loc, ofLabels, k.workspaces[0], k.index(0));
      memref::StoreOp::create(b, loc, ofClasses, k.workspaces[0], k.index(1));
    });
  }

  void rowGradient(Indices position, Value ofLabels, Value ofClasses) {
    Value label = k.load(p.labels, position), counted = counts(label);
    Value max = largest(position), sum = sumOfExponentials(position, max);
    Value scale = k.load(p.gradient, {});
    Value weight;
    if (!p.isPlain())
      weight = mul(weightOf(label), number(1 - p.smoothing));
    forClasses([&](Value c, int64_t n) {
      Value softmax = div(exp(shifted(position, c, max, n)), spread(sum, n));
      Value difference = sub(softmax, oneHot(label, c, n));
      if (weight)
        difference = mul(spread(weight, n), difference);
      if (p.smoothing != 0)
        difference =
            add(difference, smoothed(softmax, c, spread(ofClasses, n)));
      Value mean = div(mul(spread(scale, n), difference), spread(ofLabels, n));
      Value kept = arith::SelectOp::create(b, loc, spread(counted, n), mean,
                                           number(0, n));
      k.store({{k.root->getResult(0), kept}}, logitAt(position, c), n);
    });
  }

  // s / C * (softmax * sum(weights) - weights[c])
  Value smoothed(Value softmax, Value cls, Value ofClasses) {
    int64_t lanes = lanesOf(softmax);
    Value own = p.weights ? k.load(p.weights, cls, lanes) : number(1, lanes);
    return mul(number(p.smoothing / double(p.classes), lanes),
               sub(mul(softmax, ofClasses), own));
  }

  // 1 where the class is the label, 0 elsewhere.
  Value oneHot(Value label, Value cls, int64_t lanes) {
    Value hit =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                              k.laneNumbers(cls, lanes), spread(label, lanes));
    return arith::SelectOp::create(b, loc, hit, number(1, lanes),
                                   number(0, lanes));
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  return {1, CrossEntropyProblem(kernel.getRootOp()).tiles()};
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel) {
  return {MemRefType::get({2}, Builder(kernel).getF32Type())};
}

static TeamShape teamOf(KernelOp kernel, int64_t phase) {
  CrossEntropyProblem problem(kernel.getRootOp());
  return teamForRow(phase == 0 ? problem.positions : problem.classes);
}

static LogicalResult emitGradient(TileKernel &k) {
  Emit(k).run();
  return success();
}

const TileEmitter mpc::crossEntropyGradEmitter = {
    "mpc.cross_entropy_grad", tilesOf, workspacesOf, emitGradient, teamOf};
