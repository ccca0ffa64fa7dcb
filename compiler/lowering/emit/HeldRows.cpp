// AxisLoops where a team has what it read of a row when it goes over it again.
#include "compiler/lowering/emit/AxisLoops.h"
#include "compiler/lowering/emit/gpu/SimtTiles.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include <numeric>

using namespace mlir;
using namespace mpc;

//===-- Rows in registers -------------------------------------------------===//

int64_t mpc::heldElements(KernelOp kernel, const AxisPlan &plan,
                          TeamShape team) {
  constexpr int64_t most = 32; // and as many registers
  int64_t fullLanes = lanesOfRows(kernel, plan);
  if (team.size == 1 || team.heldBytes > 0 || plan.byColumns() ||
      areRagged(kernel, plan, team, fullLanes))
    return 0;
  int64_t lanes = std::gcd(plan.rowLength(), fullLanes);
  int64_t steps = llvm::divideCeil(plan.length(), lanes * team.size);
  return steps * lanes <= most ? steps * lanes : 0;
}

int64_t AxisLoops::heldSteps() const {
  return heldElements(k.kernel, plan, k.team) / teamLanes();
}

AxisLoops::Values AxisLoops::forHeldSteps(ValueRange kept, Values carried,
                                          Step body) {
  int64_t lanes = teamLanes(), stride = lanes * k.team.size;
  Value first = k.times(k.team.rank, lanes);
  for (int64_t i = 0; i < heldSteps(); ++i) {
    heldStep = i;
    Value at = arith::AddIOp::create(k.b, k.loc, first, k.index(i * stride));
    carried = (i + 1) * stride <= plan.length()
                  ? body(carried, teamIndices(kept, at), lanes)
                  : forLastStep(kept, at, carried, body);
  }
  heldStep.reset();
  return carried;
}

// Threads that have no element read the row's last and forget it.
AxisLoops::Values AxisLoops::forLastStep(ValueRange kept, Value at,
                                         ValueRange carried, Step body) {
  int64_t lanes = teamLanes();
  Value isThere = arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::slt,
                                        at, k.index(plan.length()));
  if (!carried.empty()) {
    Value last = k.index(plan.length() - lanes);
    at = arith::MinSIOp::create(k.b, k.loc, at, last);
    Values next = body(carried, teamIndices(kept, at), lanes);
    for (auto [value, before] : llvm::zip_equal(next, carried))
      value =
          arith::SelectOp::create(k.b, k.loc, isThere, value, Value(before));
    return next;
  }
  auto branch = scf::IfOp::create(k.b, k.loc, isThere, false);
  OpBuilder::InsertionGuard guard(k.b);
  k.b.setInsertionPointToStart(branch.thenBlock());
  auto before = held;
  body({}, teamIndices(kept, at), lanes);
  held = before; // what is first made here is known here alone
  return {};
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

static constexpr int64_t mostResident = 4;

namespace {
/// Blocks that share a multiprocessor, and those of a cluster, which has rows
/// that are too long for one.
struct Sharing {
  int64_t resident, blocks;
};
} // namespace

// Four blocks share a multiprocessor, or two, so that some read and write while
// others fold what they have; one if there is no other way to read rows once.
// The fewer a cluster has, the less they wait for each other; but where more
// than two are needed anyway for one operand, or clusters read what is beside
// rows, many small ones were faster.
static SmallVector<Sharing> waysToShare(bool readsBeside, size_t operands) {
  if (readsBeside)
    return {{mostResident, 1},
            {mostResident, 2},
            {mostResident, 4},
            {mostResident, 8},
            {2, 4},
            {2, 8},
            {1, 8}};
  if (operands == 1)
    return {{mostResident, 1}, {2, 1}, {mostResident, 4},
            {mostResident, 8}, {2, 8}, {1, 8}};
  return {{mostResident, 1}, {2, 1}, {2, 2}, {2, 4}, {2, 8}, {1, 8}};
}

TeamShape mpc::teamHolding(KernelOp kernel, const AxisPlan &plan,
                           ValueRange operands, int64_t joined) {
  TeamShape team = plan.team();
  bool hasBeside = readsBeside(kernel, plan, /*isOne=*/true);
  // Registers are faster up to these lengths: there is less to wait for if
  // there are two operands, or what is beside the row, to go over.
  constexpr int64_t ofAll = 4096;
  int64_t mostHeld = operands.size() > 1 || hasBeside ? 2 * ofAll : ofAll;
  bool isHeld = plan.length() <= mostHeld && heldElements(kernel, plan, team);
  if (!targetOf(kernel).isHopper() || plan.byColumns() ||
      plan.reduced.size() != 1 || plan.length() <= ofAll || isHeld)
    return team;
  TeamShape holding = team;
  holding.joined = joined * plan.together;
  for (auto [resident, blocks] : waysToShare(hasBeside, operands.size())) {
    holding.size = AxisLoops::threadsHolding / resident;
    holding.blocks = blocks;
    holding.heldBytes = AxisLoops::bytesOfArrival;
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
    if (team.heldBytes > 0 &&
        team.size == AxisLoops::threadsHolding / mostResident &&
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
