#include "compiler/lowering/emit/gpu/PoolCells.h"
#include "compiler/lowering/emit/PoolRules.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <numeric>

using namespace mlir;
using namespace mpc;

using Values = SmallVector<Value>;

std::optional<PoolCells> PoolCells::of(const PoolWindows &w) {
  constexpr int64_t mostLanes = 8, mostRows = 4;
  if (elementCount(w.input) == 0 || !w.areInside() || w.strides[0] > mostRows)
    return std::nullopt;
  for (int d = 0; d < 2; ++d)
    if (w.reach(d) > w.strides[d] ||
        w.output[2 + d] * w.strides[d] != w.input[2 + d])
      return std::nullopt;
  int64_t lanes = std::gcd(w.input[3], mostLanes);
  if (lanes == 1 || lanes % w.strides[1])
    return std::nullopt;
  return PoolCells{w, lanes};
}

Shape PoolCells::grid() const {
  Shape grid(windows.output);
  grid.back() /= count();
  return grid;
}

namespace {
class CellEmitter {
public:
  CellEmitter(TileKernel &kernel, const PoolCells &cells)
      : cells(cells), w(cells.windows), b(kernel.loc, kernel.b),
        k(kernel.with(b)) {
    k.elements.assumeWholeVectors();
  }

  void forward() {
    forCells([&](const Place &place) {
      Values rows = inputRows(place), results;
      for (int64_t window = 0; window < cells.count(); ++window)
        results.push_back(isMax() ? largest(rows, window) : mean(rows, window));
      k.store({{k.root->getResult(0), joined(results)}}, place.window,
              cells.count());
    });
  }

  void gradient() {
    forCells([&](const Place &place) {
      Value gradient =
          k.load(k.root->getOperand(0), place.window, cells.count());
      Values rows = isMax() ? inputRows(place) : Values(), shares, winners;
      for (int64_t window = 0; window < cells.count(); ++window) {
        shares.push_back(share(elementOf(gradient, window)));
        winners.push_back(isMax() ? firstLargest(rows, window) : Value());
      }
      for (int64_t row = 0; row < w.strides[0]; ++row)
        k.store({{k.root->getResult(0), gradientRow(row, shares, winners)}},
                inputAt(place, row), cells.lanes);
    });
  }

private:
  const PoolCells &cells;
  const PoolWindows &w;
  LoopBuilder b;
  TileKernel k; ///< emits through `b`

  /// The first window of a thread.
  struct Place {
    Values window;
    Value row, column; ///< where it begins
  };

  void forCells(llvm::function_ref<void(const Place &)> body) {
    k.forTiles([&](Value tile) {
      Place place;
      place.window = k.split(tile, cells.grid());
      place.row = b.mul(place.window[2], w.strides[0]);
      place.column = b.mul(place.window[3], cells.lanes);
      place.window[3] = b.mul(place.window[3], cells.count());
      body(place);
    });
  }

  bool isMax() const { return isa<MaxPoolOp, MaxPoolGradOp>(k.root); }

  Values inputAt(const Place &place, int64_t row) {
    return {place.window[0], place.window[1], b.add(place.row, row),
            place.column};
  }

  // Of the windows' elements; for max_pool_grad the input is its last operand.
  Values inputRows(const Place &place) {
    Value input = k.root->getOperands().back();
    Values rows;
    for (int64_t i = 0; i < w.kernel[0]; ++i)
      rows.push_back(
          k.load(input, inputAt(place, i * w.dilations[0]), cells.lanes));
    return rows;
  }

  Value elementOf(Value vector, int64_t lane) {
    if (!isa<VectorType>(vector.getType()))
      return vector;
    return vector::ExtractOp::create(b, vector, lane);
  }

  Value joined(ArrayRef<Value> elements) {
    if (elements.size() == 1)
      return elements[0];
    return vector::FromElementsOp::create(
        b, cast<VectorType>(b.f32Type(int64_t(elements.size()))), elements);
  }

  // The taps of a window in row-major order.
  void forTaps(ArrayRef<Value> rows, int64_t window,
               llvm::function_ref<void(int64_t tap, Value element)> body) {
    for (int64_t i = 0; i < w.kernel[0]; ++i)
      for (int64_t j = 0; j < w.kernel[1]; ++j)
        body(i * w.kernel[1] + j,
             elementOf(rows[size_t(i)],
                       window * w.strides[1] + j * w.dilations[1]));
  }

  Value lowest() { return b.f32(-std::numeric_limits<double>::infinity()); }

  Value largest(ArrayRef<Value> rows, int64_t window) {
    Value best = lowest();
    forTaps(rows, window, [&](int64_t, Value x) {
      best = arith::MaximumFOp::create(b, best, x);
    });
    return best;
  }

  Value mean(ArrayRef<Value> rows, int64_t window) {
    Value sum = b.f32(0);
    forTaps(rows, window,
            [&](int64_t, Value x) { sum = arith::AddFOp::create(b, sum, x); });
    return ofOne(sum);
  }
  Value ofOne(Value sum) {
    return arith::DivFOp::create(b, sum, b.f32(double(w.kernelSize())));
  }

  Value firstLargest(ArrayRef<Value> rows, int64_t window) {
    Values best = {lowest(), b.index(0)};
    forTaps(rows, window, [&](int64_t tap, Value x) {
      best = largerOf(b, best, x, b.index(tap));
    });
    return best[1];
  }

  // A sum of one term, so that -0 becomes 0 as it does where windows overlap.
  Value share(Value gradient) {
    if (!isMax())
      gradient = ofOne(gradient);
    return arith::AddFOp::create(b, b.f32(0), gradient);
  }

  // The number of the tap that lies there in each window, or -1.
  int64_t tapAt(int64_t row, int64_t column) const {
    int64_t i = row / w.dilations[0], j = column / w.dilations[1];
    bool isTap = row % w.dilations[0] == 0 && column % w.dilations[1] == 0 &&
                 i < w.kernel[0] && j < w.kernel[1];
    return isTap ? i * w.kernel[1] + j : -1;
  }

  Value gradientRow(int64_t row, ArrayRef<Value> shares,
                    ArrayRef<Value> winners) {
    Values elements;
    for (auto [share, winner] : llvm::zip_equal(shares, winners))
      for (int64_t column = 0; column < w.strides[1]; ++column) {
        int64_t tap = tapAt(row, column);
        if (tap < 0)
          elements.push_back(b.f32(0));
        else
          elements.push_back(
              winner ? b.select(b.equal(winner, b.index(tap)), share, b.f32(0))
                     : share);
      }
    return joined(elements);
  }
};
} // namespace

void mpc::emitPoolCells(TileKernel &k, const PoolCells &cells) {
  CellEmitter(k, cells).forward();
}

void mpc::emitPoolGradCells(TileKernel &k, const PoolCells &cells) {
  CellEmitter(k, cells).gradient();
}
