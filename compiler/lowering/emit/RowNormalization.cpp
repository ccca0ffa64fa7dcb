// layer_normalization, rms_normalization and their gradients. Phase 0 goes by
// rows. The gradients of scale and bias are sums over rows: phase 1 goes by
// columns and takes the rows in order. A GPU has a phase 1 of its own.
#include "compiler/lowering/emit/RowNormalization.h"
#include "compiler/lowering/emit/Emitters.h"

using namespace mlir;
using namespace mpc;

//===-- Operands and results ----------------------------------------------===//

Norm::Norm(Operation *root) : grain(grainOf(root)) {
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
  return {shapeOf(input), llvm::to_vector(llvm::seq(axis, rank)), grain};
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
    AxisLoops loops(k, norm.rows());
    double length = double(lengthOfRow());
    loops.forOutputs([&](ValueRange row, int64_t) {
      auto input = [&](ValueRange at, int64_t lanes) {
        return loops.hold(inputs,
                          [&] { return k.load(norm.input, at, lanes); });
      };
      auto meanOf = [&](Term term) {
        return div(sums(loops, row, 1, 1, term)[0], number(length));
      };
      Value mean;
      if (norm.mean)
        mean = meanOf([&](ValueRange at, int64_t lanes) -> Values {
          return {input(at, lanes)};
        });
      auto centered = [&](ValueRange at, int64_t lanes) {
        Value x = input(at, lanes);
        return mean ? sub(x, spread(mean, lanes)) : x;
      };
      Value square = meanOf([&](ValueRange at, int64_t lanes) -> Values {
        Value x = centered(at, lanes);
        return {mul(x, x)};
      });
      Value inverse = inverseRoot(add(square, number(norm.epsilon)));
      loops.forElements(row, 1, [&](ValueRange at, int64_t lanes) {
        Value y = mul(centered(at, lanes), spread(inverse, lanes));
        y = scaled(y, at, lanes);
        if (norm.bias)
          y = add(y, loadVector(norm.bias, at, lanes));
        k.store({{norm.output, y}}, at, lanes);
      });
      SmallVector<std::pair<Value, Value>> statistics{{norm.inverse, inverse}};
      if (mean)
        statistics.push_back({norm.mean, mean});
      k.once([&] { k.store(statistics, loops.keptDims(row)); });
    });
  }

  void inputGradient() {
    AxisLoops loops(k, norm.rows());
    Value length = number(double(lengthOfRow()));
    loops.forOutputs([&](ValueRange row, int64_t) {
      Row statistics = loadRow(loops.keptDims(row), 1);
      auto gradient = [&](ValueRange at, int64_t lanes) {
        return loops.hold(gradients, [&] { return scaledGradient(at, lanes); });
      };
      auto normal = [&](ValueRange at, int64_t lanes) {
        return loops.hold(inputs,
                          [&] { return normalized(statistics, at, lanes); });
      };
      Values total =
          sums(loops, row, 1, 2, [&](ValueRange at, int64_t lanes) -> Values {
            Value g = gradient(at, lanes);
            return {mul(g, normal(at, lanes)), g};
          });
      Value product = div(total[0], length), mean = div(total[1], length);
      loops.forElements(row, 1, [&](ValueRange at, int64_t lanes) {
        Value g = gradient(at, lanes);
        if (norm.mean)
          g = sub(g, spread(mean, lanes));
        Value projected = mul(normal(at, lanes), spread(product, lanes));
        Value dx = mul(spread(statistics.inverse, lanes), sub(g, projected));
        k.store({{norm.output, dx}}, at, lanes);
      });
    });
  }

  void vectorGradients() {
    AxisLoops loops(k, norm.columns());
    loops.forOutputs([&](ValueRange column, int64_t lanes) {
      Values total = sums(loops, column, lanes, 2,
                          [&](ValueRange at, int64_t n) -> Values {
                            Row statistics = loadRow(rowOf(at), n);
                            Value dy = k.load(norm.gradient, at, n);
                            return {mul(dy, normalized(statistics, at, n)), dy};
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
  // What AxisLoops holds.
  static constexpr int64_t inputs = 0, gradients = 1;
  using Values = AxisLoops::Values;
  using Term = llvm::function_ref<Values(ValueRange at, int64_t lanes)>;
  struct Row {
    Value mean, inverse;
  };

  int64_t lengthOfRow() const {
    return elementCount(shapeOf(norm.input).drop_front(size_t(norm.axis)));
  }

  Values sums(AxisLoops &loops, ValueRange kept, int64_t lanes, size_t count,
              Term term) {
    return loops.fold(
        kept, lanes, [&](int64_t n) { return Values(count, number(0, n)); },
        [&](ValueRange so, ValueRange at, int64_t n) {
          Values next = term(at, n);
          for (auto [x, total] : llvm::zip_equal(next, so))
            x = add(total, x);
          return next;
        },
        [&](size_t, Value x, Value y) { return add(x, y); });
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
  Value scaled(Value x, ValueRange at, int64_t lanes) {
    return norm.scale ? mul(x, loadVector(norm.scale, at, lanes)) : x;
  }
  Value scaledGradient(ValueRange at, int64_t lanes) {
    return scaled(k.load(norm.gradient, at, lanes), at, lanes);
  }
  Value normalized(const Row &row, ValueRange at, int64_t lanes) {
    Value x = k.load(norm.input, at, lanes);
    if (row.mean)
      x = sub(x, spread(row.mean, lanes));
    return mul(x, spread(row.inverse, lanes));
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
  return Norm(kernel.getRootOp()).rows().team();
}

// A team that sums a row twice, first for its mean, waits twice for all of its
// threads: fewer of them, each with twice as much in its registers, and more
// teams instead.
static TeamShape layerTeam(KernelOp kernel, int64_t phase) {
  TeamShape team = rowTeam(kernel, phase);
  int64_t length = Norm(kernel.getRootOp()).rows().length();
  if (team.size >= 128 && length <= 16 * team.size &&
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
