// How the rows of StreamedRows come to shared memory.
#include "compiler/lowering/emit/StreamedRows.h"
#include "compiler/lowering/emit/gpu/TensorCores.h"

using namespace mlir;
using namespace mpc;

// The takes that are given, before the blocks of a cluster have met.
void StreamedRows::copyGiven() {
  b.loop(b.number(0), b.number(plan.given), 1, [&](Value number) {
    Value ticket = givenTicket(number);
    b.branch(b.equal(lane, 0), [&] {
      b.store(ticket, ticketPlace(number));
      TensorCores(b).arrive(
          at(layout.taken, number, StreamLayout::bytesOfBarrier));
    });
    copyVectors(number, ticket);
  });
}

Value StreamedRows::givenTicket(Value number) {
  Value cluster = arith::IndexCastUIOp::create(b, b.getI32Type(), k.firstTile);
  return b.mulAdd(number, plan.clusters, cluster);
}

// What one warp does for all: takes rows and has them copied. What is no vector
// of theirs is on its way a turn before.
void StreamedRows::copy(const Work &work) {
  Value offered = nextTicket(b.both(b.equal(block, 0), b.equal(lane, 0)));
  SmallVector<Values> ofGiven;
  for (int64_t i = 0; i < plan.given; ++i)
    ofGiven.push_back(loadMore(work, givenTicket(b.number(i))));
  for (auto [i, more] : llvm::enumerate(ofGiven))
    copyMore(b.number(int64_t(i)), givenTicket(b.number(int64_t(i))), more);
  Value begin = b.number(plan.given);
  for (int64_t i = 0; i < StreamLayout::ahead; ++i)
    offered = offer(b.add(begin, i), offered);
  Value first = ticketOf(begin);
  Values state{begin, first, offered};
  state.append(loadMore(work, first));
  auto isRow = [&](ValueRange state) { return b.less(state[1], plan.takes()); };
  Value end = b.loopWhile(state, isRow, [&](ValueRange state) {
    Value number = state[0], next = b.add(number, 1);
    copyVectors(number, state[1]);
    copyMore(number, state[1], state.drop_front(3));
    Value ticket = ticketOf(next);
    Value later = offer(b.add(number, StreamLayout::ahead), state[2]);
    Values nextState{next, ticket, later};
    nextState.append(loadMore(work, ticket));
    return nextState;
  })[0];
  // No block ends before all that is sent to it has come.
  for (int64_t i = 1; i < StreamLayout::ahead; ++i)
    wait(layout.taken, b.add(end, i), StreamLayout::ticketPlaces);
}

// Behind the last take it reads what there is of that.
StreamedRows::Values StreamedRows::loadMore(const Work &work, Value ticket) {
  Values values;
  ticket = smaller(ticket, plan.takes() - 1);
  for (const Row &row : rowsOf(b.number(0), ticket)) {
    if (work.known)
      values.append(work.known(row.kept));
    if (!isRagged())
      continue;
    Value edge = smaller(lane, StreamLayout::edges - 1);
    Values indices(row.kept);
    indices.push_back(
        b.index(smaller(edgeColumn(row, edge), plan.rows.length() - 1)));
    for (Value operand : operands)
      values.push_back(k.load(operand, indices));
  }
  return values;
}

Value StreamedRows::filledBarrier(Value number) {
  return at(layout.filled, b.rem(number, plan.stages),
            StreamLayout::bytesOfBarrier);
}

void StreamedRows::copyVectors(Value number, Value ticket) {
  Value stage = b.rem(number, plan.stages), filled = filledBarrier(number);
  // Of the turn before; there is none before the first.
  Value before = b.rem(b.add(b.div(number, plan.stages), 1), 2);
  TensorCores(b).wait(at(layout.emptied, stage, StreamLayout::bytesOfBarrier),
                      before);
  auto rows = rowsOf(number, ticket);
  b.branch(b.equal(lane, 0), [&] {
    TensorCores ops(b);
    auto bytesOf = [&](const Row &row, int64_t bytesOfEach) {
      return b.mul(ownVectors(row, block), plan.lanes * bytesOfEach);
    };
    int64_t bytesOfAll = 0;
    for (int64_t i = 0; i < int64_t(operands.size()); ++i)
      bytesOfAll += bytesOfElement(i);
    Value bytes = b.number(0);
    for (const Row &row : rows)
      bytes = b.add(bytes, bytesOf(row, bytesOfAll));
    ops.arriveExpecting(filled, bytes);
    for (const Row &row : rows)
      for (int64_t i = 0; i < int64_t(operands.size()); ++i)
        ops.copyBytes(stageOf(row, i), memoryOf(row, i),
                      bytesOf(row, bytesOfElement(i)), filled);
  });
}

void StreamedRows::copyMore(Value number, Value ticket, ValueRange more) {
  if (!hasMore())
    return;
  for (const Row &row : rowsOf(number, ticket)) {
    b.branch(b.equal(lane, 0), [&] {
      for (int64_t i = 0; i < plan.values.known; ++i)
        b.store(more[size_t(i)], knownPlace(row, i));
    });
    more = more.drop_front(size_t(plan.values.known));
    if (!isRagged())
      continue;
    b.branch(b.less(lane, StreamLayout::edges), [&] {
      for (size_t i = 0; i < operands.size(); ++i)
        b.store(more[i], edgeAt(row, int64_t(i), lane));
    });
    more = more.drop_front(operands.size());
  }
  TensorCores(b).syncWarp();
  b.branch(b.equal(lane, 0),
           [&] { TensorCores(b).arrive(filledBarrier(number)); });
}

Value StreamedRows::memoryOf(const Row &row, int64_t operand) {
  Value column = b.index(b.add(b.mul(block, plan.part), row.begin));
  Value element = arith::AddIOp::create(
      b, k.times(b.index(row.number), plan.rows.length()), column);
  return k.addressOf(operands[size_t(operand)], element);
}
