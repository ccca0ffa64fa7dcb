// What the warps of a block of StreamedRows do.
#include "compiler/lowering/Exchange.h"
#include "compiler/lowering/emit/AxisLoops.h"
#include "compiler/lowering/emit/StreamedRows.h"
#include "compiler/lowering/emit/gpu/TensorCores.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mpc;

void StreamedRows::run(const Work &work) {
  assert(int64_t(work.vectors.size()) == plan.values.vectors);
  begin();
  int64_t copying = plan.groups * plan.warps;
  b.branch(b.less(warpOfBlock, copying), [&] { goOver(work); });
  b.branch(b.equal(warpOfBlock, copying), [&] { copy(); });
  if (lanesForMore() > 0)
    b.branch(b.equal(warpOfBlock, copying + 1), [&] { copyMore(work); });
  b.branch(b.equal(warpOfBlock, copying + 2), [&] { joinWarps(work); });
  b.branch(b.equal(warpOfBlock, copying + 3), [&] { joinBlocks(work); });
  // No block ends while others may send to it.
  TensorCores(b).syncCluster();
}

void StreamedRows::begin() {
  b.branch(b.equal(thread, 0), [&] {
    TensorCores ops(b);
    auto init = [&](int64_t barriers, int64_t count, int64_t arrivals) {
      for (int64_t i = 0; i < count; ++i)
        ops.initBarrier(at(barriers, b.number(i), StreamLayout::bytesOfBarrier),
                        arrivals);
    };
    init(layout.filled, plan.stages, 1 + lanesForMore());
    init(layout.emptied, plan.stages, plan.threads());
    init(layout.taken, StreamLayout::ticketPlaces, 1);
    init(layout.summed, StreamLayout::depth, plan.warps);
    init(layout.sent, StreamLayout::depth, 1);
    init(layout.done, StreamLayout::depth, plan.together);
    ops.publishBarriers();
  });
  NVVM::ClusterWaitOp::create(b, UnitAttr()); // for beginTeam()
  TensorCores(b).syncCluster();
}

// Values of a take: value `value` of row `which` from sender `sender`.
Value StreamedRows::valuePlace(int64_t values, int64_t perRow, int64_t senders,
                               Value number, const Row &row, int64_t value,
                               Value sender) {
  Value first =
      b.mul(b.rem(number, StreamLayout::depth), plan.together * perRow);
  Value ofRow = b.add(b.mul(row.which, perRow), value);
  Value all = b.mulAdd(b.add(first, ofRow), senders, sender);
  return at(values, all, StreamLayout::bytesOfValue);
}

Value StreamedRows::ofWarpPlace(Value number, const Row &row, int64_t value,
                                Value ofWarp) {
  return valuePlace(layout.ofWarps, plan.values.exchanged, plan.warps, number,
                    row, value, ofWarp);
}

Value StreamedRows::ofBlockPlace(Value number, const Row &row, int64_t value,
                                 Value ofBlock) {
  return valuePlace(layout.ofBlocks, plan.values.exchanged, plan.team.blocks,
                    number, row, value, ofBlock);
}

Value StreamedRows::finishedPlace(Value number, const Row &row, int64_t value) {
  return valuePlace(layout.finished, plan.values.finished, 1, number, row,
                    value, b.number(0));
}

// What most warps do: they fold rows, and go over them again when the whole is
// known.
void StreamedRows::goOver(const Work &work) {
  auto barrier = [&](int64_t barriers, Value number, int64_t count) {
    return at(barriers, b.rem(number, count), StreamLayout::bytesOfBarrier);
  };
  if (plan.values.vectors > 0)
    fillTables(work.vectors);
  Type f32 = b.getF32Type();
  auto first = [&](Value number, Value ticket) {
    wait(layout.filled, number, plan.stages);
    auto rows = rowsOf(number, ticket);
    SmallVector<Values> all = work.first(rows);
    b.branch(b.equal(lane, 0), [&] {
      for (auto [row, values] : llvm::zip_equal(rows, all))
        for (auto [i, value] : llvm::enumerate(values))
          b.store(value, ofWarpPlace(number, row, int64_t(i), warp));
      TensorCores(b).arrive(
          barrier(layout.summed, number, StreamLayout::depth));
    });
  };
  auto last = [&](Value number, Value ticket) {
    wait(layout.done, number, StreamLayout::depth);
    auto rows = rowsOf(number, ticket);
    SmallVector<Values> finished(rows.size()), own(rows.size());
    for (auto [i, row] : llvm::enumerate(rows)) {
      for (int64_t value = 0; value < plan.values.finished; ++value)
        finished[i].push_back(b.load(finishedPlace(number, row, value), f32));
      for (int64_t value = 0; value < plan.values.exchanged; ++value)
        own[i].push_back(b.load(ofWarpPlace(number, row, value, warp), f32));
    }
    work.last(rows, finished, own);
    if (isReplaced)
      TensorCores(b).fenceCopies();
    TensorCores(b).arrive(barrier(layout.emptied, number, plan.stages));
  };
  forTakes(group, plan.groups, plan.delay, first, last);
}

// What each lane has of one row, of a sender if there are so many. Where two
// rows are taken at once, half of the lanes have each.
StreamedRows::Values
StreamedRows::joined(const Work &work, int64_t senders, Value all,
                     llvm::function_ref<Value(Value)> elementsOf,
                     llvm::function_ref<void()> wait,
                     llvm::function_ref<Value(int64_t, Value)> placeOf) {
  Value sender = senderOfLane(), isThere = b.less(sender, senders);
  Value from = smaller(sender, senders - 1);
  Value elements = asFloat(b.select(isThere, elementsOf(from), b.number(0)));
  Value share = arith::DivFOp::create(b, elements, all);
  wait();
  Values values;
  for (auto [i, neutral] : llvm::enumerate(work.neutral))
    values.push_back(b.select(
        isThere, b.load(placeOf(int64_t(i), from), b.getF32Type()), neutral));
  return work.join(values, elements, share);
}

Value StreamedRows::senderOfLane() { return b.rem(lane, lanesOfRow()); }

StreamedRows::Row StreamedRows::rowOfLane(Value number, Value ticket) {
  return rowOf(number, ticket, b.div(lane, lanesOfRow()));
}

// What one warp does for all: it tells all blocks what the warps of this one
// have.
void StreamedRows::joinWarps(const Work &work) {
  int64_t blocks = plan.team.blocks;
  auto turn = [&](Value number, Value ticket) {
    Row row = rowOfLane(number, ticket);
    Values values = joined(
        work, plan.warps, asFloat(elementsOfBlock(row, block)),
        [&](Value from) { return elementsOf(row, from); },
        [&] { wait(layout.summed, number, StreamLayout::depth); },
        [&](int64_t i, Value from) {
          return ofWarpPlace(number, row, i, from);
        });
    Value sent = at(layout.sent, b.rem(number, StreamLayout::depth),
                    StreamLayout::bytesOfBarrier);
    int64_t bytes = blocks * plan.together * plan.values.exchanged *
                    StreamLayout::bytesOfValue;
    b.branch(b.equal(lane, 0),
             [&] { TensorCores(b).arriveExpecting(sent, bytes); });
    Value to = senderOfLane();
    b.branch(b.less(to, blocks), [&] {
      TensorCores ops(b);
      Value there = ops.inBlock(sent, to);
      for (auto [i, value] : llvm::enumerate(values))
        ops.send(value,
                 ops.inBlock(ofBlockPlace(number, row, int64_t(i), block), to),
                 there);
    });
  };
  forTakes(b.number(0), 1, 0, turn, nullptr);
}

// And one tells this block's warps what comes of all blocks' values.
void StreamedRows::joinBlocks(const Work &work) {
  auto turn = [&](Value number, Value ticket) {
    Row row = rowOfLane(number, ticket);
    Value length = f32Constant(b, b.getLoc(), double(plan.rows.length()), 1);
    Values values = joined(
        work, plan.team.blocks, length,
        [&](Value from) { return elementsOfBlock(row, from); },
        [&] { wait(layout.sent, number, StreamLayout::depth); },
        [&](int64_t i, Value from) {
          return ofBlockPlace(number, row, i, from);
        });
    Value isFirst = b.equal(senderOfLane(), 0);
    Values finished = work.finish(values);
    b.branch(isFirst, [&] {
      for (auto [i, value] : llvm::enumerate(finished))
        b.store(value, finishedPlace(number, row, int64_t(i)));
      TensorCores(b).arrive(at(layout.done, b.rem(number, StreamLayout::depth),
                               StreamLayout::bytesOfBarrier));
    });
    // The blocks take turns.
    Value isKept = b.equal(block, b.rem(number, plan.team.blocks));
    if (work.keep)
      b.branch(b.both(isFirst, isKept),
               [&] { work.keep(row, values, finished); });
  };
  forTakes(b.number(0), 1, 0, turn, nullptr);
}

// Many at once, as memory is far.
void StreamedRows::fillTables(ValueRange vectors) {
  constexpr int64_t atOnce = 8;
  Value first = b.mul(block, plan.part);
  int64_t length = plan.tableLength(), threads = plan.groups * plan.threads();
  for (int64_t begin = 0; begin < length; begin += atOnce * threads) {
    SmallVector<std::pair<Value, Value>> values; // and their elements
    int64_t end = std::min(length, begin + atOnce * threads);
    for (Value vector : vectors)
      for (int64_t before = begin; before < end; before += threads) {
        Value element = b.add(thread, before);
        Value column = smaller(b.add(first, element), plan.rows.length() - 1);
        values.push_back({k.load(vector, b.index(column)), element});
      }
    size_t ofVector = values.size() / vectors.size();
    for (auto [i, value] : llvm::enumerate(values))
      b.branch(b.less(value.second, length), [&, i = i, value = value] {
        b.store(value.first, tablePlace(int64_t(i / ofVector), value.second));
      });
  }
  b.barrier(b.number(1), threads);
}

Value StreamedRows::joinSenders(Value value,
                                llvm::function_ref<Value(Value, Value)> join) {
  Values values{value};
  auto joinOne = [&](size_t, Value x, Value y) { return join(x, y); };
  Exchange(k, joinOne).joinLanes(values, lanesOfRow());
  return values[0];
}
