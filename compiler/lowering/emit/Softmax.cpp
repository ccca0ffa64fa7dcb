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

static std::optional<StreamPlan> streamOf(KernelOp kernel) {
  Operation *root = kernel.getRootOp();
  int64_t values = isa<SoftmaxOp, LogSoftmaxOp>(root) ? 2 : 1;
  return streamedRows(kernel, planOf(root), root->getOperands(),
                      {.exchanged = values, .finished = values});
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
      Value inverse = inverseOf(sum.total);
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
    StreamedRows rows(k, b, plan, k.root->getOperands());
    const bool isLog = isa<LogSoftmaxOp>(k.root);
    const bool areHeld = !isLog && elementTypeOf(k.root->getOperand(0)).isF32();
    auto powerOf = [=, this](Value x) {
      if (isShort)
        return isLog ? wholeExp(x) : shortExp(x, lift);
      return lowExp(x);
    };
    StreamedRows::Work work = sumStreamed(rows, areHeld, powerOf);
    work.finish = [&](ValueRange sum) {
      Value of = isLog ? logOfSum(sum[0]) : inverseOf(sum[0]);
      return Values{of, sum[1]};
    };
    work.last = [&](ArrayRef<Row> all, ArrayRef<Values> finished,
                    ArrayRef<Values> own) {
      Values factors;
      for (auto [of, before] : llvm::zip_equal(finished, own))
        factors.push_back(areHeld ? mul(of[0], rebaseHeld(before, of[1]))
                                  : of[0]);
      storeStreamed(rows, all, [&](size_t i, const Place &place) {
        Value factor = spread(factors[i], place.lanes);
        if (areHeld)
          return mul(rows.load(all[i], place, 0), factor);
        Value x = shiftedOf(rows, all[i], place, finished[i][1]);
        return isLog ? sub(x, factor) : mul(powerOf(x), factor);
      });
    };
    rows.run(work);
  }

  void streamGradient(ThreadBuilder &b, const StreamPlan &plan) {
    StreamedRows rows(k, b, plan, k.root->getOperands());
    const bool isLog = isa<LogSoftmaxGradOp>(k.root);
    auto sum = [this](Value x, Value y) { return add(x, y); };
    StreamedRows::Work work;
    work.neutral = {number(0)};
    work.first = [&](ArrayRef<Row> all) {
      return rows.fold(
          all, number(0),
          [&](size_t i, const Place &place) {
            Value x = rows.load(all[i], place, 0);
            if (!isLog)
              x = mul(x, rows.load(all[i], place, 1));
            return Values{k.joinLanes(x, sum)};
          },
          [&](size_t, Value x, Value y) { return add(x, y); });
    };
    work.join = [&](ValueRange values, Value, Value) {
      return Values{rows.joinSenders(values[0], sum)};
    };
    work.finish = [](ValueRange total) { return Values(total); };
    work.last = [&](ArrayRef<Row> all, ArrayRef<Values> finished,
                    ArrayRef<Values>) {
      storeStreamed(rows, all, [&](size_t i, const Place &place) {
        return gradientOf(rows.load(all[i], place, 0),
                          rows.load(all[i], place, 1),
                          spread(finished[i][0], place.lanes));
      });
    };
    rows.run(work);
  }

  void softmaxGradient() {
    gradient([&](ValueRange at, int64_t n) {
      return mul(load(0, at, n), load(1, at, n));
    });
  }

  void logSoftmaxGradient() {
    gradient([&](ValueRange at, int64_t n) { return load(0, at, n); });
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

  using Row = StreamedRows::Row;
  using Place = StreamedRows::Place;

  void gradient(Term term) {
    loops.forOutputs([&](ValueRange kept, int64_t lanes) {
      Value total = sumOver(kept, lanes, term);
      loops.forElements(kept, lanes, [&](ValueRange at, int64_t n) {
        store(gradientOf(load(0, at, n), load(1, at, n), spread(total, n)), at,
              n);
      });
    });
  }

  // y * (dy - total), or dy - exp(y) * total for log_softmax.
  Value gradientOf(Value dy, Value y, Value total) {
    if (isa<SoftmaxGradOp>(k.root))
      return mul(y, sub(dy, total));
    Value e = isShort ? wholeExp(y) : exp(y);
    return sub(dy, mul(e, total));
  }

  Value inverseOf(Value total) {
    return isShort ? shortInverse(total)
                   : div(number(1, lanesOf(total)), total);
  }

  void storeStreamed(StreamedRows &rows, ArrayRef<Row> all,
                     llvm::function_ref<Value(size_t, const Place &)> make) {
    rows.forPlaces(all, [&](ArrayRef<Place> places) {
      for (size_t i = 0; i < all.size(); ++i)
        rows.store(all[i], places[i],
                   {{k.root->getResult(0), make(i, places[i])}});
    });
  }

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
    if (isa<SoftmaxOp, LogSoftmaxOp>(k.root))
      Emit(own).stream(b, *plan);
    else
      Emit(own).streamGradient(b, *plan);
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
  if (!emitsStream(k))
    Emit(k).softmaxGradient();
  return success();
}
static LogicalResult emitLogSoftmaxGradient(TileKernel &k) {
  if (!emitsStream(k))
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
