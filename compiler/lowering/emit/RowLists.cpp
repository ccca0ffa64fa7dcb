#include "compiler/lowering/emit/RowLists.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mpc;

static constexpr int64_t warp = 32;
// Indices that a thread compares at once, in 16 bytes.
static constexpr int64_t pack = 4;

RowLists::RowLists(Value indices, int64_t rows)
    : indices(indices), rows(rows), count(elementCount(shapeOf(indices))) {}

int64_t RowLists::paddedCount() const {
  return std::max<int64_t>(llvm::alignTo<pack>(count), pack);
}

SmallVector<int64_t> RowLists::tiles(Target target) const {
  if (target.isGpu())
    return {std::max(rows, paddedCount()), std::max<int64_t>(count, 1)};
  return {1};
}

SmallVector<MemRefType> RowLists::workspaces(Target target) const {
  auto integer = [&](unsigned bits) {
    return IntegerType::get(indices.getContext(), bits);
  };
  int64_t atLeastOne = std::max<int64_t>(count, 1);
  SmallVector<MemRefType> spaces = {MemRefType::get({rows}, integer(64)),
                                    MemRefType::get({atLeastOne}, integer(64))};
  if (target.isGpu())
    spaces.push_back(MemRefType::get({paddedCount()}, integer(32)));
  return spaces;
}

TeamShape RowLists::team(KernelOp, int64_t phase) {
  return {.size = phase == 1 ? warp : 1};
}

bool RowLists::build(TileKernel &k) const {
  if (!targetOf(k.kernel).isGpu()) {
    if (k.phase == 0)
      thread(k);
    return k.phase == 0;
  }
  if (k.phase == 0)
    prepare(k);
  else if (k.phase == 1 && count > 0)
    link(k);
  return k.phase < 2;
}

Value RowLists::rowAt(TileKernel &k, LoopBuilder &b, Value number) const {
  return rowOf(k, b, indices, indicesOf(b, number, shapeOf(indices)), rows);
}

static Value wide(LoopBuilder &b, Value number) {
  return arith::IndexCastOp::create(b, b.getI64Type(), number);
}

// From the last index to the first, so that lists ascend.
void RowLists::thread(TileKernel &k) const {
  LoopBuilder b(k.loc, k.b);
  Value first = k.workspaces[0], next = k.workspaces[1];
  Value end = wide(b, b.index(count));
  b.loop(k.firstTile, k.endTile, 1, [&](Value) {
    b.loop(rows,
           [&](Value row) { memref::StoreOp::create(b, end, first, row); });
    b.loop(count, [&](Value i) {
      Value number = b.sub(b.index(count - 1), i);
      Value row = rowAt(k, b, number);
      memref::StoreOp::create(b, memref::LoadOp::create(b, first, row), next,
                              number);
      memref::StoreOp::create(b, wide(b, number), first, row);
    });
  });
}

// Empty lists, and the row of each index in memory that is read fast.
void RowLists::prepare(TileKernel &k) const {
  assert(rows <= std::numeric_limits<int32_t>::max());
  LoopBuilder b(k.loc, k.b);
  Value end = wide(b, b.index(count));
  b.loop(k.firstTile, k.endTile, 1, [&](Value i) {
    b.branch(b.less(i, b.index(rows)),
             [&] { memref::StoreOp::create(b, end, k.workspaces[0], i); });
    if (count > 0)
      b.branch(b.less(i, b.index(paddedCount())), [&] {
        Value inside = b.less(i, b.index(count));
        Value row = arith::IndexCastOp::create(
            b, b.getI32Type(), rowAt(k, b, b.min(i, count - 1)));
        Value none = intConstant(b, k.loc, b.getI32Type(), -1);
        memref::StoreOp::create(b, b.select(inside, row, none), k.workspaces[2],
                                i);
      });
  });
}

// The first index that names the same row, and the next one behind this.
void RowLists::link(TileKernel &k) const {
  auto least = [&](Value x, Value y) -> Value {
    return arith::MinSIOp::create(k.b, k.loc, x, y);
  };
  k.forTiles([&](Value number) {
    LoopBuilder b(k.loc, k.b);
    Value end = wide(b, b.index(count));
    Value row = memref::LoadOp::create(b, k.workspaces[2], number);
    auto share = k.foldShare(
        0, paddedCount(), pack, {end, end},
        [&](Value others, ValueRange found) -> SmallVector<Value> {
          LoopBuilder inner(k.loc, k.b);
          return lookThrough(k, inner, {number, row}, others, found);
        });
    Value first = k.joinTeam(share[0], least);
    Value next = k.joinTeam(share[1], least);
    k.once([&] {
      LoopBuilder one(k.loc, k.b);
      memref::StoreOp::create(one, next, k.workspaces[1], number);
      Value place = arith::IndexCastOp::create(one, one.getIndexType(), row);
      one.branch(one.equal(first, wide(one, number)), [&] {
        memref::StoreOp::create(one, first, k.workspaces[0], place);
      });
    });
  });
}

// Most packs name other rows, so that one branch passes them over.
SmallVector<Value> RowLists::lookThrough(TileKernel &k, LoopBuilder &b,
                                         Entry entry, Value others,
                                         ValueRange found) const {
  auto type = VectorType::get({pack}, b.getI32Type());
  Value rows =
      vector::LoadOp::create(b, type, k.workspaces[2], ValueRange(others),
                             /*nontemporal=*/false, llvm::Align(pack * 4));
  Value same = b.compare(arith::CmpIPredicate::eq, rows,
                         broadcastLanes(b, k.loc, entry.row, pack));
  Value any = vector::ReductionOp::create(b, vector::CombiningKind::OR, same);
  Value end = wide(b, b.index(count));
  auto update = [&]() -> LoopBuilder::Values {
    Value first = found[0], next = found[1];
    for (int64_t lane = 0; lane < pack; ++lane) {
      Value other = b.add(others, lane);
      Value isSame = vector::ExtractOp::create(b, same, lane);
      Value candidate = b.select(isSame, wide(b, other), end);
      Value behind = b.select(b.less(entry.number, other), candidate, end);
      first = arith::MinSIOp::create(b, first, candidate);
      next = arith::MinSIOp::create(b, next, behind);
    }
    return {first, next};
  };
  return b.branch(any, found.getTypes(), update, [&]() -> LoopBuilder::Values {
    return {found[0], found[1]};
  });
}

Value RowLists::fold(
    TileKernel &k, LoopBuilder &b, Value row, Value init,
    llvm::function_ref<Value(LoopBuilder &, Value, Value)> body) const {
  Value end = wide(b, b.index(count));
  auto loop = scf::WhileOp::create(
      b, TypeRange{b.getI64Type(), init.getType()},
      ValueRange{memref::LoadOp::create(b, k.workspaces[0], row), init},
      [&](OpBuilder &nested, Location loc, ValueRange v) {
        Value more = arith::CmpIOp::create(
            nested, loc, arith::CmpIPredicate::slt, v[0], end);
        scf::ConditionOp::create(nested, loc, more, v);
      },
      [&](OpBuilder &nested, Location loc, ValueRange v) {
        LoopBuilder inner(loc, nested);
        Value number =
            arith::IndexCastOp::create(inner, inner.getIndexType(), v[0]);
        Value value = body(inner, number, v[1]);
        Value following =
            memref::LoadOp::create(inner, k.workspaces[1], number);
        scf::YieldOp::create(inner, ValueRange{following, value});
      });
  return loop.getResult(1);
}
