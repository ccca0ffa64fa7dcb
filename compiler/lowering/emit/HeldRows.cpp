// AxisLoops where a team has what it read of a row when it goes over it again.
#include "compiler/lowering/emit/AxisLoops.h"
#include "compiler/lowering/emit/gpu/SimtTiles.h"
#include "compiler/lowering/emit/gpu/TensorCores.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include <numeric>

using namespace mlir;
using namespace mpc;

//===-- Rows in registers -------------------------------------------------===//

static bool holdsInRegisters(const AxisPlan &plan, int64_t lanes,
                             TeamShape team) {
  constexpr int64_t mostElements = 32; // and as many registers
  int64_t length = plan.length();
  return team.size > 1 && !plan.byColumns() &&
         length % (lanes * team.size) == 0 &&
         length / team.size <= mostElements;
}

int64_t AxisLoops::heldSteps() const {
  int64_t lanes = teamLanes();
  return holdsInRegisters(plan, lanes, k.team)
             ? plan.length() / (lanes * k.team.size)
             : 0;
}

AxisLoops::Values AxisLoops::forHeldSteps(ValueRange kept, Values carried,
                                          Step body) {
  int64_t lanes = teamLanes();
  Value first = k.times(k.team.rank, lanes);
  for (int64_t i = 0; i < heldSteps(); ++i) {
    heldStep = i;
    Value at = arith::AddIOp::create(k.b, k.loc, first,
                                     k.index(i * lanes * k.team.size));
    carried = body(carried, teamIndices(kept, at), lanes);
  }
  heldStep.reset();
  return carried;
}

Value AxisLoops::hold(int64_t number, llvm::function_ref<Value()> make) {
  if (!heldStep)
    return make();
  auto [place, isNew] = held.try_emplace({number, *heldStep});
  if (!isNew)
    return place->second;
  Value value = make();
  held[{number, *heldStep}] = value;
  return value;
}

//===-- Rows in shared memory ---------------------------------------------===//

int64_t mpc::partOfBlock(const AxisPlan &plan, TeamShape team, int64_t lanes) {
  int64_t vectors = llvm::divideCeil(plan.length(), lanes);
  return int64_t(llvm::divideCeil(vectors, team.blocks)) * lanes;
}

// Copies begin at 16 bytes and are as long, or a multiple.
int64_t AxisLoops::rowGrain() const {
  int64_t grain = fullLanes();
  if (k.team.heldBytes > 0)
    for (Value operand : heldOperands)
      grain = std::max<int64_t>(
          grain, 128 / elementTypeOf(operand).getIntOrFloatBitWidth());
  return grain;
}

static int64_t bytesOfHeld(Value operand, const AxisPlan &plan,
                           TeamShape team) {
  int64_t bits = elementTypeOf(operand).getIntOrFloatBitWidth();
  int64_t part = partOfBlock(plan, team, 8);
  return int64_t(llvm::alignTo<16>(uint64_t(part * bits / 8)));
}

// The barrier that tells when rows have come, and what aligns it.
static constexpr int64_t bytesOfArrival = 16;
static constexpr int64_t mostResident = 4;

// Blocks that share a multiprocessor, and those of a cluster, which has rows
// that are too long for one.
struct Sharing {
  int64_t resident, blocks;
};

// Four blocks share a multiprocessor, or two, so that some read and write while
// others fold what they have. The fewer a cluster has, the less they wait for
// each other; but where more than two are needed anyway for one operand, or
// clusters read what is beside rows, many small ones were faster.
static SmallVector<Sharing> waysToShare(bool readsBeside, size_t operands) {
  if (readsBeside)
    return {{mostResident, 1},
            {mostResident, 2},
            {mostResident, 4},
            {mostResident, 8},
            {2, 4},
            {2, 8}};
  if (operands == 1)
    return {{mostResident, 1},
            {2, 1},
            {mostResident, 4},
            {mostResident, 8},
            {2, 8}};
  return {{mostResident, 1}, {2, 1}, {2, 2}, {2, 4}, {2, 8}};
}

TeamShape mpc::teamHolding(KernelOp kernel, const AxisPlan &plan,
                           ValueRange operands, int64_t joined) {
  TeamShape team = plan.team();
  bool inRegisters = plan.length() % (8 * team.size) == 0;
  if (!targetOf(kernel).isHopper() || plan.byColumns() || team.size < 512 ||
      plan.reduced.size() != 1 || inRegisters)
    return team;
  TeamShape holding = team;
  holding.size = 512;
  if (holdsInRegisters(plan, 8, holding))
    return holding;
  holding.joined = joined * plan.together;
  bool hasBeside = readsBeside(kernel, plan, /*isOne=*/true);
  for (auto [resident, blocks] : waysToShare(hasBeside, operands.size())) {
    holding.size = 1024 / resident;
    holding.blocks = blocks;
    holding.heldBytes = bytesOfArrival;
    for (Value operand : operands)
      holding.heldBytes += bytesOfHeld(operand, plan, holding) * plan.together;
    // Each block takes 1024 bytes more.
    if (teamBytes(holding) <= mostSharedBytes / resident - 1024)
      return holding;
  }
  return team;
}

// Of two blocks the threads would have too few registers for several rows.
AxisPlan mpc::withRowsTogether(KernelOp kernel, AxisPlan plan,
                               ValueRange operands, int64_t joined) {
  constexpr int64_t mostLanes = 8;
  AxisPlan several = plan;
  several.apart = mostLanes / std::gcd(mostLanes, plan.length());
  for (int64_t count : {4, 2}) {
    several.together = count;
    TeamShape team = teamHolding(kernel, several, operands, joined);
    if (team.heldBytes > 0 && team.size == 1024 / mostResident &&
        plan.rows() >= several.apart * count)
      return several;
  }
  return plan;
}

Value AxisLoops::sharedPlace(int64_t number, Value position) {
  int64_t offset = slotBytes(k.team);
  for (Value operand : ArrayRef(heldOperands).take_front(size_t(number)))
    offset += bytesOfHeld(operand, plan, k.team);
  Value element =
      arith::IndexCastOp::create(k.b, k.loc, k.b.getI64Type(), position);
  Type pointer = k.team.shared.getType();
  Value base =
      LLVM::GEPOp::create(k.b, k.loc, pointer, k.b.getI8Type(), k.team.shared,
                          ArrayRef<LLVM::GEPArg>{int32_t(offset)});
  return LLVM::GEPOp::create(k.b, k.loc, pointer,
                             elementTypeOf(heldOperands[number]), base,
                             ArrayRef<LLVM::GEPArg>{element});
}

Value AxisLoops::placeInGroups(ValueRange at) {
  return arith::SubIOp::create(k.b, k.loc, at[plan.reduced.front()],
                               groupsBegin);
}

// Values of narrow types are exact in f32, so that they come back as they were.
Value AxisLoops::loadHeld(int64_t number, ValueRange at, int64_t lanes) {
  Value operand = heldOperands[number];
  auto load = [&] { return k.load(operand, at, lanes); };
  if (isAtEdge && !edges.empty())
    return edges[size_t(number)];
  if (k.team.heldBytes == 0 || !groupsBegin)
    return hold(number, load);
  if (replaced.contains(number))
    return load();
  Value place = sharedPlace(number, placeInGroups(at));
  Type type = elementTypeOf(operand), raw = withLanes(type, lanes);
  unsigned bytes = unsigned(lanes * type.getIntOrFloatBitWidth() / 8);
  unsigned alignment = std::min(bytes, 16u);
  if (!isCopied(number) && !shared.contains(number)) {
    Value value = load();
    Value narrow =
        type.isF32() ? value : arith::TruncFOp::create(k.b, k.loc, raw, value);
    LLVM::StoreOp::create(k.b, k.loc, narrow, place, alignment);
    comingThere.insert(number);
    return value;
  }
  Value narrow = LLVM::LoadOp::create(k.b, k.loc, raw, place, alignment);
  if (type.isF32())
    return narrow;
  return arith::ExtFOp::create(k.b, k.loc, withLanes(k.b.getF32Type(), lanes),
                               narrow);
}

bool AxisLoops::canHoldInstead(int64_t operand) const {
  return k.team.heldBytes > 0 && elementTypeOf(heldOperands[operand]).isF32();
}

Value AxisLoops::holdInstead(int64_t operand, int64_t number, ValueRange at,
                             int64_t lanes, llvm::function_ref<Value()> make) {
  if (!canHoldInstead(operand))
    return hold(number, make);
  if (!groupsBegin)
    return make();
  Value place = sharedPlace(operand, placeInGroups(at));
  unsigned alignment = std::min(unsigned(lanes) * 4, 16u);
  if (replaced.contains(operand))
    return LLVM::LoadOp::create(k.b, k.loc, withLanes(k.b.getF32Type(), lanes),
                                place, alignment);
  Value value = make();
  LLVM::StoreOp::create(k.b, k.loc, value, place, alignment);
  beingReplaced.insert(operand);
  return value;
}

//===-- Copies ------------------------------------------------------------===//

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
  constexpr unsigned globalSpace = 1;
  Value memory = memref::ExtractAlignedPointerAsIndexOp::create(
      k.b, k.loc, k.elements.memoryOf(heldOperands[size_t(number)]));
  Value element =
      arith::AddIOp::create(k.b, k.loc, k.times(row, plan.length()), column);
  Value address = arith::AddIOp::create(
      k.b, k.loc, memory, k.times(element, bytesOfElement(number)));
  return LLVM::IntToPtrOp::create(
      k.b, k.loc, LLVM::LLVMPointerType::get(k.b.getContext(), globalSpace),
      Value(arith::IndexCastOp::create(k.b, k.loc, k.b.getI64Type(), address)));
}

// One thread asks for all that this block has of the rows. Its warp meets
// behind making the barrier, which ptxas lets the whole warp do.
void AxisLoops::copyRows(Value tile, ValueRange rows) {
  auto numbers = llvm::make_filter_range(
      llvm::seq<int64_t>(0, int64_t(heldOperands.size())),
      [&](int64_t number) { return isCopied(number); });
  Span own = ownVectors(wholeVectorsOf(rows.front()));
  Value length = arith::SubIOp::create(k.b, k.loc, own.end, own.begin);
  auto times = [&](int64_t bytes) -> Value {
    return arith::IndexCastOp::create(k.b, k.loc, k.b.getI32Type(),
                                      k.times(length, bytes));
  };
  auto ifRankBelow = [&](int64_t limit, llvm::function_ref<void()> body) {
    Value isBelow = arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::ult,
                                          k.team.rank, k.index(limit));
    auto branch = scf::IfOp::create(k.b, k.loc, isBelow);
    OpBuilder::InsertionGuard guard(k.b);
    k.b.setInsertionPointToStart(branch.thenBlock());
    body();
  };
  constexpr int64_t warp = 32;
  ifRankBelow(warp, [&] {
    ifRankBelow(1, [&] {
      ThreadBuilder b(k.loc, k.b);
      TensorCores(b).initBarrier(arrival(), 1);
      TensorCores(b).publishBarriers();
    });
    ThreadBuilder b(k.loc, k.b);
    TensorCores(b).syncWarp();
    ifRankBelow(1, [&] {
      int64_t bytes = 0;
      for (int64_t number : numbers)
        bytes += bytesOfElement(number);
      ThreadBuilder b(k.loc, k.b);
      TensorCores copies(b);
      copies.arriveExpecting(arrival(), times(bytes));
      for (int64_t number : numbers) {
        Value row = rows[size_t(number) % rows.size()];
        copies.copyBytes(sharedPlace(number, k.index(0)),
                         rowMemory(number, row, own.begin),
                         times(bytesOfElement(number)), arrival());
      }
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
  int64_t clusters = multiprocessors * (1024 / k.team.size) / k.team.blocks;
  Value ahead = arith::AddIOp::create(k.b, k.loc, tile, k.index(clusters / 4));
  Value last = k.index(plan.tiles() - 1);
  Value isThere =
      arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::ule, ahead, last);
  auto branch = scf::IfOp::create(k.b, k.loc, isThere);
  OpBuilder::InsertionGuard guard(k.b);
  k.b.setInsertionPointToStart(branch.thenBlock());
  Values rows = plan.rowsOf(k, ahead);
  Span own = ownVectors(wholeVectorsOf(rows.front()));
  Value length = arith::SubIOp::create(k.b, k.loc, own.end, own.begin);
  for (auto number : llvm::seq(int64_t(heldOperands.size())))
    if (isCopied(number)) {
      Value row = rows[size_t(number) % rows.size()];
      Value bytes =
          arith::IndexCastOp::create(k.b, k.loc, k.b.getI32Type(),
                                     k.times(length, bytesOfElement(number)));
      NVVM::CpAsyncBulkPrefetchOp::create(
          k.b, k.loc, rowMemory(number, row, own.begin), bytes, Value());
    }
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
