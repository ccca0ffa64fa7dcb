// Which rows a cluster of StreamedRows takes.
#include "compiler/lowering/emit/StreamedRows.h"
#include "compiler/lowering/emit/gpu/TensorCores.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mpc;

static constexpr auto globalSpace = unsigned(NVVM::NVVMMemorySpace::Global);

void StreamedRows::wait(int64_t barriers, Value number, int64_t count) {
  Value parity = b.rem(b.div(number, count), 2);
  TensorCores(b).wait(
      at(barriers, b.rem(number, count), StreamLayout::bytesOfBarrier), parity);
}

Value StreamedRows::ticketPlace(Value number) {
  return at(layout.tickets, b.rem(number, StreamLayout::ticketPlaces),
            StreamLayout::bytesOfValue);
}

Value StreamedRows::ticketOf(Value number) {
  wait(layout.taken, number, StreamLayout::ticketPlaces);
  return b.load(ticketPlace(number), b.getI32Type());
}

// In global memory, 0 before and behind every launch.
static StringRef counterOf(TileKernel &k) {
  func::FuncOp function = k.function();
  auto module = function->getParentOfType<ModuleOp>();
  std::string name = (function.getSymName() + "_takes").str();
  auto counter = module.lookupSymbol<LLVM::GlobalOp>(name);
  if (!counter) {
    OpBuilder::InsertionGuard guard(k.b);
    k.b.setInsertionPointToStart(module.getBody());
    counter = LLVM::GlobalOp::create(
        k.b, k.loc, k.b.getI32Type(), false, LLVM::Linkage::Internal, name,
        k.b.getI32IntegerAttr(0), StreamLayout::bytesOfValue, globalSpace);
  }
  return counter.getSymName();
}

// Each cluster is told once that there is no more, which brings the counter
// back to 0.
Value StreamedRows::nextTicket(Value asks) {
  StringRef name = counterOf(k);
  auto next = [&]() -> Values {
    Value counter = LLVM::AddressOfOp::create(
        b, LLVM::LLVMPointerType::get(b.getContext(), globalSpace), name);
    Value last = b.number(plan.takes() + plan.clusters - 1);
    return {LLVM::AtomicRMWOp::create(b, LLVM::AtomicBinOp::uinc_wrap, counter,
                                      last, LLVM::AtomicOrdering::monotonic,
                                      "device")};
  };
  return b.branch(asks, b.getI32Type(), next,
                  [&] { return Values{b.number(-1)}; })[0];
}

// The first block asks, one turn before it tells all.
Value StreamedRows::offer(Value number, Value ticket) {
  TensorCores ops(b);
  Value barrier = at(layout.taken, b.rem(number, StreamLayout::ticketPlaces),
                     StreamLayout::bytesOfBarrier);
  b.branch(b.equal(lane, 0), [&] {
    TensorCores(b).arriveExpecting(barrier, StreamLayout::bytesOfValue);
  });
  // Behind the last it tells the others that there is none, as some of their
  // warps wait for the next, some for the one behind.
  Value known = ops.uniform(ticket);
  Value isRow = b.less(known, plan.takes());
  Value told = b.select(isRow, known, b.number(plan.takes()));
  Value tells = b.equal(block, 0);
  b.branch(b.both(tells, b.less(lane, plan.team.blocks)), [&] {
    TensorCores ops(b);
    ops.send(told, ops.inBlock(ticketPlace(number), lane),
             ops.inBlock(barrier, lane));
  });
  return nextTicket(b.both(b.both(tells, isRow), b.equal(lane, 0)));
}

void StreamedRows::forTakes(Value begin, int64_t step, int64_t behind,
                            Turn first, Turn last) {
  constexpr int64_t never = 1 << 30;
  auto isLeft = [&](ValueRange state) {
    return b.less(state[0], b.add(state[1], behind));
  };
  auto turn = [&](ValueRange state) -> Values {
    Value number = state[0], end = state[1];
    Value ticket = b.branch(
        b.less(number, end), b.getI32Type(),
        [&] { return Values{ticketOf(number)}; },
        [&] { return Values{b.number(plan.takes())}; })[0];
    Value isRow = b.less(ticket, plan.takes());
    end = b.select(isRow, end, smaller(end, number));
    b.branch(isRow, [&] { first(number, ticket); });
    if (last) {
      // Wraps around below 0, to what is not below the end.
      Value before = b.sub(number, b.number(behind));
      b.branch(b.less(before, end), [&] {
        last(before, b.load(ticketPlace(before), b.getI32Type()));
      });
    }
    return {b.add(number, step), end};
  };
  b.loopWhile({begin, b.number(never)}, isLeft, turn);
}
