#include "compiler/lowering/emit/RowNormalization.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
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

AxisPlan Norm::plainRows() const {
  int64_t rank = int64_t(shapeOf(input).size());
  return {shapeOf(input), llvm::to_vector(llvm::seq(axis, rank)), grain};
}

AxisPlan Norm::rows() const {
  return withRowsTogether(kernel, plainRows(), rowOperands(), joinedSums());
}

std::optional<StreamPlan> Norm::stream() const {
  int64_t statistics = mean ? 2 : 1;
  ValuesOfRow values = {.exchanged = statistics,
                        .finished = statistics,
                        .known = gradient ? statistics : 0,
                        .vectors = (scale ? 1 : 0) + (bias ? 1 : 0)};
  return streamedRows(kernel, plainRows(), rowOperands(), values);
}

int64_t Norm::tilesOfRows() const {
  auto plan = stream();
  return plan ? plan->clusters : rows().tiles();
}

SmallVector<Value> Norm::rowOperands() const {
  if (gradient)
    return {gradient, input};
  return {input};
}

int64_t Norm::joinedSums() const { return gradient && mean ? 2 : 1; }

TeamShape Norm::team() const {
  if (auto plan = stream())
    return plan->team;
  return teamHolding(kernel, rows(), rowOperands(), joinedSums());
}

AxisPlan Norm::columns() const {
  return {shapeOf(input), llvm::to_vector(llvm::seq<int64_t>(0, axis)), grain};
}

//===-- Sums --------------------------------------------------------------===//

int64_t NormRows::lengthOfRow() const {
  return elementCount(shapeOf(norm.input).drop_front(size_t(norm.axis)));
}

NormRows::Summing NormRows::summing(size_t count, Terms terms) {
  // Of several rows at once sums of 8 lanes would take too many registers.
  constexpr int64_t fewLanes = 4;
  return {[=, this](int64_t n) {
            return Values(count,
                          number(0, count > 2 && n > fewLanes ? fewLanes : n));
          },
          [=, this](ValueRange so, ValueRange at, int64_t n) {
            Values next;
            for (auto [term, total] : llvm::zip_equal(terms(at, n), so))
              next.push_back(addTo(total, term));
            return next;
          },
          [this](size_t, Value x, Value y) { return add(x, y); }};
}

NormRows::Values NormRows::sums(AxisLoops &loops, ValueRange kept,
                                int64_t lanes, size_t count, Terms terms) {
  Summing sum = summing(count, terms);
  return loops.fold(kept, lanes, sum.init, sum.step, sum.join);
}

// Lanes that the sum has not are added to those that it has.
Value NormRows::addTo(Value sum, const Term &term) {
  int64_t n = lanesOf(sum);
  for (int64_t first = 0; first < lanesOf(term.x); first += n) {
    auto part = [&](Value x) -> Value {
      return n == lanesOf(x) ? x
                             : vector::ExtractStridedSliceOp::create(
                                   k.b, k.loc, x, ArrayRef<int64_t>{first},
                                   ArrayRef<int64_t>{n}, ArrayRef<int64_t>{1});
    };
    sum =
        term.y ? fma(part(term.x), part(term.y), sum) : add(sum, part(term.x));
  }
  return sum;
}

Value NormRows::meanOf(ValueRange parts) {
  Value total = parts.front();
  for (Value other : parts.drop_front())
    total = add(total, other);
  return div(total, number(double(lengthOfRow())));
}

NormRows::Values NormRows::means(AxisLoops &loops, ValueRange kept,
                                 size_t count, Terms terms) {
  Summing sum = summing(count, terms);
  TileKernel::OfBlocks sums =
      loops.foldOfBlocks(kept, 1, sum.init, sum.step, sum.join, {});
  return llvm::map_to_vector(llvm::seq(count),
                             [&](size_t i) { return meanOf(sums(i)); });
}

NormRows::Values NormRows::meansOfBlock(AxisLoops &loops, ValueRange kept,
                                        size_t count, Terms terms) {
  Summing sum = summing(count, terms);
  Values totals = loops.foldOfBlock(kept, 1, sum.init, sum.step, sum.join);
  if (!k.team.block)
    return llvm::map_to_vector(totals, [&](Value x) { return meanOf(x); });
  Value length = max(loops.lengthOfBlock(kept), number(1));
  Value inverse = div(number(1), length);
  return llvm::map_to_vector(totals, [&](Value x) { return mul(x, inverse); });
}

// Of the squares that go with blocks' means, and how many elements these are
// of. (Chan, Golub and LeVeque 1979, "Updating formulae and a pairwise
// algorithm for computing sample variances", have the squares that go with a
// mean of means.)
NormRows::Statistics NormRows::statisticsOf(Values squares, ValueRange centers,
                                            ValueRange lengths) {
  Value center = centers.empty() ? Value() : centers.front();
  if (centers.size() > 1) {
    Values weighted;
    for (auto [mean, length] : llvm::zip_equal(centers, lengths))
      weighted.push_back(mul(mean, length));
    center = meanOf(weighted);
    for (auto [square, mean, length] :
         llvm::zip_equal(squares, centers, lengths)) {
      Value beside = sub(mean, center);
      square = fma(mul(length, beside), beside, square);
    }
  }
  Value variance = meanOf(squares);
  return {center, inverseRoot(add(variance, number(norm.epsilon)))};
}

SmallVector<NormRows::Statistics>
NormRows::statistics(AxisLoops &loops, ValueRange kept, size_t count,
                     ValueRange ownCenters, Terms squares) {
  Summing sum = summing(count, squares);
  auto ofBlocks = [&](ValueRange known) {
    return loops.foldOfBlocks(kept, 1, sum.init, sum.step, sum.join, known);
  };
  auto ofEach = [&](llvm::function_ref<Statistics(size_t)> make) {
    return llvm::map_to_vector(llvm::seq(count), make);
  };
  if (!norm.mean) {
    TileKernel::OfBlocks sums = ofBlocks({});
    return ofEach([&](size_t i) { return statisticsOf(sums(i), {}, {}); });
  }
  Values known(ownCenters);
  known.push_back(loops.lengthOfBlock(kept));
  TileKernel::OfBlocks sums = ofBlocks(known);
  Values lengths = sums(2 * count);
  return ofEach([&](size_t i) {
    return statisticsOf(sums(i), sums(count + i), lengths);
  });
}

//===-- Several rows ------------------------------------------------------===//

NormRows::Values NormRows::inRow(ValueRange kept, ValueRange at) {
  Values indices(kept);
  llvm::append_range(indices, at.drop_front(size_t(norm.axis)));
  return indices;
}

NormRows::Values NormRows::ofRows(ArrayRef<Values> rows,
                                  llvm::function_ref<Value(size_t)> make) {
  return llvm::map_to_vector(llvm::seq(rows.size()), make);
}

NormRows::Values NormRows::ofStatistics(ValueRange kept) {
  Values at(kept);
  at.resize(shapeOf(norm.input).size(), k.index(0));
  return at;
}

void NormRows::storeStatistics(ValueRange at, const Statistics &of) {
  SmallVector<std::pair<Value, Value>> results{{norm.inverse, of.inverse}};
  if (norm.mean)
    results.push_back({norm.mean, of.mean});
  k.store(results, at);
}

//===-- Streamed rows -----------------------------------------------------===//

SmallVector<NormRows::Values> NormRows::sumsOfWarp(
    StreamedRows &rows, ArrayRef<StreamedRows::Row> all, size_t count,
    llvm::function_ref<SmallVector<Term>(size_t, const StreamedRows::Place &)>
        terms) {
  auto sumOf = [&](const Term &term) {
    if (!term.y)
      return k.sumLanes(term.x);
    Value total;
    for (int64_t i = 0; i < lanesOf(term.x); ++i) {
      auto part = [&](Value x) -> Value {
        return lanesOf(x) == 1 ? x
                               : vector::ExtractOp::create(k.b, k.loc, x, i);
      };
      Value x = part(term.x), y = part(term.y);
      total = total ? fma(x, y, total) : mul(x, y);
    }
    return total;
  };
  return rows.fold(
      all, Values(count, number(0)),
      [&](size_t row, const StreamedRows::Place &place) {
        return llvm::map_to_vector(terms(row, place), sumOf);
      },
      [&](size_t, Value x, Value y) { return add(x, y); });
}

Value NormRows::sumOfSenders(StreamedRows &rows, Value value) {
  return rows.joinSenders(value, [&](Value x, Value y) { return add(x, y); });
}

//===-- Results -----------------------------------------------------------===//

Value NormRows::loadVector(Value vector, ValueRange at, int64_t lanes) {
  return k.load(vector, at.drop_front(size_t(norm.axis)), lanes);
}

void NormRows::store(ArrayRef<Values> rows, ValueRange results, ValueRange at,
                     int64_t lanes) {
  for (auto [kept, y] : llvm::zip_equal(rows, results))
    k.store({{norm.output, y}}, inRow(kept, at), lanes);
}
