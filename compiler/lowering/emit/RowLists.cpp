#include "compiler/lowering/emit/RowLists.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>

using namespace mlir;
using namespace mpc;

static constexpr int64_t warp = 32;
// Rows that a thread empties, and indices for which a warp looks.
static constexpr int64_t pack = 4;
// Indices that a thread compares at once.
static constexpr int64_t compared = 8;

RowLists::RowLists(Value indices, int64_t rows)
    : indices(indices), rows(rows), count(elementCount(shapeOf(indices))) {
  assert(std::max(rows, count) < std::numeric_limits<int32_t>::max());
}

int64_t RowLists::paddedRows() const {
  return std::max<int64_t>(llvm::alignTo<pack>(rows), pack);
}

int64_t RowLists::paddedCount() const {
  return std::max<int64_t>(llvm::alignTo<compared>(count), compared);
}

SmallVector<int64_t> RowLists::tiles(Target target) const {
  if (target.isGpu())
    return {paddedRows() / pack, paddedCount(), paddedCount() / pack};
  return {1};
}

SmallVector<MemRefType> RowLists::workspaces(Target target) const {
  Type number = IntegerType::get(indices.getContext(), 32);
  auto perRow = MemRefType::get({paddedRows()}, number);
  auto perIndex = MemRefType::get({paddedCount()}, number);
  if (target.isGpu())
    return {perRow, perIndex, perRow, perIndex};
  return {perRow, perIndex};
}

TeamShape RowLists::team(KernelOp, int64_t phase) {
  return {.size = phase == 2 ? warp : 1};
}

bool RowLists::build(TileKernel &k) const {
  if (!targetOf(k.kernel).isGpu()) {
    if (k.phase == 0)
      thread(k);
    return k.phase == 0;
  }
  if (k.phase == 0)
    empty(k);
  else if (k.phase == 1)
    enter(k);
  else if (k.phase == 2)
    link(k);
  return k.phase < 3;
}

Value RowLists::rowAt(TileKernel &k, LoopBuilder &b, Value number) const {
  return rowOf(k, b, indices, indicesOf(b, number, shapeOf(indices)), rows);
}

static Value narrow(LoopBuilder &b, Value number) {
  return arith::IndexCastOp::create(b, b.getI32Type(), number);
}
static Value narrow(LoopBuilder &b, int64_t number, int64_t lanes = 1) {
  return intConstant(b, b.getLoc(), b.getI32Type(), number, lanes);
}
static Value wide(LoopBuilder &b, Value number) {
  return arith::IndexCastOp::create(b, b.getIndexType(), number);
}

// `lanes` neighbours that start at a multiple of 16 bytes.
static Value loadNeighbours(LoopBuilder &b, Value memory, Value first,
                            int64_t lanes) {
  auto type = VectorType::get({lanes}, b.getI32Type());
  return vector::LoadOp::create(b, type, memory, ValueRange(first),
                                /*nontemporal=*/false, llvm::Align(16));
}
static void storeNeighbours(LoopBuilder &b, Value vector, Value memory,
                            Value first) {
  vector::StoreOp::create(b, vector, memory, ValueRange(first),
                          /*nontemporal=*/false, llvm::Align(16));
}

// From the last index to the first, so that lists ascend.
void RowLists::thread(TileKernel &k) const {
  LoopBuilder b(k.loc, k.b);
  Value first = k.workspaces[0], next = k.workspaces[1];
  Value end = narrow(b, count);
  b.loop(k.firstTile, k.endTile, 1, [&](Value) {
    b.loop(rows,
           [&](Value row) { memref::StoreOp::create(b, end, first, row); });
    b.loop(count, [&](Value i) {
      Value number = b.sub(b.index(count - 1), i);
      Value row = rowAt(k, b, number);
      memref::StoreOp::create(b, memref::LoadOp::create(b, first, row), next,
                              number);
      memref::StoreOp::create(b, narrow(b, number), first, row);
    });
  });
}

void RowLists::empty(TileKernel &k) const {
  k.forTiles([&](Value tile) {
    LoopBuilder b(k.loc, k.b);
    Value row = b.mul(tile, pack);
    storeNeighbours(b, narrow(b, count, pack), k.workspaces[0], row);
    storeNeighbours(b, narrow(b, -1, pack), k.workspaces[2], row);
  });
}

// The least and the greatest of numbers do not depend on who comes first.
void RowLists::enter(TileKernel &k) const {
  k.forTiles([&](Value number) {
    LoopBuilder b(k.loc, k.b);
    auto note = [&](arith::AtomicRMWKind kind, Value memory, Value row) {
      memref::AtomicRMWOp::create(b, kind, narrow(b, number), memory, row);
    };
    auto keepRow = [&](Value row) {
      memref::StoreOp::create(b, row, k.workspaces[3], number);
    };
    if (count == 0)
      return keepRow(narrow(b, -1));
    b.branch(
        b.less(number, b.index(count)),
        [&] {
          Value row = rowAt(k, b, number);
          keepRow(narrow(b, row));
          note(arith::AtomicRMWKind::mins, k.workspaces[0], row);
          note(arith::AtomicRMWKind::maxs, k.workspaces[2], row);
        },
        [&] { keepRow(narrow(b, -1)); });
  });
}

// What fills up the last pack has no row, and asks for any row's last index,
// which is less than its own number.
void RowLists::link(TileKernel &k) const {
  k.forTiles([&](Value tile) {
    LoopBuilder b(k.loc, k.b);
    Value begin = b.mul(tile, pack);
    Value packed = loadNeighbours(b, k.workspaces[3], begin, pack);
    SmallVector<Value> numbers, itsRows, lasts;
    for (int64_t lane = 0; lane < pack; ++lane) {
      numbers.push_back(narrow(b, b.add(begin, lane)));
      itsRows.push_back(vector::ExtractOp::create(b, packed, lane));
      Value row = arith::MaxSIOp::create(b, itsRows.back(), narrow(b, 0));
      lasts.push_back(memref::LoadOp::create(b, k.workspaces[2], wide(b, row)));
    }
    SmallVector<Value> next;
    for (int64_t lane = 0; lane < pack; ++lane)
      next.push_back(b.branch(
          b.less(numbers[lane], lasts[lane]), b.getI32Type(),
          [&]() -> LoopBuilder::Values {
            return {nextOf(k, b, numbers[lane], itsRows[lane])};
          },
          [&]() -> LoopBuilder::Values { return {narrow(b, count)}; })[0]);
    k.once([&] {
      LoopBuilder one(k.loc, k.b);
      auto type = cast<VectorType>(packed.getType());
      storeNeighbours(one, vector::FromElementsOp::create(one, type, next),
                      k.workspaces[1], begin);
    });
  });
}

// The least number that any thread of the warp has.
static Value leastOfTeam(TileKernel &k, LoopBuilder &b, Value number) {
  if (k.team.size == 1)
    return number;
  return NVVM::ReduxOp::create(b, number.getType(), number,
                               NVVM::ReduxKind::MIN, narrow(b, -1));
}

// The team goes on from the index's own place until one of its threads meets
// the row again; there is another one behind.
Value RowLists::nextOf(TileKernel &k, LoopBuilder &b, Value number,
                       Value row) const {
  Value begin = b.mul(b.div(wide(b, number), compared), compared);
  if (k.team.size > 1)
    begin = b.mulAdd(k.team.rank, compared, begin);
  Value end = narrow(b, count);
  auto loop = scf::WhileOp::create(
      b, TypeRange{b.getIndexType(), b.getI32Type()}, ValueRange{begin, end},
      [&](OpBuilder &nested, Location loc, ValueRange v) {
        LoopBuilder inner(loc, nested);
        scf::ConditionOp::create(inner, inner.equal(v[1], end), v);
      },
      [&](OpBuilder &nested, Location loc, ValueRange v) {
        LoopBuilder inner(loc, nested);
        Value found =
            leastOfTeam(k, inner, leastIn(k, inner, v[0], number, row));
        Value next = inner.add(v[0], k.team.size * compared);
        scf::YieldOp::create(inner, ValueRange{next, found});
      });
  return loop.getResult(1);
}

// The least number of this thread's that has the row and comes behind.
Value RowLists::leastIn(TileKernel &k, LoopBuilder &b, Value first,
                        Value number, Value row) const {
  Value end = narrow(b, count);
  return b.branch(
      b.less(first, b.index(paddedCount())), b.getI32Type(),
      [&]() -> LoopBuilder::Values {
        Value others = loadNeighbours(b, k.workspaces[3], first, compared);
        Value least = end;
        for (int64_t lane = compared; lane-- > 0;) {
          Value other = narrow(b, b.add(first, lane));
          Value isSame =
              b.equal(vector::ExtractOp::create(b, others, lane), row);
          Value fits = arith::AndIOp::create(b, isSame, b.less(number, other));
          least = b.select(fits, other, least);
        }
        return {least};
      },
      [&]() -> LoopBuilder::Values { return {end}; })[0];
}

LoopBuilder::Values RowLists::foldList(LoopBuilder &b, Value first,
                                       int64_t count, Next next,
                                       ValueRange init, Body body) {
  Value end = narrow(b, count);
  SmallVector<Value> carried = {first};
  llvm::append_range(carried, init);
  auto loop = scf::WhileOp::create(
      b, ValueRange(carried).getTypes(), carried,
      [&](OpBuilder &nested, Location loc, ValueRange v) {
        LoopBuilder inner(loc, nested);
        scf::ConditionOp::create(inner, inner.less(v[0], end), v);
      },
      [&](OpBuilder &nested, Location loc, ValueRange v) {
        LoopBuilder inner(loc, nested);
        Value number = wide(inner, v[0]);
        SmallVector<Value> following = {next(inner, number)};
        llvm::append_range(following, body(inner, number, v.drop_front()));
        scf::YieldOp::create(inner, following);
      });
  return LoopBuilder::Values(loop.getResults().drop_front());
}

LoopBuilder::Values RowLists::fold(TileKernel &k, LoopBuilder &b, Value row,
                                   ValueRange init, Body body) const {
  auto next = [&](LoopBuilder &inner, Value number) -> Value {
    return memref::LoadOp::create(inner, k.workspaces[1], number);
  };
  return foldList(b, memref::LoadOp::create(b, k.workspaces[0], row), count,
                  next, init, body);
}
