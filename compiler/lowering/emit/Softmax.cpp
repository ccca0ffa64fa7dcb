// softmax, log_softmax and their gradients. Each row is read once for its
// maximum, once for the sum and once for the result, unless a team's registers
// hold it. What is stored in 16 bits has a short form, as functions have
// (ScalarShort.h).
#include "compiler/lowering/ScalarShort.h"
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/RowPowers.h"

using namespace mlir;
using namespace mpc;

static AxisPlan planOf(Operation *root) {
  int64_t axis = cast<IntegerAttr>(root->getAttr("axis")).getInt();
  return AxisPlan(shapeOf(root->getResult(0)), {axis}, grainOf(root));
}

// Of f32, which takes more room and has more of a row's time.
static std::optional<StreamPlan> streamOf(KernelOp kernel) {
  Operation *root = kernel.getRootOp();
  if (!isa<SoftmaxOp, LogSoftmaxOp>(root) ||
      scalar::hasShortForms(elementTypeOf(root->getResult(0))) ||
      !elementTypeOf(root->getOperand(0)).isF32())
    return std::nullopt;
  return streamedRows(kernel, planOf(root), root->getOperands(),
                      {.exchanged = 2, .finished = 2});
}

namespace {
// All operands are held: log_softmax_grad reads its second only once, but needs
// it where its stores would have to wait for it.
class Emit : RowPowers {
public:
  explicit Emit(TileKernel &k)
      : RowPowers(k, planOf(k.root), k.root->getOperands()) {}

  // exp(x - m) / sum(exp(x - m)) with the row's maximum m; what is held of
  // powers has the maximum of a part of the row.
  void softmax() {
    loops.forOutputs([&](ValueRange kept, int64_t lanes) {
      auto power = [&](Value reference, ValueRange at, int64_t n) {
        return loops.holdInstead(0, powers, at, n, [&] {
          Value x = shifted(reference, at, n);
          return isShort ? shortExp(x, lift) : lowExp(x);
        });
      };
      RowSum sum = sumOfPowers(kept, lanes, power);
      Value inverse = isShort ? shortInverse(sum.total)
                              : div(number(1, lanesOf(sum.total)), sum.total);
      Value reference = referenceBehind(sum, inverse);
      loops.forElements(kept, lanes, [&](ValueRange at, int64_t n) {
        store(mul(power(reference, at, n), spread(inverse, n)), at, n);
      });
    });
  }

  // (x - m) - log(sum(exp(x - m)))
  void logSoftmax() {
    loops.forOutputs([&](ValueRange kept, int64_t lanes) {
      auto power = [&](Value reference, ValueRange at, int64_t n) {
        Value x = shifted(reference, at, n);
        return isShort ? wholeExp(x) : lowExp(x);
      };
      RowSum sum = sumOfPowers(kept, lanes, power);
      Value total = logOfSum(sum.total);
      loops.forElements(kept, lanes, [&](ValueRange at, int64_t n) {
        store(sub(shifted(sum.reference, at, n), spread(total, n)), at, n);
      });
    });
  }

  // The same of rows that clusters stream.
  void stream(ThreadBuilder &b, const StreamPlan &plan) {
    using Row = StreamedRows::Row;
    using Place = StreamedRows::Place;
    StreamedRows rows(k, b, plan, k.root->getOperands());
    const bool isLog = isa<LogSoftmaxOp>(k.root);
    StreamedRows::Work work = sumStreamed(rows, !isLog);
    work.finish = [&](ValueRange sum) {
      Value of = isLog ? logOfSum(sum[0]) : div(number(1), sum[0]);
      return Values{of, sum[1]};
    };
    work.last = [&](ArrayRef<Row> all, ArrayRef<Values> finished,
                    ArrayRef<Values> own) {
      Values factors(all.size());
      if (!isLog)
        for (auto [factor, of, before] :
             llvm::zip_equal(factors, finished, own))
          factor = mul(of[0], rebaseHeld(before, of[1]));
      rows.forPlaces(all, [&](ArrayRef<Place> places) {
        for (auto [row, place, of, factor] :
             llvm::zip_equal(all, places, finished, factors)) {
          Value y = isLog ? sub(shiftedOf(rows, row, place, of[1]),
                                spread(of[0], place.lanes))
                          : mul(rows.load(row, place, 0),
                                spread(factor, place.lanes));
          rows.store(row, place, {{k.root->getResult(0), y}});
        }
      });
    };
    rows.run(work);
  }

  // y * (dy - sum(dy * y))
  void softmaxGradient() {
    loops.forOutputs([&](ValueRange kept, int64_t lanes) {
      Value total = sumOver(kept, lanes, [&](ValueRange at, int64_t n) {
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
      Value total = sumOver(kept, lanes, [&](ValueRange at, int64_t n) {
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
  const bool isShort =
      scalar::hasShortForms(elementTypeOf(k.root->getResult(0)));
  // What AxisLoops holds: elements of operands by their number, and powers of
  // e.
  static constexpr int64_t powers = 2;
  // Short powers of e are computed times 2^24: what is subnormal in bf16 is
  // normal so.
  static constexpr int64_t lift = 24;

  Value load(unsigned operand, ValueRange at, int64_t lanes) {
    return loops.loadHeld(operand, at, lanes);
  }
  void store(Value value, ValueRange at, int64_t lanes) {
    k.store({{k.root->getResult(0), value}}, at, lanes);
  }

  Value shifted(Value largest, ValueRange at, int64_t lanes) {
    return sub(load(0, at, lanes), spread(largest, lanes));
  }

  Value wholeExp(Value x) {
    FloatMath m(k.b, k.loc, lanesOf(x));
    return shortWholeExp(m, x);
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  if (auto plan = streamOf(kernel))
    return {plan->clusters};
  return {planOf(kernel.getRootOp()).tiles()};
}

static TeamShape teamOf(KernelOp kernel, int64_t) {
  if (auto plan = streamOf(kernel))
    return plan->team;
  Operation *root = kernel.getRootOp();
  return teamHolding(kernel, planOf(root), root->getOperands());
}

// Whether it is emitted so.
static bool emitsStream(TileKernel &k) {
  auto plan = streamOf(k.kernel);
  if (!plan)
    return false;
  emitThreads(k, [&](TileKernel &own, ThreadBuilder &b) {
    Emit(own).stream(b, *plan);
  });
  return true;
}

static LogicalResult emitSoftmax(TileKernel &k) {
  if (!emitsStream(k))
    Emit(k).softmax();
  return success();
}
static LogicalResult emitLogSoftmax(TileKernel &k) {
  if (!emitsStream(k))
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
