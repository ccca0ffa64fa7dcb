// AxisLoops where a team of threads shares a row, or a column.
#include "compiler/lowering/emit/AxisLoops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include <numeric>

using namespace mlir;
using namespace mpc;

//===-- Lanes -------------------------------------------------------------===//

// Whether the kernel writes f32 for every element that it folds. 4 lanes then
// let a warp write whole sectors, and narrow tensors are read well enough.
static bool writesWideRows(KernelOp kernel, const AxisPlan &plan) {
  return llvm::any_of(kernel.getResultTypes(), [&](Type type) {
    auto tensor = cast<RankedTensorType>(type);
    return tensor.getElementTypeBitWidth() >= 32 &&
           tensor.getNumElements() == elementCount(plan.shape);
  });
}

bool mpc::readsBeside(KernelOp kernel, const AxisPlan &plan, bool isOne) {
  return llvm::any_of(kernel.getOperandTypes(), [&](Type type) {
    ArrayRef<int64_t> shape = cast<RankedTensorType>(type).getShape();
    bool isBeside = !shape.empty() && shape.back() == plan.rowLength() &&
                    shape != ArrayRef(plan.shape);
    return isBeside && isBesideAllRows(shape, plan.shape) == isOne;
  });
}

int64_t mpc::lanesOfRows(KernelOp kernel, const AxisPlan &plan) {
  return accessLanes(kernel) == 4 || writesWideRows(kernel, plan) ? 4 : 8;
}

// Rows beside a ragged one may begin elsewhere in a vector; of 8 lanes they
// take longer than a row that goes one by one.
bool mpc::areRagged(KernelOp kernel, const AxisPlan &plan, TeamShape team,
                    int64_t grain) {
  int64_t length = plan.rowLength(), lanes = lanesOfRows(kernel, plan);
  return team.size > 1 && !plan.byColumns() && plan.reduced.size() == 1 &&
         length % grain != 0 && length >= team.size * lanes &&
         (lanes == 4 || !readsBeside(kernel, plan, /*isOne=*/false));
}

int64_t AxisLoops::fullLanes() const { return lanesOfRows(k.kernel, plan); }

bool AxisLoops::isRagged() const {
  return areRagged(k.kernel, plan, k.team, rowGrain());
}

// The reduced dimensions as one, in groups of neighbours that do not cross the
// end of a row.
int64_t AxisLoops::teamLanes() const {
  if (isRagged())
    return fullLanes();
  return std::gcd(plan.byColumns() ? 1 : plan.rowLength(), fullLanes());
}

AxisLoops::Values AxisLoops::teamIndices(ValueRange kept, Value position) {
  return indices(kept, k.split(position, plan.extents(plan.reduced)));
}

//===-- Rows in a loop ----------------------------------------------------===//

AxisLoops::Span AxisLoops::wholeVectors(ValueRange kept) {
  Value row = k.index(0);
  for (auto [index, extent] : llvm::zip_equal(kept, plan.extents(plan.kept)))
    row = arith::AddIOp::create(k.b, k.loc, k.times(row, extent), index);
  return wholeVectorsOf(row);
}

AxisLoops::Span AxisLoops::wholeVectorsOf(Value row) {
  int64_t length = plan.length();
  if (!isRagged())
    return {k.index(0), k.index(length)};
  int64_t grain = rowGrain();
  // The row begins at row * length, so -row * length elements are left of the
  // grain that it begins in.
  Value begin = k.divide(k.times(row, grain - length % grain), grain).second;
  Value left =
      arith::SubIOp::create(k.b, k.loc, k.index(length - lanesBehind()), begin);
  Value whole = k.times(k.divide(left, grain).first, grain);
  return {begin, arith::AddIOp::create(k.b, k.loc, begin, whole)};
}

int64_t AxisLoops::lanesBehind() const {
  return readsBeside(k.kernel, plan, /*isOne=*/true) ? teamLanes() : 0;
}

AxisLoops::Span AxisLoops::ownVectors(Span whole) {
  if (!k.team.block)
    return whole;
  int64_t size = partOfBlock(plan, k.team, rowGrain());
  Value begin = arith::AddIOp::create(k.b, k.loc, whole.begin,
                                      k.times(k.team.block, size));
  Value end = arith::AddIOp::create(k.b, k.loc, begin, k.index(size));
  return {begin, arith::MinSIOp::create(k.b, k.loc, end, whole.end)};
}

Value AxisLoops::edgeColumn(Span whole) {
  Value rank = k.team.rank;
  Value behind = arith::AddIOp::create(
      k.b, k.loc, arith::SubIOp::create(k.b, k.loc, rank, whole.begin),
      whole.end);
  Value isBefore = arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::slt,
                                         rank, whole.begin);
  return arith::SelectOp::create(k.b, k.loc, isBefore, rank, behind);
}

AxisLoops::Values AxisLoops::forEdges(ValueRange kept, Span whole,
                                      Values carried, Step body, Value part) {
  if (!isRagged())
    return carried;
  auto compare = [&](arith::CmpIPredicate predicate, Value x,
                     Value y) -> Value {
    return arith::CmpIOp::create(k.b, k.loc, predicate, x, y);
  };
  Value column = edgeColumn(whole);
  Value isMine =
      compare(arith::CmpIPredicate::slt, column, k.index(plan.length()));
  if (part)
    isMine = arith::AndIOp::create(
        k.b, k.loc, isMine,
        compare(arith::CmpIPredicate::eq, part, k.index(0)));
  auto branch =
      scf::IfOp::create(k.b, k.loc, TypeRange(ValueRange(carried)), isMine,
                        /*withElseRegion=*/!carried.empty());
  OpBuilder::InsertionGuard guard(k.b);
  k.b.setInsertionPointToStart(branch.thenBlock());
  isAtEdge = true;
  Values next = body(carried, indices(kept, column), 1);
  isAtEdge = false;
  if (carried.empty())
    return {}; // and there is a yield
  scf::YieldOp::create(k.b, k.loc, next);
  k.b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(k.b, k.loc, carried);
  return Values(branch.getResults());
}

void AxisLoops::forGroups(Span whole, llvm::function_ref<void()> body) {
  if (isRagged())
    k.elements.assumeVectorsAmongAll(plan.shape, whole.begin);
  groupsBegin = whole.begin;
  awaitRows();
  body();
  groupsBegin = {};
  shared.insert(comingThere.begin(), comingThere.end());
  replaced.insert(beingReplaced.begin(), beingReplaced.end());
  k.elements.assumeVectorsAmongAll({});
}

void AxisLoops::forShares(ValueRange kept, Body body) {
  Span whole = wholeVectors(kept), own = ownVectors(whole);
  forEdges(
      kept, whole, {},
      [&](ValueRange, ValueRange at, int64_t lanes) -> Values {
        body(at, lanes);
        return {};
      },
      k.team.block);
  forGroups(own, [&] {
    foldGroups(kept, own, 1, 0, {},
               [&](ValueRange, ArrayRef<Group> one, int64_t lanes) -> Values {
                 body(one[0].at, lanes);
                 return {};
               });
  });
}

void AxisLoops::forElementOf(ValueRange kept, Value column,
                             llvm::function_ref<void(ValueRange)> body) {
  assert(plan.reduced.size() == 1 && !holdsRows());
  using Predicate = arith::CmpIPredicate;
  auto compare = [&](Predicate predicate, Value x, Value y) -> Value {
    return arith::CmpIOp::create(k.b, k.loc, predicate, x, y);
  };
  auto both = [&](Value x, Value y) -> Value {
    return arith::AndIOp::create(k.b, k.loc, x, y);
  };
  Span own = ownVectors(wholeVectors(kept));
  Value isOwn = both(compare(Predicate::sge, column, own.begin),
                     compare(Predicate::slt, column, own.end));
  if (k.team.size > 1) {
    Value position = arith::SubIOp::create(k.b, k.loc, column, own.begin);
    Value group = k.divide(position, teamLanes()).first;
    Value ofThread = k.divide(group, k.team.size).second;
    isOwn = both(isOwn, compare(Predicate::eq, ofThread, k.team.rank));
  }
  auto branch = scf::IfOp::create(k.b, k.loc, isOwn, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(k.b);
  k.b.setInsertionPointToStart(branch.thenBlock());
  forGroups(own, [&] { body(indices(kept, column)); });
}
