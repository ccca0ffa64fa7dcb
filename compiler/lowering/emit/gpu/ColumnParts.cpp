#include "compiler/lowering/emit/gpu/ColumnParts.h"
#include "compiler/lowering/ElementMemory.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mpc;

static constexpr int64_t warp = 32;

ColumnParts::ColumnParts(TileKernel &kernel, const Columns &columns,
                         size_t phase)
    : b(kernel.loc, kernel.b), k(kernel.with(b)), of(columns),
      phases(stripsOf(columns)), phase(phase), plan(phases[phase]) {
  k.elements.assumeWholeVectors();
}

void ColumnParts::run() {
  k.forTiles([&](Value tile) {
    Value block = b.div(tile, plan.side);
    Value part = b.div(block, plan.strips());
    Value strip = b.rem(block, plan.strips());
    if (plan.edge == 0)
      return sumStrip(part, strip);
    b.branch(
        b.equal(strip, b.index(plan.strips() - 1)), [&] { sumEdges(part); },
        [&] {
          k.elements.assumeVectorsAmongAll(of.shape);
          sumStrip(part, strip);
          k.elements.assumeVectorsAmongAll({});
        });
  });
}

//===-- Columns -----------------------------------------------------------===//

// The last strip leaves out what is the matter of the one before it, and of the
// edges.
void ColumnParts::sumStrip(Value part, Value strip) {
  int64_t count = plan.ownColumns(), end = plan.columns - plan.edge;
  int64_t last =
      llvm::alignTo(std::max(end - count, int64_t(0)), uint64_t(plan.lanes));
  Value begin = b.add(b.mul(strip, count), plan.edge);
  Value first = plan.isWhole() ? b.min(begin, last) : begin;
  share(joinWarp(ofThread(part, columnsOfThread(first))));
  auto columnOf = [&](Value own) { return b.add(first, own); };
  auto isOwn = [&](Value column) {
    Value isInside = b.less(column, b.index(end));
    return plan.isWhole()
               ? arith::AndIOp::create(
                     b, isInside,
                     b.compare(arith::CmpIPredicate::sge, column, begin))
               : isInside;
  };
  finish(part, count, columnOf, isOwn);
}

// Where there are less columns than a strip has, threads behind the last one
// are at it again.
ColumnParts::Values ColumnParts::columnsOfThread(Value first) {
  if (plan.edge > 0)
    first = b.sub(first, b.rem(b.mul(k.team.rank, plan.shift(1)), plan.lanes));
  Values columns;
  for (int64_t i = 0; i < plan.vectors; ++i) {
    Value column = b.add(b.mulAdd(k.team.column, plan.lanes, first),
                         i * plan.side * plan.lanes);
    if (!plan.isWhole())
      column = b.min(column, plan.columns - plan.lanes);
    columns.push_back(column);
  }
  return columns;
}

Value ColumnParts::edgeColumn(Value number) {
  return b.select(b.less(number, b.index(plan.edge)), number,
                  b.add(number, plan.columns - 2 * plan.edge));
}

// A thread has one column, of the first or of the last ones.
void ColumnParts::sumEdges(Value part) {
  const ColumnStrips strips = plan;
  plan.lanes = 1;
  share(ofThread(part, edgeColumn(k.team.column)));
  auto columnOf = [&](Value own) { return edgeColumn(own); };
  auto isOwn = [&](Value column) {
    return b.less(column, b.index(plan.columns));
  };
  finish(part, 2 * plan.edge, columnOf, isOwn);
  plan = strips;
}

//===-- Memory ------------------------------------------------------------===//

ColumnParts::Values ColumnParts::loadOf(Value row, Value column) {
  if (phase == 0)
    return load(row, column, plan.lanes);
  Values loaded;
  for (int64_t sum = 0; sum < plan.sums; ++sum)
    loaded.push_back(loadElement(b, k.loc, k.workspaces[0], b.getF32Type(),
                                 {b.index(sum), row, column}, plan.lanes,
                                 llvm::Align(uint64_t(4 * plan.lanes))));
  return loaded;
}

void ColumnParts::storeOf(Value part, Value column, ValueRange totals) {
  if (phase + 1 == phases.size())
    return store(column, totals);
  for (auto [sum, total] : llvm::enumerate(totals))
    memref::StoreOp::create(b, total, k.workspaces[0],
                            ValueRange{b.index(int64_t(sum)), part, column});
}

//===-- The sums of a thread ----------------------------------------------===//

// A row that is there, whose vectors begin where this thread's do.
Value ColumnParts::otherRow(Value begin) {
  return plan.edge > 0 ? k.team.rank : begin;
}

// Adds a group of rows from `first` on, of a part. If they need not all be
// there, another row is read in place of each that is not.
ColumnParts::Values ColumnParts::addRows(ValueRange sums, Value first,
                                         Value begin, Value end,
                                         ValueRange columns, bool areThere) {
  SmallVector<std::pair<Value, SmallVector<Values>>> rows;
  for (int64_t i = 0; i < plan.group; ++i) {
    Value row = b.add(first, i * plan.size);
    Value isThere = areThere ? Value() : b.less(row, end);
    if (isThere)
      row = b.select(isThere, row, otherRow(begin));
    SmallVector<Values> loaded;
    for (Value column : columns)
      loaded.push_back(loadOf(row, column));
    rows.push_back({isThere, std::move(loaded)});
  }
  Values next(sums);
  for (auto &[isThere, vectors] : rows) {
    Value *sum = next.begin();
    for (const Values &loaded : vectors)
      for (Value term : phase == 0 ? terms(loaded) : loaded) {
        if (isThere)
          term = b.select(isThere, term, b.f32(0, plan.lanes));
        *sum = arith::AddFOp::create(b, *sum, term);
        ++sum;
      }
  }
  return next;
}

// Vector after vector, the sums of each: over every team-th row of a part.
ColumnParts::Values ColumnParts::ofThread(Value part, ValueRange columns) {
  int64_t step = plan.rowsAtOnce();
  Value begin = b.mul(part, plan.partRows);
  Value end = b.min(b.add(begin, plan.partRows), plan.rows);
  Value wholeEnd = b.add(begin, b.mul(b.div(b.sub(end, begin), step), step));
  Values sums(size_t(plan.vectors * plan.sums), b.f32(0, plan.lanes));
  sums = b.loop(b.add(begin, k.team.rank), wholeEnd, step, sums,
                [&](Value row, ValueRange before) {
                  return addRows(before, row, begin, end, columns, true);
                });
  if (plan.rows % step == 0)
    return sums;
  return b.branch(
      b.less(wholeEnd, end), TypeRange(ValueRange(sums)),
      [&] {
        Value row = b.add(wholeEnd, k.team.rank);
        return addRows(sums, row, begin, end, columns, false);
      },
      [&] { return sums; });
}

//===-- The sums of a block -----------------------------------------------===//

// Over those threads of the warp that have the same columns, in each of them.
ColumnParts::Values ColumnParts::joinWarp(ValueRange sums) {
  if (plan.side >= warp)
    return Values(sums);
  auto number = [&](int32_t value) -> Value {
    return arith::ConstantOp::create(b, b.getI32IntegerAttr(value));
  };
  auto joined = [&](Value sum) {
    for (int32_t distance = warp / 2; distance >= plan.side; distance /= 2) {
      Value other = NVVM::ShflOp::create(b, sum.getType(), number(-1), sum,
                                         number(distance), number(warp - 1),
                                         NVVM::ShflKind::bfly, UnitAttr());
      sum = arith::AddFOp::create(b, sum, other);
    }
    return sum;
  };
  Values all;
  for (Value sum : sums) {
    if (plan.lanes == 1) {
      all.push_back(joined(sum));
      continue;
    }
    Values lanes;
    for (int64_t lane = 0; lane < plan.lanes; ++lane)
      lanes.push_back(joined(vector::ExtractOp::create(b, sum, lane)));
    all.push_back(vector::FromElementsOp::create(b, sum.getType(), lanes));
  }
  return all;
}

// Of a warp, or of a part of a team that a warp has: entries one behind the
// other, in each of them the columns of one sum behind those of another.
Value ColumnParts::place(Value entry, int64_t sum, Value column) {
  Value line = b.add(b.mul(entry, plan.sums), sum);
  Value number = b.mulAdd(line, plan.columnsOfStrip(), column);
  Value wide = arith::IndexCastOp::create(b, b.getI64Type(), number);
  return LLVM::GEPOp::create(b, k.team.shared.getType(), b.getF32Type(),
                             k.team.shared, ArrayRef<LLVM::GEPArg>{wide});
}

static int64_t ranksOfWarp(const ColumnStrips &plan) {
  return std::max<int64_t>(warp / plan.side, 1);
}

void ColumnParts::share(ValueRange sums) {
  int64_t ranks = ranksOfWarp(plan);
  Value entry = b.div(k.team.rank, ranks);
  auto write = [&] {
    for (auto [i, sum] : llvm::enumerate(sums)) {
      int64_t number = int64_t(i) / plan.sums;
      Value column =
          b.mul(b.add(k.team.column, number * plan.side), plan.lanes);
      LLVM::StoreOp::create(b, sum,
                            place(entry, int64_t(i) % plan.sums, column),
                            unsigned(std::min<int64_t>(4 * plan.lanes, 16)));
    }
  };
  if (ranks == 1)
    write();
  else
    b.branch(b.equal(b.rem(k.team.rank, ranks), b.index(0)), write);
  NVVM::BarrierOp::create(b);
}

// A thread adds the entries of each of its columns in their order.
void ColumnParts::finish(Value part, int64_t count,
                         llvm::function_ref<Value(Value own)> columnOf,
                         llvm::function_ref<Value(Value column)> isOwn) {
  int64_t threads = plan.side * plan.size;
  Value thread = b.mulAdd(k.team.rank, plan.side, k.team.column);
  for (int64_t i = 0; i < count; i += threads) {
    Value own = b.add(thread, i), column = columnOf(own);
    Value isThere =
        arith::AndIOp::create(b, b.less(own, b.index(count)), isOwn(column));
    b.branch(isThere, [&] { storeOf(part, column, totals(own)); });
  }
}

ColumnParts::Values ColumnParts::totals(Value own) {
  Values totals;
  for (int64_t sum = 0; sum < plan.sums; ++sum) {
    Value total;
    for (int64_t entry = 0; entry < plan.size / ranksOfWarp(plan); ++entry) {
      Value at = b.add(own, plan.shift(entry));
      Value one = LLVM::LoadOp::create(b, b.getF32Type(),
                                       place(b.index(entry), sum, at));
      total = total ? arith::AddFOp::create(b, total, one) : one;
    }
    totals.push_back(total);
  }
  return totals;
}
