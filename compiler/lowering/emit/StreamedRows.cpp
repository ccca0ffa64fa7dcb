#include "compiler/lowering/emit/StreamedRows.h"
#include "compiler/lowering/Exchange.h"
#include "compiler/lowering/emit/AxisLoops.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mpc;

static constexpr int64_t warpSize = Exchange::warp;
static constexpr int64_t bytesOfValue = StreamLayout::bytesOfValue;

//===-- Places ------------------------------------------------------------===//

StreamedRows::StreamedRows(TileKernel &k, ThreadBuilder &b, StreamPlan of,
                           ValueRange operands)
    : k(k), b(b), plan(std::move(of)), operands(operands),
      layout(plan, operands) {
  k.elements.assumeWholeVectors();
  auto asNumber = [&](Value index) -> Value {
    return arith::IndexCastUIOp::create(b, b.getI32Type(), index);
  };
  thread = asNumber(k.team.rank);
  block = asNumber(k.team.block);
  lane = b.rem(thread, warpSize);
  warpOfBlock = b.div(thread, warpSize);
  group = b.div(warpOfBlock, plan.warps);
  warp = b.rem(warpOfBlock, plan.warps);
}

Value StreamedRows::at(int64_t offset, Value number, int64_t bytesOfEach) {
  return b.at(k.team.shared, b.add(b.mul(number, bytesOfEach), offset));
}

Value StreamedRows::within(Value x, int64_t most) {
  Value below = arith::MinSIOp::create(b, x, b.number(most));
  return arith::MaxSIOp::create(b, below, b.number(0));
}

Value StreamedRows::smaller(Value x, Value y) {
  return arith::MinUIOp::create(b, x, y);
}

Value StreamedRows::asFloat(Value number) {
  return arith::SIToFPOp::create(b, b.getF32Type(), number);
}

SmallVector<StreamedRows::Row, 0> StreamedRows::rowsOf(Value number,
                                                       Value ticket) {
  SmallVector<Row, 0> rows;
  for (int64_t which = 0; which < plan.together; ++which)
    rows.push_back(rowOf(number, ticket, b.number(which)));
  return rows;
}

// Where there are fewer rows, the first stands in for the others.
StreamedRows::Row StreamedRows::rowOf(Value number, Value ticket, Value which) {
  int64_t length = plan.rows.length(), group = plan.together * plan.apart;
  Row row;
  row.which = which;
  row.place = b.mulAdd(b.rem(number, plan.stages), plan.together, which);
  Value first =
      b.mulAdd(b.div(ticket, plan.apart), group, b.rem(ticket, plan.apart));
  row.number = b.mulAdd(which, plan.apart, first);
  if (plan.rows.rows() % group != 0)
    row.number =
        b.select(b.less(row.number, plan.rows.rows()), row.number, first);
  row.kept = k.split(b.index(row.number), plan.rows.extents(plan.rows.kept));
  row.begin = b.number(0);
  if (isRagged())
    row.begin =
        b.rem(b.mul(b.rem(plan.apart > 1 ? first : row.number, plan.grain),
                    plan.grain - length % plan.grain),
              plan.grain);
  return row;
}

Value StreamedRows::wholeVectors(const Row &row) {
  Value left = b.sub(b.number(plan.rows.length()), row.begin);
  return b.mul(b.div(left, plan.grain), plan.grain / plan.lanes);
}

Value StreamedRows::ownVectors(const Row &row, Value ofBlock) {
  Value before = b.mul(ofBlock, plan.vectorsOfPart());
  return within(b.sub(wholeVectors(row), before), plan.vectorsOfPart());
}

// Those before the first vector are the first block's, those behind the last
// one the last's.
Value StreamedRows::edgesOf(const Row &row, Value ofBlock) {
  if (!isRagged())
    return b.number(0);
  Value before = b.add(row.begin, b.mul(wholeVectors(row), plan.lanes));
  Value behind = b.sub(b.number(plan.rows.length()), before);
  Value ofLast =
      b.select(b.equal(ofBlock, plan.team.blocks - 1), behind, b.number(0));
  return b.select(b.equal(ofBlock, 0), row.begin, ofLast);
}

// The column of this block's edge number `edge`.
Value StreamedRows::edgeColumn(const Row &row, Value edge) {
  Value first = b.sub(b.number(plan.rows.length()), edgesOf(row, block));
  return b.add(b.select(b.equal(block, 0), b.number(0), first), edge);
}

Value StreamedRows::elementsOfBlock(const Row &row, Value ofBlock) {
  return b.mulAdd(ownVectors(row, ofBlock), plan.lanes, edgesOf(row, ofBlock));
}

// Those that a warp of this block has.
Value StreamedRows::elementsOf(const Row &row, Value ofWarp) {
  Value own = ownVectors(row, block), vectors = b.number(0);
  for (int64_t i = 0; i < plan.vectors + (plan.others > 0 ? 1 : 0); ++i) {
    Value before = b.mulAdd(ofWarp, warpSize, b.number(i * plan.threads()));
    vectors = b.add(vectors, within(b.sub(own, before), warpSize));
  }
  Value edges = b.select(b.equal(ofWarp, plan.warps - 1), edgesOf(row, block),
                         b.number(0));
  return b.mulAdd(vectors, plan.lanes, edges);
}

Value StreamedRows::elementsOfWarp(const Row &row) {
  return asFloat(elementsOf(row, warp));
}

StreamedRows::Place StreamedRows::vectorPlace(const Row &row, int64_t number) {
  Value first = b.mulAdd(warp, warpSize, lane);
  Value vector = b.add(first, number * plan.threads());
  Value isThere = b.less(vector, ownVectors(row, block));
  // Else it has a place that no other thread writes.
  return {b.select(isThere, vector, first), isThere, plan.lanes};
}

StreamedRows::Place StreamedRows::edgePlace(const Row &row) {
  return {smaller(lane, StreamLayout::edges - 1),
          b.less(lane, edgesOf(row, block)), 1};
}

void StreamedRows::forPlaces(ArrayRef<Row> rows,
                             llvm::function_ref<void(ArrayRef<Place>)> body) {
  auto inVector = [&](int64_t number) {
    body(llvm::map_to_vector(
        rows, [&](const Row &row) { return vectorPlace(row, number); }));
  };
  for (int64_t i = 0; i < plan.vectors; ++i)
    inVector(i);
  if (plan.others > 0)
    b.branch(hasOthers(), [&] { inVector(plan.vectors); });
  if (isRagged())
    b.branch(hasEdges(), [&] {
      body(llvm::map_to_vector(rows,
                               [&](const Row &row) { return edgePlace(row); }));
    });
}

void StreamedRows::forVectorOf(const Row &row, Value column,
                               llvm::function_ref<void(const Place &)> body) {
  Value begin = b.add(b.mul(block, plan.part), row.begin);
  // What is before the first is far behind the last.
  Value vector = b.div(b.sub(column, begin), plan.lanes);
  Value ofThread = b.rem(vector, plan.threads());
  Value isOwn = b.both(b.less(vector, ownVectors(row, block)),
                       b.equal(ofThread, b.mulAdd(warp, warpSize, lane)));
  b.branch(isOwn, [&] { body({vector, isOwn, plan.lanes}); });
}

// The last warp has the fewest vectors.
Value StreamedRows::hasEdges() { return b.equal(warp, plan.warps - 1); }

Value StreamedRows::hasOthers() { return b.less(warp, plan.others); }

//===-- Elements ----------------------------------------------------------===//

Value StreamedRows::stageOf(const Row &row, int64_t operand) {
  int64_t before =
      plan.bytesOfRow(ArrayRef(operands).take_front(size_t(operand)));
  return at(layout.stages + before, row.place, plan.bytesOfRow(operands));
}

Value StreamedRows::edgeAt(const Row &row, int64_t operand, Value edge) {
  Value number =
      b.mulAdd(row.place, int64_t(operands.size()), b.number(operand));
  return at(layout.edgesOfRows, b.mulAdd(number, StreamLayout::edges, edge),
            bytesOfValue);
}

Value StreamedRows::knownPlace(const Row &row, int64_t value) {
  Value number = b.mulAdd(row.place, plan.values.known, b.number(value));
  return at(layout.known, number, bytesOfValue);
}

Value StreamedRows::known(const Row &row, int64_t value) {
  return b.load(knownPlace(row, value), b.getF32Type());
}

Value StreamedRows::load(const Row &row, const Place &place, int64_t operand) {
  if (place.lanes == 1)
    return b.load(edgeAt(row, operand, place.number), b.getF32Type());
  Type type = elementTypeOf(operands[size_t(operand)]);
  int64_t bytes = plan.lanes * bytesOfElement(operand);
  Value address = b.at(stageOf(row, operand), b.mul(place.number, bytes));
  Value raw = b.load(address, type, plan.lanes);
  if (type.isF32())
    return raw;
  return arith::ExtFOp::create(b, withLanes(b.getF32Type(), plan.lanes), raw);
}

void StreamedRows::replace(const Row &row, const Place &place, Value value) {
  isReplaced = true;
  b.branch(place.isThere, [&] {
    if (place.lanes == 1)
      return b.store(value, edgeAt(row, 0, place.number));
    b.store(value, b.at(stageOf(row, 0),
                        b.mul(place.number, plan.lanes * bytesOfValue)));
  });
}

// Element i is at row i / lanes of column i % lanes: neighbouring threads, at
// neighbouring vectors, read neighbouring places wherever their rows begin.
Value StreamedRows::tablePlace(int64_t number, Value element) {
  Value place = b.mulAdd(b.rem(element, plan.lanes), plan.tableRows(),
                         b.div(element, plan.lanes));
  return at(layout.tables + number * plan.tableBytes(), place, bytesOfValue);
}

Value StreamedRows::beside(const Row &row, const Place &place, int64_t number) {
  if (place.lanes == 1) {
    Value element =
        b.sub(edgeColumn(row, place.number), b.mul(block, plan.part));
    return b.load(tablePlace(number, smaller(element, plan.tableLength() - 1)),
                  b.getF32Type());
  }
  Values elements;
  for (int64_t i = 0; i < plan.lanes; ++i) {
    Value first = tablePlace(number, b.add(row.begin, i));
    elements.push_back(
        b.load(b.at(first, b.mul(place.number, bytesOfValue)), b.getF32Type()));
  }
  return vector::FromElementsOp::create(
      b, cast<VectorType>(withLanes(b.getF32Type(), plan.lanes)), elements);
}

Value StreamedRows::column(const Row &row, const Place &place) {
  if (place.lanes == 1)
    return b.index(edgeColumn(row, place.number));
  Value inPart = b.mulAdd(place.number, plan.lanes, b.mul(block, plan.part));
  return b.index(b.add(inPart, row.begin));
}

void StreamedRows::store(const Row &row, const Place &place,
                         ArrayRef<std::pair<Value, Value>> results) {
  b.branch(place.isThere, [&] {
    Values indices(row.kept);
    indices.push_back(column(row, place));
    if (isRagged() && place.lanes > 1)
      k.elements.assumeVectorsAmongAll(plan.rows.shape);
    k.store(results, indices, place.lanes);
    k.elements.assumeVectorsAmongAll({});
  });
}

// Rows side by side, so that none waits for another's sums.
SmallVector<StreamedRows::Values>
StreamedRows::fold(ArrayRef<Row> rows, ValueRange neutral,
                   llvm::function_ref<Values(size_t, const Place &)> make,
                   JoinValue join) {
  size_t count = neutral.size();
  auto joinInto = [&](ArrayRef<Value> so, auto placeOf) {
    Values totals;
    for (auto [i, row] : llvm::enumerate(rows)) {
      Place place = placeOf(row);
      for (auto [j, value] : llvm::enumerate(make(i, place))) {
        value = b.select(place.isThere, value, neutral[j]);
        totals.push_back(so.empty() ? value
                                    : join(j, so[i * count + j], value));
      }
    }
    return totals;
  };
  auto inVector = [&](int64_t number) {
    return [&, number](const Row &row) { return vectorPlace(row, number); };
  };
  Values totals;
  for (int64_t i = 0; i < plan.vectors; ++i)
    totals = joinInto(totals, inVector(i));
  auto joinSome = [&](Value isSome, auto placeOf) {
    totals = b.branch(
        isSome, ValueRange(totals).getTypes(),
        [&] { return joinInto(totals, placeOf); }, [&] { return totals; });
  };
  if (plan.others > 0)
    joinSome(hasOthers(), inVector(plan.vectors));
  if (isRagged())
    joinSome(hasEdges(), [&](const Row &row) { return edgePlace(row); });
  auto joinOne = [&](size_t i, Value x, Value y) {
    return join(i % count, x, y);
  };
  Exchange(k, joinOne).joinWarp(totals);
  SmallVector<Values> all;
  for (size_t i = 0; i < rows.size(); ++i)
    all.emplace_back(ArrayRef(totals).slice(i * count, count));
  return all;
}
