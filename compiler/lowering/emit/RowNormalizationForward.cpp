// layer_normalization and rms_normalization.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/RowNormalization.h"

using namespace mlir;
using namespace mpc;

namespace {
class Emit : NormRows {
public:
  using NormRows::NormRows;

  void run() {
    AxisLoops loops(k, norm.rows(), norm.rowOperands());
    loops.forRows([&](ArrayRef<Values> rows) {
      auto input = [&](size_t row, ValueRange at, int64_t lanes) {
        return loops.loadHeld(int64_t(row), inRow(rows[row], at), lanes);
      };
      auto ofEachRow = [&](auto term) {
        return [&, term](ValueRange at, int64_t lanes) {
          SmallVector<Term> terms;
          for (size_t row = 0; row < rows.size(); ++row)
            terms.push_back(term(row, at, lanes));
          return terms;
        };
      };
      Values center;
      if (norm.mean)
        center = meansOfBlock(
            loops, rows[0], rows.size(),
            ofEachRow([&](size_t row, ValueRange at, int64_t lanes) -> Term {
              return {input(row, at, lanes), {}};
            }));
      auto centered = [&](size_t row, ValueRange at, int64_t lanes) {
        Value x = input(row, at, lanes);
        return norm.mean ? sub(x, spread(center[row], lanes)) : x;
      };
      auto squares = ofEachRow([&](size_t row, ValueRange at, int64_t lanes) {
        Value x = centered(row, at, lanes);
        return Term{x, x};
      });
      SmallVector<Statistics> all =
          statistics(loops, rows[0], rows.size(), center, squares);
      if (norm.mean)
        center = ofRows(rows, [&](size_t row) { return all[row].mean; });
      loops.forElements(rows[0], 1, [&](ValueRange at, int64_t lanes) {
        Values results = ofRows(rows, [&](size_t row) {
          return mul(centered(row, at, lanes), spread(all[row].inverse, lanes));
        });
        Value scale, bias;
        if (norm.scale)
          scale = loadVector(norm.scale, at, lanes);
        if (norm.bias)
          bias = loadVector(norm.bias, at, lanes);
        for (Value &y : results)
          y = affine(y, scale, bias);
        store(rows, results, at, lanes);
      });
      k.once([&] {
        for (auto [row, kept] : llvm::enumerate(rows))
          storeStatistics(loops.keptDims(kept), all[row]);
      });
    });
  }

  // Means and squares beside them: of warps, then blocks, then the row.
  void stream(ThreadBuilder &b, const StreamPlan &plan) {
    using Row = StreamedRows::Row;
    using Place = StreamedRows::Place;
    StreamedRows rows(k, b, plan, norm.rowOperands());
    auto centered = [&](const Row &row, const Place &place, Value mean) {
      Value x = rows.load(row, place, 0);
      return mean ? sub(x, spread(mean, place.lanes)) : x;
    };
    StreamedRows::Work work;
    for (Value vector : {norm.scale, norm.bias})
      if (vector)
        work.vectors.push_back(vector);
    work.neutral.assign(norm.mean ? 2 : 1, number(0));
    work.first = [&](ArrayRef<Row> all) {
      Values means(all.size());
      if (norm.mean) {
        Values shares = llvm::map_to_vector(all, [&](const Row &row) {
          return div(number(1), max(rows.elementsOfWarp(row), number(1)));
        });
        auto sums =
            sumsOfWarp(rows, all, 1, [&](size_t row, const Place &place) {
              return SmallVector<Term>{{rows.load(all[row], place, 0), {}}};
            });
        for (auto [mean, sum, share] : llvm::zip_equal(means, sums, shares))
          mean = mul(sum[0], share);
      }
      auto values =
          sumsOfWarp(rows, all, 1, [&](size_t row, const Place &place) {
            Value x = centered(all[row], place, means[row]);
            return SmallVector<Term>{{x, x}};
          });
      if (norm.mean)
        for (auto [of, mean] : llvm::zip_equal(values, means))
          of.push_back(mean);
      return values;
    };
    // (Chan, Golub and LeVeque 1979.)
    work.join = [&](ValueRange values, Value elements, Value share) {
      if (!norm.mean)
        return Values{sumOfSenders(rows, values[0])};
      Value mean = sumOfSenders(rows, mul(values[1], share));
      Value beside = sub(values[1], mean);
      Value own = fma(mul(elements, beside), beside, values[0]);
      return Values{sumOfSenders(rows, own), mean};
    };
    Value length = number(double(lengthOfRow()));
    work.finish = [&](ValueRange values) {
      Values finished(values);
      finished[0] =
          inverseRoot(add(div(values[0], length), number(norm.epsilon)));
      return finished;
    };
    work.keep = [&](const Row &row, ValueRange, ValueRange finished) {
      storeStatistics(ofStatistics(row.kept),
                      {norm.mean ? finished[1] : Value(), finished[0]});
    };
    work.last = [&](ArrayRef<Row> all, ArrayRef<Values> finished,
                    ArrayRef<Values>) {
      rows.forPlaces(all, [&](ArrayRef<Place> places) {
        auto beside = [&](Value vector, int64_t number) {
          return vector ? rows.beside(all[0], places[0], number) : Value();
        };
        Value scale = beside(norm.scale, 0),
              bias = beside(norm.bias, norm.scale ? 1 : 0);
        for (auto [row, place, of] : llvm::zip_equal(all, places, finished)) {
          Value x = centered(row, place, norm.mean ? of[1] : Value());
          Value y = mul(x, spread(of[0], place.lanes));
          rows.store(row, place, {{norm.output, affine(y, scale, bias)}});
        }
      });
    };
    rows.run(work);
  }

private:
  Value affine(Value y, Value scale, Value bias) {
    if (scale && bias)
      return fma(y, scale, bias);
    if (scale)
      return mul(y, scale);
    return bias ? add(y, bias) : y;
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  return {Norm(kernel.getRootOp()).tilesOfRows()};
}

static TeamShape teamOf(KernelOp kernel, int64_t) {
  return Norm(kernel.getRootOp()).team();
}

// A team that sums a row twice, first for its mean, waits twice for all of its
// threads: fewer of them, each with twice as much in its registers, and more
// teams instead.
static TeamShape layerTeam(KernelOp kernel, int64_t phase) {
  TeamShape team = teamOf(kernel, phase);
  AxisPlan rows = Norm(kernel.getRootOp()).rows();
  TeamShape small = teamForRow(rows.length(), 32);
  return heldElements(kernel, rows, team) > 0 &&
                 heldElements(kernel, rows, small) > 0
             ? small
             : team;
}

static LogicalResult emitNorm(TileKernel &k) {
  if (auto plan = Norm(k.root).stream()) {
    emitThreads(k, [&](TileKernel &own, ThreadBuilder &b) {
      Emit(own).stream(b, *plan);
    });
  } else {
    Emit(k).run();
  }
  return success();
}

const TileEmitter mpc::layerNormalizationEmitter = {
    "mpc.layer_normalization", tilesOf, nullptr, emitNorm, layerTeam};
const TileEmitter mpc::rmsNormalizationEmitter = {
    "mpc.rms_normalization", tilesOf, nullptr, emitNorm, teamOf};
