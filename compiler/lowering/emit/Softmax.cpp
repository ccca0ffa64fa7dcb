// softmax, log_softmax and their gradients. Each row is read once for its
// maximum, once for the sum and once for the result, unless a team's registers
// hold it. What is stored in 16 bits has a short form, as functions have
// (ScalarShort.h).
#include "compiler/lowering/ScalarShort.h"
#include "compiler/lowering/emit/AxisLoops.h"
#include "compiler/lowering/emit/Emitters.h"
#include <limits>

using namespace mlir;
using namespace mpc;

static AxisPlan planOf(Operation *root) {
  int64_t axis = cast<IntegerAttr>(root->getAttr("axis")).getInt();
  return AxisPlan(shapeOf(root->getResult(0)), {axis}, grainOf(root));
}

namespace {
// All operands are held: log_softmax_grad reads its second only once, but needs
// it where its stores would have to wait for it.
class Emit : RowMath {
public:
  explicit Emit(TileKernel &k)
      : RowMath(k), loops(k, planOf(k.root), k.root->getOperands()) {}

  // exp(x - m) / sum(exp(x - m)) with the row's maximum m, or another that is
  // near to it.
  void softmax() {
    loops.forOutputs([&](ValueRange kept, int64_t lanes) {
      Value own = largestOf(kept, lanes), reference = referenceOf(own);
      auto power = [&](ValueRange at, int64_t n) {
        return loops.holdInstead(0, powers, at, n, [&] {
          Value x = shifted(reference, at, n);
          return isShort ? shortExp(x, lift) : lowExp(x);
        });
      };
      auto [largest, total] = sumOfPowers(kept, lanes, own, power);
      Value inverse =
          isShort ? shortInverse(total) : div(number(1, lanesOf(total)), total);
      if (k.team.block && loops.canHoldInstead(0))
        inverse = mul(inverse, rebase(own, largest));
      else
        reference = largest;
      loops.forElements(kept, lanes, [&](ValueRange at, int64_t n) {
        store(mul(power(at, n), spread(inverse, n)), at, n);
      });
    });
  }

  // (x - m) - log(sum(exp(x - m)))
  void logSoftmax() {
    loops.forOutputs([&](ValueRange kept, int64_t lanes) {
      Value own = largestOf(kept, lanes), reference = referenceOf(own);
      PowerSum sum =
          sumOfPowers(kept, lanes, own, [&](ValueRange at, int64_t n) {
            Value x = shifted(reference, at, n);
            return isShort ? wholeExp(x) : lowExp(x);
          });
      Value total = logOfSum(sum.total);
      loops.forElements(kept, lanes, [&](ValueRange at, int64_t n) {
        store(sub(shifted(sum.reference, at, n), spread(total, n)), at, n);
      });
    });
  }

  // y * (dy - sum(dy * y))
  void softmaxGradient() {
    loops.forOutputs([&](ValueRange kept, int64_t lanes) {
      Value total = sum(kept, lanes, [&](ValueRange at, int64_t n) {
        return mul(load(0, at, n), load(1, at, n));
      });
      loops.forElements(kept, lanes, [&](ValueRange at, int64_t n) {
        Value difference = sub(load(0, at, n), spread(total, n));
        store(mul(load(1, at, n), difference), at, n);
      });
    });
  }

  // dy - exp(y) * sum(dy)
  void logSoftmaxGradient() {
    loops.forOutputs([&](ValueRange kept, int64_t lanes) {
      Value total = sum(kept, lanes, [&](ValueRange at, int64_t n) {
        return load(0, at, n);
      });
      loops.forElements(kept, lanes, [&](ValueRange at, int64_t n) {
        Value y = load(1, at, n), e = isShort ? wholeExp(y) : exp(y);
        Value share = mul(e, spread(total, n));
        store(sub(load(0, at, n), share), at, n);
      });
    });
  }

private:
  AxisLoops loops;
  const bool isShort =
      scalar::hasShortForms(elementTypeOf(k.root->getResult(0)));
  // What AxisLoops holds: elements of operands by their number, and powers of
  // e.
  static constexpr int64_t powers = 2;
  // Short powers of e are computed times 2^24: what is subnormal in bf16 is
  // normal so.
  static constexpr int64_t lift = 24;
  using Values = AxisLoops::Values;
  using Term = llvm::function_ref<Value(ValueRange at, int64_t lanes)>;

  // `fold` gets how to begin, to go on and to join.
  template <typename Fold> auto sumBy(Term term, Fold fold) {
    return fold([&](int64_t n) { return Values{number(0, n)}; },
                [&](ValueRange so, ValueRange at, int64_t n) {
                  return Values{addTerm(so[0], term(at, n))};
                },
                [&](size_t, Value x, Value y) { return addTerm(x, y); });
  }

  Value load(unsigned operand, ValueRange at, int64_t lanes) {
    return loops.loadHeld(operand, at, lanes);
  }
  void store(Value value, ValueRange at, int64_t lanes) {
    k.store({{k.root->getResult(0), value}}, at, lanes);
  }

  // Of what this block has of a row. A cluster joins maxima and sums at once,
  // each sum with its block's maximum.
  Value largestOf(ValueRange kept, int64_t lanes) {
    return loops.foldOfBlock(
        kept, lanes,
        [&](int64_t n) {
          return Values{number(-std::numeric_limits<double>::infinity(), n)};
        },
        [&](ValueRange so, ValueRange at, int64_t n) {
          return Values{max(so[0], load(0, at, n))};
        },
        [&](size_t, Value x, Value y) { return max(x, y); })[0];
  }
  Value referenceOf(Value own) { return k.team.block ? finite(own) : own; }
  PowerSum sumOfPowers(ValueRange kept, int64_t lanes, Value own, Term power) {
    TileKernel::OfBlocks sums = sumBy(power, [&](auto... how) {
      return loops.foldOfBlocks(kept, lanes, how..., own);
    });
    return joined(sums(1), sums(0));
  }
  Value shifted(Value largest, ValueRange at, int64_t lanes) {
    return sub(load(0, at, lanes), spread(largest, lanes));
  }

  Value wholeExp(Value x) {
    FloatMath m(k.b, k.loc, lanesOf(x));
    return shortWholeExp(m, x);
  }

  Value sum(ValueRange kept, int64_t lanes, Term term) {
    return sumBy(
        term, [&](auto... how) { return loops.fold(kept, lanes, how...); })[0];
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  return {planOf(kernel.getRootOp()).tiles()};
}

static TeamShape teamOf(KernelOp kernel, int64_t) {
  Operation *root = kernel.getRootOp();
  return teamHolding(kernel, planOf(root), root->getOperands());
}

static LogicalResult emitSoftmax(TileKernel &k) {
  Emit(k).softmax();
  return success();
}
static LogicalResult emitLogSoftmax(TileKernel &k) {
  Emit(k).logSoftmax();
  return success();
}
static LogicalResult emitSoftmaxGradient(TileKernel &k) {
  Emit(k).softmaxGradient();
  return success();
}
static LogicalResult emitLogSoftmaxGradient(TileKernel &k) {
  Emit(k).logSoftmaxGradient();
  return success();
}

const TileEmitter mpc::logSoftmaxEmitter = {"mpc.log_softmax", tilesOf, nullptr,
                                            emitLogSoftmax, teamOf};
const TileEmitter mpc::logSoftmaxGradEmitter = {
    "mpc.log_softmax_grad", tilesOf, nullptr, emitLogSoftmaxGradient, teamOf};
const TileEmitter mpc::softmaxEmitter = {"mpc.softmax", tilesOf, nullptr,
                                         emitSoftmax, teamOf};
const TileEmitter mpc::softmaxGradEmitter = {
    "mpc.softmax_grad", tilesOf, nullptr, emitSoftmaxGradient, teamOf};
