// The threads of a GPU that run one tile together.
#include "compiler/lowering/Exchange.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mpc;

static constexpr int64_t warp = Exchange::warp;

int64_t mpc::teamBytes(TeamShape shape) {
  return slotBytes(shape) + shape.heldBytes;
}

TeamShape mpc::teamForRow(int64_t length, int64_t ofThread) {
  constexpr int64_t most = 1024, lanes = 8;
  if (length <= warp)
    return {};
  if (length <= 32 * warp)
    return {.size = warp};
  // Of a row that is not in whole vectors some threads have one element more.
  int64_t size = length % lanes == 0
                     ? llvm::alignTo<warp>(llvm::divideCeil(length, ofThread))
                     : llvm::PowerOf2Ceil(length / ofThread);
  return {.size = std::min(size, most)};
}

SmallVector<Value> TileKernel::foldShare(int64_t lo, int64_t hi, int64_t lanes,
                                         ValueRange init, FoldBody body) {
  assert((hi - lo) % lanes == 0);
  Value first = index(lo);
  if (team.size > 1)
    first = arith::AddIOp::create(b, loc, times(team.rank, lanes), first);
  return fold(first, index(hi), team.size * lanes, init, body);
}

void TileKernel::once(llvm::function_ref<void()> body) {
  if (team.size == 1)
    return body();
  Value number = team.rank;
  if (team.block)
    number = arith::AddIOp::create(b, loc, number, team.block);
  Value isFirst =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, number, index(0));
  auto branch = scf::IfOp::create(b, loc, isFirst, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  body();
}

// TeamShape::joined at once.
static SmallVector<Value>
joinSome(TileKernel &k, ValueRange values, TileKernel::JoinValue join,
         llvm::function_ref<void(Exchange &, SmallVector<Value> &)> exchange) {
  SmallVector<Value> all;
  auto most = size_t(k.team.joined);
  for (size_t first = 0; first < values.size(); first += most) {
    SmallVector<Value> some(
        values.slice(first, std::min(most, values.size() - first)));
    auto joinOne = [&](size_t i, Value x, Value y) {
      return join(first + i, x, y);
    };
    Exchange threads(k, joinOne);
    exchange(threads, some);
    all.append(some);
  }
  return all;
}

SmallVector<Value> TileKernel::joinTeam(ValueRange values, JoinValue join) {
  if (team.blocks == 1)
    return joinBlock(values, join);
  return joinSome(*this, values, join,
                  [&](Exchange &threads, SmallVector<Value> &some) {
                    threads.joinWarp(some);
                    threads.joinBlocks(some);
                  });
}

SmallVector<Value> TileKernel::joinBlock(ValueRange values, JoinValue join) {
  if (team.size == 1)
    return values;
  return joinSome(*this, values, join,
                  [&](Exchange &threads, SmallVector<Value> &some) {
                    if (team.columns > 1)
                      return threads.joinColumns(some);
                    threads.joinWarp(some);
                    if (team.size > warp)
                      threads.joinWarps(some);
                  });
}

TileKernel::OfBlocks TileKernel::gatherBlocks(ValueRange values, JoinValue join,
                                              ValueRange known) {
  SmallVector<Value> own(values);
  if (team.blocks == 1) {
    own = joinBlock(own, join);
    own.append(known.begin(), known.end());
    return [own](size_t i) { return SmallVector<Value>{own[i]}; };
  }
  assert(int64_t(values.size()) <= team.joined);
  Exchange threads(*this, join);
  threads.joinWarp(own);
  return threads.gatherBlocks(own, known);
}

Value TileKernel::joinTeam(Value value,
                           llvm::function_ref<Value(Value, Value)> join) {
  return joinTeam(ValueRange(value),
                  [&](size_t, Value x, Value y) { return join(x, y); })[0];
}

// The first join waits for it.
void TileKernel::beginTeam() {
  if (team.blocks > 1)
    NVVM::ClusterArriveRelaxedOp::create(b, loc, UnitAttr());
}
