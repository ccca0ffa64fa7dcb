#include "compiler/lowering/Exchange.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mpc;

// A place in shared memory for any element.
static constexpr int64_t bytesOfSlot = 8;
// Of the blocks of a cluster, for each value that a team joins at once; no
// emitter has more than three: of each row of a norm its squares, its mean, and
// a share of how many elements they are of.
static constexpr int64_t mostBlockJoins = 4;

int64_t mpc::slotBytes(TeamShape shape) {
  constexpr int64_t warp = Exchange::warp;
  if (shape.columns > 1)
    return shape.size * shape.columns * shape.threadBytes;
  int64_t ofBlocks = shape.blocks > 1 ? shape.blocks * mostBlockJoins : 0;
  return shape.size > warp
             ? (shape.size / warp + ofBlocks) * shape.joined * bytesOfSlot
             : 0;
}

void Exchange::joinLanes(Values &values, int64_t lanes) {
  for (auto [i, value] : llvm::enumerate(values))
    for (auto distance = int32_t(lanes / 2); distance > 0; distance /= 2)
      value = join(i, value, fromThread(value, distance));
}

void Exchange::joinWarps(Values &values) {
  storeOfWarp(values);
  joinMeeting(values, warps(),
              [&](size_t i, int64_t warp) { return slotOfWarp(i, warp); });
}

void Exchange::joinBlocks(Values &values) {
  BlockSlots slots = send(values, {});
  joinSlots(values, k.team.blocks, [&](size_t i, int64_t block) {
    return k.index(slots.at(i, block));
  });
}

TileKernel::OfBlocks Exchange::gatherBlocks(ValueRange values,
                                            ValueRange known) {
  BlockSlots slots = send(values, known);
  SmallVector<Type> types(values.getTypes());
  llvm::append_range(types, known.getTypes());
  return [slots, types, &k = k](size_t i) {
    Exchange reader(k, nullptr);
    Values all;
    for (int64_t block = 0; block < slots.blocks; ++block)
      all.push_back(reader.load(types[i], k.index(slots.at(i, block))));
    return all;
  };
}

void Exchange::joinColumns(Values &values) {
  assert(values.size() == 1);
  auto slot = [&](Value rank) -> Value {
    return arith::AddIOp::create(b, loc, k.times(rank, k.team.columns),
                                 k.team.column);
  };
  store(values[0], slot(k.team.rank));
  joinMeeting(values, k.team.size,
              [&](size_t, int64_t i) { return slot(k.index(i)); });
}

// Each block puts its own into the shared memory of all, behind the slots of
// the warps. A team has one tile, so that each join has slots that no other
// uses. Only a thread that sends has anything to release, and a block that
// has all values gets no more; those of its warps are free by then too.
Exchange::BlockSlots Exchange::send(Values values, ValueRange known) {
  storeOfWarp(values);
  NVVM::BarrierOp::create(b, loc);
  int64_t before = blockJoinsBefore(), count = k.team.joined;
  assert(before + int64_t(values.size() + known.size()) <=
         mostBlockJoins * count);
  BlockSlots slots{warps() * count + before * k.team.blocks, k.team.blocks};
  if (before == 0)
    NVVM::ClusterWaitOp::create(b, loc, UnitAttr()); // all blocks run
  Value sends = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                      k.team.rank, k.index(k.team.blocks));
  auto branch = scf::IfOp::create(b, loc, sends, false);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    joinSlots(values, warps(),
              [&](size_t i, int64_t warp) { return slotOfWarp(i, warp); });
    values.append(known.begin(), known.end());
    for (auto [i, value] : llvm::enumerate(values))
      sendToBlock(
          value, k.team.rank,
          arith::AddIOp::create(b, loc, k.team.block, k.index(slots.at(i, 0))));
    LLVM::FenceOp::create(b, loc, LLVM::AtomicOrdering::acq_rel, "cluster");
  }
  NVVM::ClusterArriveRelaxedOp::create(b, loc, UnitAttr());
  NVVM::ClusterWaitOp::create(b, loc, UnitAttr());
  return slots;
}

Value Exchange::slotOfWarp(size_t i, int64_t warp) {
  return k.index(int64_t(i) * warps() + warp);
}

void Exchange::storeOfWarp(ValueRange values) {
  auto [number, lane] = k.divide(k.team.rank, warp);
  Value isFirst =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, lane, k.index(0));
  auto branch = scf::IfOp::create(b, loc, isFirst, false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  for (auto [i, value] : llvm::enumerate(values))
    store(value, i == 0 ? number
                        : arith::AddIOp::create(b, loc, number,
                                                k.index(int64_t(i) * warps())));
}

// Of values, in the function so far; each is sent once.
int64_t Exchange::blockJoinsBefore() {
  int64_t count = 0;
  k.function().walk([&](NVVM::MapaOp) { ++count; });
  return count;
}

void Exchange::joinSlots(Values &values, int64_t senders, Slot slot) {
  for (auto [i, value] : llvm::enumerate(values)) {
    Type type = value.getType();
    value = load(type, slot(i, 0));
    for (int64_t sender = 1; sender < senders; ++sender)
      value = join(i, value, load(type, slot(i, sender)));
  }
}

void Exchange::joinMeeting(Values &values, int64_t senders, Slot slot) {
  NVVM::BarrierOp::create(b, loc);
  joinSlots(values, senders, slot);
  // The slots are free again.
  NVVM::BarrierOp::create(b, loc);
}

void Exchange::sendToBlock(Value value, Value block, Value slot) {
  auto anywhere = LLVM::LLVMPointerType::get(
      b.getContext(), unsigned(NVVM::NVVMMemorySpace::SharedCluster));
  Value rank = arith::IndexCastOp::create(b, loc, b.getI32Type(), block);
  LLVM::StoreOp::create(
      b, loc, widened(value),
      NVVM::MapaOp::create(b, loc, anywhere, address(slot), rank));
}

Value Exchange::address(Value slot) {
  Value number = arith::IndexCastOp::create(b, loc, b.getI64Type(), slot);
  return LLVM::GEPOp::create(b, loc, k.team.shared.getType(), b.getI64Type(),
                             k.team.shared, ArrayRef<LLVM::GEPArg>{number});
}

void Exchange::store(Value value, Value slot) {
  LLVM::StoreOp::create(b, loc, widened(value), address(slot));
}

Value Exchange::load(Type type, Value slot) {
  return narrowed(LLVM::LoadOp::create(b, loc, wideType(type), address(slot)),
                  type);
}

Type Exchange::wideType(Type type) {
  return type.getIntOrFloatBitWidth() < 32 ? b.getI32Type() : type;
}

Value Exchange::widened(Value value) {
  Type wide = wideType(value.getType());
  if (wide == value.getType())
    return value;
  return arith::ExtUIOp::create(b, loc, wide, value);
}

Value Exchange::narrowed(Value value, Type type) {
  if (value.getType() == type)
    return value;
  return arith::TruncIOp::create(b, loc, type, value);
}

Value Exchange::number(int32_t value) {
  return arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(value));
}

Value Exchange::shuffle(Value value, int32_t distance) {
  return NVVM::ShflOp::create(b, loc, value.getType(), number(-1), value,
                              number(distance), number(warp - 1),
                              NVVM::ShflKind::bfly, UnitAttr());
}

Value Exchange::fromThread(Value value, int32_t distance) {
  if (value.getType().getIntOrFloatBitWidth() != 64)
    return narrowed(shuffle(widened(value), distance), value.getType());
  Type i32 = b.getI32Type(), i64 = b.getI64Type();
  Value half = arith::ConstantOp::create(b, loc, b.getI64IntegerAttr(32));
  Value low = arith::TruncIOp::create(b, loc, i32, value);
  Value high = arith::TruncIOp::create(
      b, loc, i32, arith::ShRUIOp::create(b, loc, value, half));
  auto wide = [&](Value part) -> Value {
    return arith::ExtUIOp::create(b, loc, i64, shuffle(part, distance));
  };
  return arith::OrIOp::create(b, loc, wide(low),
                              arith::ShLIOp::create(b, loc, wide(high), half));
}
