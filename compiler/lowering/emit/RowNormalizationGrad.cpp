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

  void vectorGradients() {
    AxisLoops loops(k, norm.columns());
    loops.forOutputs([&](ValueRange column, int64_t lanes) {
      Values total = sums(loops, column, lanes, 2,
                          [&](ValueRange at, int64_t n) -> SmallVector<Term> {
                            Statistics ofRow = loadRow(rowOf(at), n);
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
  // Indices of the statistics of the row that `at` lies in.
  Values rowOf(ValueRange at) {
    Values indices(at.take_front(size_t(norm.axis)));
    indices.resize(at.size(), k.index(0));
    return indices;
  }
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
  return {norm.rows().tiles(), norm.columns().tiles()};
}

static TeamShape teamOf(KernelOp kernel, int64_t) {
  return Norm(kernel.getRootOp()).team();
}

static LogicalResult emitGradient(TileKernel &k) {
  if (k.phase == 0)
    Emit(k).inputGradient();
  else
    Emit(k).vectorGradients();
  return success();
}

const TileEmitter mpc::layerNormalizationGradEmitter = {
    "mpc.layer_normalization_grad", tilesOf, nullptr, emitGradient, teamOf};
const TileEmitter mpc::rmsNormalizationGradEmitter = {
    "mpc.rms_normalization_grad", tilesOf, nullptr, emitGradient, teamOf};
