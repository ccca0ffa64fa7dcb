// AxisLoops where a team has what it read of a row when it goes over it again.
#include "compiler/lowering/emit/AxisLoops.h"
#include "compiler/lowering/emit/gpu/SimtTiles.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace mpc;

//===-- Rows in registers -------------------------------------------------===//

int64_t AxisLoops::heldSteps() const {
  constexpr int64_t mostElements = 32; // and as many registers
  int64_t length = plan.length();
  int64_t ofTeam = teamLanes() * k.team.size;
  bool isHeld = k.team.size > 1 && !plan.byColumns() && length % ofTeam == 0 &&
                length / k.team.size <= mostElements;
  return isHeld ? length / ofTeam : 0;
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

static int64_t bytesOfHeld(Type type, const AxisPlan &plan) {
  return int64_t(llvm::alignTo<16>(
      uint64_t(plan.length() * type.getIntOrFloatBitWidth() / 8)));
}

TeamShape mpc::teamHolding(KernelOp kernel, const AxisPlan &plan,
                           ArrayRef<Type> types) {
  // Each block takes 1024 bytes more.
  constexpr int64_t half = mostSharedBytes / 2 - 1024;
  TeamShape team = plan.team();
  bool inRegisters = plan.length() % (8 * team.size) == 0;
  if (!targetOf(kernel).isHopper() || plan.byColumns() || team.size < 512 ||
      plan.reduced.size() != 1 || inRegisters)
    return team;
  for (Type type : types) {
    int64_t bytes = team.heldBytes + bytesOfHeld(type, plan);
    if (bytes + slotBytes(team) <= mostSharedBytes)
      team.heldBytes = bytes;
  }
  if (team.heldBytes > 0 && team.heldBytes <= half)
    team.size = 512;
  return team;
}

Value AxisLoops::sharedPlace(int64_t number, ValueRange at) {
  int64_t offset = slotBytes(k.team);
  for (Type type : ArrayRef(heldTypes).take_front(number))
    offset += bytesOfHeld(type, plan);
  Type type = heldTypes[number];
  if (offset + bytesOfHeld(type, plan) > teamBytes(k.team))
    return {};
  Value position =
      arith::SubIOp::create(k.b, k.loc, at[plan.reduced.front()], groupsBegin);
  Value element =
      arith::IndexCastOp::create(k.b, k.loc, k.b.getI64Type(), position);
  Type pointer = k.team.shared.getType();
  Value base =
      LLVM::GEPOp::create(k.b, k.loc, pointer, k.b.getI8Type(), k.team.shared,
                          ArrayRef<LLVM::GEPArg>{int32_t(offset)});
  return LLVM::GEPOp::create(k.b, k.loc, pointer, type, base,
                             ArrayRef<LLVM::GEPArg>{element});
}

// Values of narrow types are exact in f32, so that they come back as they were.
Value AxisLoops::loadHeld(int64_t number, Value operand, ValueRange at,
                          int64_t lanes) {
  auto load = [&] { return k.load(operand, at, lanes); };
  if (k.team.heldBytes == 0 || !groupsBegin)
    return hold(number, load);
  Value place = sharedPlace(number, at);
  if (!place)
    return load();
  Type type = heldTypes[number], raw = withLanes(type, lanes);
  unsigned bytes = unsigned(lanes * type.getIntOrFloatBitWidth() / 8);
  unsigned alignment = std::min(bytes, 16u);
  if (!shared.contains(number)) {
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
