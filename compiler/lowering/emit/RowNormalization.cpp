// layer_normalization, rms_normalization and their gradients. Phase 0 goes by
// rows. The gradients of scale and bias are sums over rows: phase 1 goes by
// columns and takes the rows in order. A GPU has a phase 1 of its own.
#include "compiler/lowering/emit/RowNormalization.h"
#include "compiler/lowering/emit/Emitters.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mpc;

//===-- Operands and results ----------------------------------------------===//

Norm::Norm(Operation *root)
    : grain(grainOf(root)), kernel(root->getParentOfType<KernelOp>()) {
  if (auto op = dyn_cast<LayerNormalizationOp>(root)) {
    readForward(op);
    bias = op.getBias();
    readMean(op);
  } else if (auto op = dyn_cast<RmsNormalizationOp>(root)) {
    readForward(op);
    inverse = op.getInvRms();
  } else if (auto op = dyn_cast<LayerNormalizationGradOp>(root)) {
    readGradient(op);
    biasGradient = op.getBiasGradient();
    readMean(op);
  } else {
    auto rms = cast<RmsNormalizationGradOp>(root);
    readGradient(rms);
    inverse = rms.getInvRms();
  }
}

template <typename Op> void Norm::readMean(Op op) {
  mean = op.getMean();
  inverse = op.getInvStd();
}

template <typename Op> void Norm::readForward(Op op) {
  input = op.getInput();
  scale = op.getScale();
  output = op.getOutput();
  axis = int64_t(op.getAxis());
  epsilon = op.getEpsilon().convertToFloat();
}

template <typename Op> void Norm::readGradient(Op op) {
  gradient = op.getGradient();
  input = op.getInput();
  scale = op.getScale();
  output = op.getInputGradient();
  scaleGradient = op.getScaleGradient();
  axis = int64_t(op.getAxis());
}

AxisPlan Norm::rows() const {
  int64_t rank = int64_t(shapeOf(input).size());
  AxisPlan plan(shapeOf(input), llvm::to_vector(llvm::seq(axis, rank)), grain);
  return withRowsTogether(kernel, plan, rowOperands(), joinedSums());
}

SmallVector<Value> Norm::rowOperands() const {
  if (gradient)
    return {gradient, input};
  return {input};
}

int64_t Norm::joinedSums() const { return gradient && mean ? 2 : 1; }

TeamShape Norm::team() const {
  return teamHolding(kernel, rows(), rowOperands(), joinedSums());
}

AxisPlan Norm::columns() const {
  return {shapeOf(input), llvm::to_vector(llvm::seq<int64_t>(0, axis)), grain};
}

//===-- Code --------------------------------------------------------------===//

namespace {
class Emit : RowMath {
public:
  explicit Emit(TileKernel &k) : RowMath(k), norm(k.root) {}

  void forward() {
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
      Values inverses = norm.mean ? meansBeside(center, loops, rows[0], squares)
                                  : means(loops, rows[0], rows.size(), squares);
      for (Value &inverse : inverses)
        inverse = inverseRoot(add(inverse, number(norm.epsilon)));
      loops.forElements(rows[0], 1, [&](ValueRange at, int64_t lanes) {
        Values results = ofRows(rows, [&](size_t row) {
          return mul(centered(row, at, lanes), spread(inverses[row], lanes));
        });
        Value scale, bias;
        if (norm.scale)
          scale = loadVector(norm.scale, at, lanes);
        if (norm.bias)
          bias = loadVector(norm.bias, at, lanes);
        for (Value &y : results) {
          if (scale && bias)
            y = fma(y, scale, bias);
          else if (scale)
            y = mul(y, scale);
          else if (bias)
            y = add(y, bias);
        }
        store(rows, results, at, lanes);
      });
      k.once([&] {
        for (auto [row, kept] : llvm::enumerate(rows)) {
          SmallVector<std::pair<Value, Value>> statistics{
              {norm.inverse, inverses[row]}};
          if (norm.mean)
            statistics.push_back({norm.mean, center[row]});
          k.store(statistics, loops.keptDims(kept));
        }
      });
    });
  }

  void inputGradient() {
    AxisLoops loops(k, norm.rows(), norm.rowOperands());
    loops.forRows([&](ArrayRef<Values> rows) {
      auto count = rows.size();
      auto numberOf = [&](size_t what, size_t row) {
        return int64_t(what * count + row);
      };
      SmallVector<Row> statistics =
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
          return normalized(statistics[row], held(1, row, at, lanes));
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
          g = mul(spread(statistics[row].inverse, lanes), sub(g, projected));
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
                            Row statistics = loadRow(rowOf(at), n);
                            Value dy = k.load(norm.gradient, at, n);
                            Value x = k.load(norm.input, at, n);
                            return {{dy, normalized(statistics, x)}, {dy, {}}};
                          });
      k.once([&] {
        k.store({{norm.scaleGradient, total[0]}}, column, lanes);
        if (norm.biasGradient)
          k.store({{norm.biasGradient, total[1]}}, column, lanes);
      });
    });
  }

private:
  Norm norm;
  using Values = AxisLoops::Values;
  struct Term {
    Value x, y; ///< a product, or x alone
  };
  using Terms =
      llvm::function_ref<SmallVector<Term>(ValueRange at, int64_t lanes)>;
  struct Row {
    Value mean, inverse;
  };

  int64_t lengthOfRow() const {
    return elementCount(shapeOf(norm.input).drop_front(size_t(norm.axis)));
  }

  // `fold` gets how to begin, to go on and to join.
  template <typename Fold>
  auto sumsBy(int64_t lanes, size_t count, Terms terms, Fold fold) {
    // Of several rows at once sums of 8 lanes would take too many registers.
    constexpr int64_t fewLanes = 4;
    return fold(
        [&](int64_t n) {
          return Values(count,
                        number(0, count > 2 && n > fewLanes ? fewLanes : n));
        },
        [&](ValueRange so, ValueRange at, int64_t n) {
          Values next;
          for (auto [term, total] : llvm::zip_equal(terms(at, n), so))
            next.push_back(addTo(total, term));
          return next;
        },
        [&](size_t, Value x, Value y) { return add(x, y); });
  }

  Values sums(AxisLoops &loops, ValueRange kept, int64_t lanes, size_t count,
              Terms terms) {
    return sumsBy(lanes, count, terms,
                  [&](auto... how) { return loops.fold(kept, lanes, how...); });
  }

  // Lanes that the sum has not are added to those that it has.
  Value addTo(Value sum, const Term &term) {
    int64_t n = lanesOf(sum);
    for (int64_t first = 0; first < lanesOf(term.x); first += n) {
      auto part = [&](Value x) -> Value {
        return n == lanesOf(x)
                   ? x
                   : vector::ExtractStridedSliceOp::create(
                         k.b, k.loc, x, ArrayRef<int64_t>{first},
                         ArrayRef<int64_t>{n}, ArrayRef<int64_t>{1});
      };
      sum = term.y ? fma(part(term.x), part(term.y), sum)
                   : add(sum, part(term.x));
    }
    return sum;
  }

  // The same of a row, or of several, as shares of its length.
  Values means(AxisLoops &loops, ValueRange kept, size_t count, Terms terms) {
    Values totals = sums(loops, kept, 1, count, terms);
    for (Value &total : totals)
      total = div(total, number(double(lengthOfRow())));
    return totals;
  }

  // Of what this block has of rows.
  Values meansOfBlock(AxisLoops &loops, ValueRange kept, size_t count,
                      Terms terms) {
    Values totals = sumsBy(1, count, terms, [&](auto... how) {
      return loops.foldOfBlock(kept, 1, how...);
    });
    Value length = loops.lengthOfBlock(kept);
    if (k.team.block)
      length = max(length, number(1));
    for (Value &total : totals)
      total = div(total, length);
    return totals;
  }

  // Means of the squares of what rows have beside `center`: their blocks'
  // means, which become the rows'. (Chan, Golub and LeVeque 1979, "Updating
  // formulae and a pairwise algorithm for computing sample variances", have the
  // squares that go with a mean of means.)
  Values meansBeside(Values &center, AxisLoops &loops, ValueRange kept,
                     Terms squares) {
    size_t count = center.size();
    Values known = center;
    known.push_back(loops.lengthOfBlock(kept));
    TileKernel::OfBlocks sums = sumsBy(1, count, squares, [&](auto... how) {
      return loops.foldOfBlocks(kept, 1, how..., known);
    });
    Value length = number(double(lengthOfRow()));
    Values means;
    for (size_t row = 0; row < count; ++row) {
      Values totals = sums(row);
      if (totals.size() > 1) {
        Values lengths = sums(2 * count), centers = sums(count + row);
        Value whole = number(0);
        for (auto [mean, of] : llvm::zip_equal(centers, lengths))
          whole = fma(mean, of, whole);
        center[row] = div(whole, length);
        for (auto [total, mean, of] :
             llvm::zip_equal(totals, centers, lengths)) {
          Value beside = sub(mean, center[row]);
          total = fma(mul(of, beside), beside, total);
        }
      }
      Value total = totals.front();
      for (Value other : ArrayRef(totals).drop_front())
        total = add(total, other);
      means.push_back(div(total, length));
    }
    return means;
  }

  // Where `at` of the first row is in another.
  Values inRow(ValueRange kept, ValueRange at) {
    Values indices(kept);
    llvm::append_range(indices, at.drop_front(size_t(norm.axis)));
    return indices;
  }
  Values ofRows(ArrayRef<Values> rows, llvm::function_ref<Value(size_t)> make) {
    return llvm::map_to_vector(llvm::seq(rows.size()), make);
  }
  void store(ArrayRef<Values> rows, ValueRange results, ValueRange at,
             int64_t lanes) {
    for (auto [kept, y] : llvm::zip_equal(rows, results))
      k.store({{norm.output, y}}, inRow(kept, at), lanes);
  }

  // Indices of the statistics of the row that `at` lies in.
  Values rowOf(ValueRange at) {
    Values indices(at.take_front(size_t(norm.axis)));
    indices.resize(at.size(), k.index(0));
    return indices;
  }
  Row loadRow(ValueRange at, int64_t lanes) {
    Row row;
    if (norm.mean)
      row.mean = spread(k.load(norm.mean, at), lanes);
    row.inverse = spread(k.load(norm.inverse, at), lanes);
    return row;
  }

  Value loadVector(Value vector, ValueRange at, int64_t lanes) {
    return k.load(vector, at.drop_front(size_t(norm.axis)), lanes);
  }
  Value normalized(const Row &row, Value x) {
    if (row.mean)
      x = sub(x, spread(row.mean, lanesOf(x)));
    return mul(x, spread(row.inverse, lanesOf(x)));
  }
};
} // namespace

static SmallVector<int64_t> rowTiles(KernelOp kernel) {
  return {Norm(kernel.getRootOp()).rows().tiles()};
}

static SmallVector<int64_t> gradientTiles(KernelOp kernel) {
  Norm norm(kernel.getRootOp());
  return {norm.rows().tiles(), norm.columns().tiles()};
}

static TeamShape rowTeam(KernelOp kernel, int64_t) {
  return Norm(kernel.getRootOp()).team();
}

// A team that sums a row twice, first for its mean, waits twice for all of its
// threads: fewer of them, each with twice as much in its registers, and more
// teams instead.
static TeamShape layerTeam(KernelOp kernel, int64_t phase) {
  TeamShape team = rowTeam(kernel, phase);
  int64_t length = Norm(kernel.getRootOp()).rows().length();
  if (team.size >= 128 && team.heldBytes == 0 && length <= 16 * team.size &&
      length % (4 * team.size) == 0)
    team.size /= 2;
  return team;
}

static LogicalResult emitForward(TileKernel &k) {
  Emit(k).forward();
  return success();
}

static LogicalResult emitGradient(TileKernel &k) {
  if (k.phase == 0)
    Emit(k).inputGradient();
  else
    Emit(k).vectorGradients();
  return success();
}

const TileEmitter mpc::layerNormalizationEmitter = {
    "mpc.layer_normalization", rowTiles, nullptr, emitForward, layerTeam};
const TileEmitter mpc::layerNormalizationGradEmitter = {
    "mpc.layer_normalization_grad", gradientTiles, nullptr, emitGradient,
    rowTeam};
const TileEmitter mpc::rmsNormalizationEmitter = {
    "mpc.rms_normalization", rowTiles, nullptr, emitForward, rowTeam};
const TileEmitter mpc::rmsNormalizationGradEmitter = {
    "mpc.rms_normalization_grad", gradientTiles, nullptr, emitGradient,
    rowTeam};
