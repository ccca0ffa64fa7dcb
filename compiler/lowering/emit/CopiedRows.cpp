// AxisLoops where rows come to shared memory by copies that one thread asks
// for.
#include "compiler/lowering/Exchange.h"
#include "compiler/lowering/emit/AxisLoops.h"
#include "compiler/lowering/emit/gpu/SimtTiles.h"
#include "compiler/lowering/emit/gpu/TensorCores.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mpc;

int64_t AxisLoops::bytesOfElement(int64_t number) const {
  Type type = elementTypeOf(heldOperands[size_t(number)]);
  return int64_t(type.getIntOrFloatBitWidth()) / 8;
}

bool AxisLoops::isCopied(int64_t number) const {
  Value operand = heldOperands[size_t(number)];
  bool isAligned = isRagged() || plan.length() % rowGrain() == 0;
  return k.team.heldBytes > 0 && isAligned && isa<BlockArgument>(operand) &&
         shapeOf(operand) == ArrayRef(plan.shape);
}

void AxisLoops::forTiles(TileKernel::Body body) {
  auto numbers = llvm::seq<int64_t>(0, int64_t(heldOperands.size()));
  if (llvm::none_of(numbers, [&](int64_t i) { return isCopied(i); }))
    return k.forTiles(body);
  k.forTiles([&](Value tile) {
    Values rows = plan.rowsOf(k, tile);
    copyRows(tile, rows);
    if (isRagged()) {
      Value column = arith::MinSIOp::create(
          k.b, k.loc, edgeColumn(wholeVectorsOf(rows.front())),
          k.index(plan.length() - 1));
      for (auto [number, operand] : llvm::enumerate(heldOperands)) {
        Value row = rows[number % rows.size()];
        Values at = indices(k.split(row, plan.extents(plan.kept)), column);
        edges.push_back(k.load(operand, at, 1));
      }
    }
    isArriving = true;
    body(tile);
    edges.clear();
  });
}

Value AxisLoops::rowMemory(int64_t number, Value row, Value column) {
  Value element =
      arith::AddIOp::create(k.b, k.loc, k.times(row, plan.length()), column);
  return k.addressOf(heldOperands[size_t(number)], element);
}

Value AxisLoops::bytesIn(Span own, int64_t bytesOfEach) {
  Value length = arith::SubIOp::create(k.b, k.loc, own.end, own.begin);
  return arith::IndexCastOp::create(k.b, k.loc, k.b.getI32Type(),
                                    k.times(length, bytesOfEach));
}

void AxisLoops::forCopied(
    ValueRange rows, Span own,
    llvm::function_ref<void(int64_t, Value, Value)> body) {
  for (auto number : llvm::seq(int64_t(heldOperands.size())))
    if (isCopied(number)) {
      Value row = rows[size_t(number) % rows.size()];
      body(number, rowMemory(number, row, own.begin),
           bytesIn(own, bytesOfElement(number)));
    }
}

// One thread asks for all that this block has of the rows. Its warp meets
// behind making the barrier, which ptxas lets the whole warp do.
void AxisLoops::copyRows(Value tile, ValueRange rows) {
  Span own = ownVectors(wholeVectorsOf(rows.front()));
  auto ifRankBelow = [&](int64_t limit, llvm::function_ref<void()> body) {
    Value isBelow = arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::ult,
                                          k.team.rank, k.index(limit));
    auto branch = scf::IfOp::create(k.b, k.loc, isBelow);
    OpBuilder::InsertionGuard guard(k.b);
    k.b.setInsertionPointToStart(branch.thenBlock());
    body();
  };
  ifRankBelow(Exchange::warp, [&] {
    ifRankBelow(1, [&] {
      ThreadBuilder b(k.loc, k.b);
      TensorCores(b).initBarrier(arrival(), 1);
      TensorCores(b).publishBarriers();
    });
    ThreadBuilder b(k.loc, k.b);
    TensorCores(b).syncWarp();
    ifRankBelow(1, [&] {
      ThreadBuilder b(k.loc, k.b);
      TensorCores copies(b);
      int64_t bytesOfAll = 0;
      for (auto number : llvm::seq(int64_t(heldOperands.size())))
        bytesOfAll += isCopied(number) ? bytesOfElement(number) : 0;
      copies.arriveExpecting(arrival(), bytesIn(own, bytesOfAll));
      forCopied(rows, own, [&](int64_t number, Value from, Value bytes) {
        copies.copyBytes(sharedPlace(number, k.index(0)), from, bytes,
                         arrival());
      });
      if (k.team.blocks > 2)
        fetchRows(tile);
    });
  });
  NVVM::BarrierOp::create(k.b, k.loc);
}

// While a cluster waits for its slowest block memory would be idle. A quarter
// of the clusters that run at a time ahead is early enough; much more is gone
// from the cache before it is copied.
void AxisLoops::fetchRows(Value tile) {
  int64_t clusters =
      multiprocessors * (threadsHolding / k.team.size) / k.team.blocks;
  Value ahead = arith::AddIOp::create(k.b, k.loc, tile, k.index(clusters / 4));
  Value last = k.index(plan.tiles() - 1);
  Value isThere =
      arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::ule, ahead, last);
  auto branch = scf::IfOp::create(k.b, k.loc, isThere);
  OpBuilder::InsertionGuard guard(k.b);
  k.b.setInsertionPointToStart(branch.thenBlock());
  Values rows = plan.rowsOf(k, ahead);
  Span own = ownVectors(wholeVectorsOf(rows.front()));
  forCopied(rows, own, [&](int64_t, Value from, Value bytes) {
    NVVM::CpAsyncBulkPrefetchOp::create(k.b, k.loc, from, bytes, Value());
  });
}

// Behind the rows.
Value AxisLoops::arrival() {
  ThreadBuilder b(k.loc, k.b);
  return b.at(k.team.shared,
              slotBytes(k.team) + k.team.heldBytes - bytesOfArrival);
}

void AxisLoops::awaitRows() {
  if (!isArriving)
    return;
  ThreadBuilder b(k.loc, k.b);
  TensorCores(b).wait(arrival(), b.number(0));
  isArriving = false;
}
