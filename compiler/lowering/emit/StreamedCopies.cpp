// How the rows of StreamedRows come to shared memory.
#include "compiler/lowering/emit/StreamedRows.h"
#include "compiler/lowering/emit/gpu/TensorCores.h"

using namespace mlir;
using namespace mpc;

// What one warp does for all: takes rows and has their vectors copied.
void StreamedRows::copy() {
  Value offered = nextTicket(b.both(b.equal(block, 0), b.equal(lane, 0)));
  for (int64_t i = 0; i < StreamLayout::ahead; ++i)
    offered = offer(b.number(i), offered);
  auto isRow = [&](ValueRange state) { return b.less(state[1], plan.takes()); };
  Values state{b.number(0), ticketOf(b.number(0)), offered};
  Value end = b.loopWhile(state, isRow, [&](ValueRange state) {
    Value number = state[0], next = b.add(number, 1);
    copyVectors(number, state[1]);
    Value later = offer(b.add(number, StreamLayout::ahead), state[2]);
    return Values{next, ticketOf(next), later};
  })[0];
  // No block ends before all that is sent to it has come.
  for (int64_t i = 1; i < StreamLayout::ahead; ++i)
    wait(layout.taken, b.add(end, i), StreamLayout::ticketPlaces);
}

// And one what is no vector of them, which is on its way a turn before.
void StreamedRows::copyMore(const Work &work) {
  auto isRow = [&](ValueRange state) { return b.less(state[1], plan.takes()); };
  Value first = ticketOf(b.number(0));
  Values state{b.number(0), first};
  state.append(loadMore(work, first));
  b.loopWhile(state, isRow, [&](ValueRange state) {
    Value next = b.add(state[0], 1);
    storeMore(work, state[0], state[1], state.drop_front(2));
    Value ticket = ticketOf(next);
    Values nextState{next, ticket};
    nextState.append(loadMore(work, ticket));
    return nextState;
  });
}

// Behind the last take it reads what there is of that. Nothing is computed of
// it yet, which would wait for memory.
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
    for (Value operand : operands) {
      Value value = k.load(operand, indices);
      Type stored = elementTypeOf(operand);
      if (!stored.isF32())
        value = b.createOrFold<arith::TruncFOp>(stored, value);
      values.push_back(value);
    }
  }
  return values;
}

Value StreamedRows::filledBarrier(Value number) {
  return at(layout.filled, b.rem(number, plan.stages),
            StreamLayout::bytesOfBarrier);
}

// Until it is empty of the turn before; there is none before the first.
void StreamedRows::awaitStage(Value number) {
  Value before = b.rem(b.add(b.div(number, plan.stages), 1), 2);
  TensorCores(b).wait(at(layout.emptied, b.rem(number, plan.stages),
                         StreamLayout::bytesOfBarrier),
                      before);
}

void StreamedRows::copyVectors(Value number, Value ticket) {
  Value filled = filledBarrier(number);
  awaitStage(number);
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

void StreamedRows::storeMore(const Work &work, Value number, Value ticket,
                             ValueRange more) {
  awaitStage(number);
  for (const Row &row : rowsOf(number, ticket)) {
    ValueRange known = more.take_front(size_t(plan.values.known));
    b.branch(b.equal(lane, 0), [&] {
      for (auto [i, value] :
           llvm::enumerate(work.knownAs ? work.knownAs(known) : Values(known)))
        b.store(value, knownPlace(row, int64_t(i)));
    });
    more = more.drop_front(known.size());
    if (!isRagged())
      continue;
    b.branch(b.less(lane, StreamLayout::edges), [&] {
      for (size_t i = 0; i < operands.size(); ++i) {
        Value value = more[i];
        if (!value.getType().isF32())
          value = arith::ExtFOp::create(b, b.getF32Type(), value);
        b.store(value, edgeAt(row, int64_t(i), lane));
      }
    });
    more = more.drop_front(operands.size());
  }
  b.branch(b.less(lane, lanesForMore()),
           [&] { TensorCores(b).arrive(filledBarrier(number)); });
}

Value StreamedRows::memoryOf(const Row &row, int64_t operand) {
  Value column = b.index(b.add(b.mul(block, plan.part), row.begin));
  Value element = arith::AddIOp::create(
      b, k.times(b.index(row.number), plan.rows.length()), column);
  return k.addressOf(operands[size_t(operand)], element);
}
