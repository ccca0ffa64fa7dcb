// The gradients of layer_normalization and rms_normalization. Phase 0 goes by
// rows. The gradients of scale and bias are sums over rows: phase 1 goes by
// columns and takes the rows in order. A GPU has a phase 1 of its own.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/RowNormalization.h"

using namespace mlir;
using namespace mpc;

namespace {
class Emit : NormRows {
public:
  using NormRows::NormRows;

  void inputGradient() {
    AxisLoops loops(k, norm.rows(), norm.rowOperands());
    loops.forRows([&](ArrayRef<Values> rows) {
      auto count = rows.size();
      auto numberOf = [&](size_t what, size_t row) {
        return int64_t(what * count + row);
      };
      SmallVector<Statistics> ofRow =
          llvm::map_to_vector(rows, [&](const Values &kept) {
            return loadRow(loops.keptDims(kept), 1);
          });
      auto held = [&](size_t operand, size_t row, ValueRange at,
                      int64_t lanes) {
        return loops.loadHeld(numberOf(operand, row), inRow(rows[row], at),
                              lanes);
      };
      auto gradients = [&](ValueRange at, int64_t lanes) {
        Value scale;
        return ofRows(rows, [&](size_t row) {
          auto scaled = [&] {
            Value dy = held(0, row, at, lanes);
            if (!scale)
              scale = loadVector(norm.scale, at, lanes);
            return mul(dy, scale);
          };
          return norm.scale
                     ? loops.holdInstead(numberOf(0, row), numberOf(2, row), at,
                                         lanes, scaled)
                     : held(0, row, at, lanes);
        });
      };
      auto normal = [&](size_t row, ValueRange at, int64_t lanes) {
        return loops.hold(numberOf(3, row), [&] {
          return normalized(ofRow[row], held(1, row, at, lanes));
        });
      };
      auto sumsOfRow = size_t(norm.joinedSums());
      Values products = means(loops, rows[0], count * sumsOfRow,
                              [&](ValueRange at, int64_t lanes) {
                                SmallVector<Term> terms;
                                Values all = gradients(at, lanes);
                                for (auto [row, g] : llvm::enumerate(all)) {
                                  terms.push_back({g, normal(row, at, lanes)});
                                  if (norm.mean)
                                    terms.push_back({g, {}});
                                }
                                return terms;
                              });
      loops.forElements(rows[0], 1, [&](ValueRange at, int64_t lanes) {
        Values results = gradients(at, lanes);
        for (auto [row, g] : llvm::enumerate(results)) {
          Value product = products[row * sumsOfRow];
          if (norm.mean)
            g = sub(g, spread(products[row * sumsOfRow + 1], lanes));
          Value projected = mul(normal(row, at, lanes), spread(product, lanes));
          g = mul(spread(ofRow[row].inverse, lanes), sub(g, projected));
        }
        store(rows, results, at, lanes);
      });
    });
  }

  void streamInputGradient(ThreadBuilder &b, const StreamPlan &plan) {
    using Row = StreamedRows::Row;
    using Place = StreamedRows::Place;
    StreamedRows rows(k, b, plan, norm.rowOperands());
    auto scaled = [&](const Row &row, const Place &place, Value scale) {
      Value dy = rows.load(row, place, 0);
      return scale ? mul(dy, scale) : dy;
    };
    auto beside = [&](const Row &row, const Place &place) {
      return norm.scale ? rows.beside(row, place, 0) : Value();
    };
    auto statistics = [&](const Row &row) {
      return Statistics{norm.mean ? rows.known(row, 1) : Value(),
                        rows.known(row, 0)};
    };
    auto normal = [&](const Statistics &of, const Row &row,
                      const Place &place) {
      return normalized(of, rows.load(row, place, 1));
    };
    StreamedRows::Work work;
    if (norm.scale)
      work.vectors.push_back(norm.scale);
    work.neutral.assign(norm.mean ? 2 : 1, number(0));
    work.known = [&](ValueRange kept) {
      Statistics of = loadRow(ofStatistics(kept), 1);
      return norm.mean ? Values{of.inverse, of.mean} : Values{of.inverse};
    };
    work.first = [&](ArrayRef<Row> all) {
      auto ofRows = llvm::map_to_vector(all, statistics);
      return sumsOfWarp(
          rows, all, norm.mean ? 2 : 1, [&](size_t i, const Place &place) {
            Value g = scaled(all[i], place, beside(all[i], place));
            SmallVector<Term> terms{{g, normal(ofRows[i], all[i], place)}};
            if (norm.mean)
              terms.push_back({g, {}});
            return terms;
          });
    };
    work.join = [&](ValueRange values, Value, Value) {
      return llvm::map_to_vector(
          values, [&](Value value) { return sumOfSenders(rows, value); });
    };
    work.finish = [&](ValueRange values) {
      return llvm::map_to_vector(values, [&](Value value) {
        return div(value, number(double(lengthOfRow())));
      });
    };
    work.last = [&](ArrayRef<Row> all, ArrayRef<Values> means,
                    ArrayRef<Values>) {
      SmallVector<Statistics> statisticsOf =
          llvm::map_to_vector(all, statistics);
      rows.forPlaces(all, [&](ArrayRef<Place> places) {
        Value scale = beside(all[0], places[0]);
        for (auto [row, place, mean, of] :
             llvm::zip_equal(all, places, means, statisticsOf)) {
          Value g = scaled(row, place, scale);
          if (norm.mean)
            g = sub(g, spread(mean[1], place.lanes));
          Value projected =
              mul(normal(of, row, place), spread(mean[0], place.lanes));
          g = mul(spread(of.inverse, place.lanes), sub(g, projected));
          rows.store(row, place, {{norm.output, g}});
        }
      });
    };
    rows.run(work);
  }

  void vectorGradients() {
    AxisLoops loops(k, norm.columns());
    loops.forOutputs([&](ValueRange column, int64_t lanes) {
      Values total =
          sums(loops, column, lanes, 2,
               [&](ValueRange at, int64_t n) -> SmallVector<Term> {
                 Statistics ofRow =
                     loadRow(ofStatistics(at.take_front(size_t(norm.axis))), n);
                 Value dy = k.load(norm.gradient, at, n);
                 Value x = k.load(norm.input, at, n);
                 return {{dy, normalized(ofRow, x)}, {dy, {}}};
               });
      k.once([&] {
        k.store({{norm.scaleGradient, total[0]}}, column, lanes);
        if (norm.biasGradient)
          k.store({{norm.biasGradient, total[1]}}, column, lanes);
      });
    });
  }

private:
  Statistics loadRow(ValueRange at, int64_t lanes) {
    Statistics row;
    if (norm.mean)
      row.mean = spread(k.load(norm.mean, at), lanes);
    row.inverse = spread(k.load(norm.inverse, at), lanes);
    return row;
  }

  Value normalized(const Statistics &row, Value x) {
    if (row.mean)
      x = sub(x, spread(row.mean, lanesOf(x)));
    return mul(x, spread(row.inverse, lanesOf(x)));
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  Norm norm(kernel.getRootOp());
  return {norm.tilesOfRows(), norm.columns().tiles()};
}

static TeamShape teamOf(KernelOp kernel, int64_t) {
  return Norm(kernel.getRootOp()).team();
}

static LogicalResult emitGradient(TileKernel &k) {
  if (k.phase == 1) {
    Emit(k).vectorGradients();
  } else if (auto plan = Norm(k.root).stream()) {
    emitThreads(k, [&](TileKernel &own, ThreadBuilder &b) {
      Emit(own).streamInputGradient(b, *plan);
    });
  } else {
    Emit(k).inputGradient();
  }
  return success();
}

const TileEmitter mpc::layerNormalizationGradEmitter = {
    "mpc.layer_normalization_grad", tilesOf, nullptr, emitGradient, teamOf};
const TileEmitter mpc::rmsNormalizationGradEmitter = {
    "mpc.rms_normalization_grad", tilesOf, nullptr, emitGradient, teamOf};
