// AxisLoops where a team has what it read of a row when it goes over it again.
#include "compiler/lowering/emit/AxisLoops.h"
#include "compiler/lowering/emit/gpu/SimtTiles.h"
#include "compiler/lowering/emit/gpu/TensorCores.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

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

static int64_t bytesOfHeld(Value operand, const AxisPlan &plan,
                           TeamShape team) {
  int64_t bits = elementTypeOf(operand).getIntOrFloatBitWidth();
  int64_t part = partOfBlock(plan, team, 8);
  return int64_t(llvm::alignTo<16>(uint64_t(part * bits / 8)));
}

// Four blocks share a multiprocessor, or two, so that some read and write while
// others fold what they have. Rows that are too long for one have a cluster.
TeamShape mpc::teamHolding(KernelOp kernel, const AxisPlan &plan,
                           ValueRange operands) {
  TeamShape team = plan.team();
  bool inRegisters = plan.length() % (8 * team.size) == 0;
  if (!targetOf(kernel).isHopper() || plan.byColumns() || team.size < 512 ||
      plan.reduced.size() != 1 || inRegisters)
    return team;
  TeamShape holding = team;
  holding.size = 512;
  if (holdsInRegisters(plan, 8, holding))
    return holding;
  for (int64_t resident : {4, 2})
    for (int64_t blocks : {1, 2, 4, 8}) {
      holding.size = 1024 / resident;
      holding.blocks = blocks;
      holding.heldBytes = 0;
      for (Value operand : operands)
        holding.heldBytes += bytesOfHeld(operand, plan, holding);
      // Each block takes 1024 bytes more.
      if (teamBytes(holding) <= mostSharedBytes / resident - 1024)
        return holding;
    }
  return team;
}

Value AxisLoops::sharedPlace(int64_t number, Value position) {
  int64_t offset = slotBytes(k.team);
  for (Value operand : ArrayRef(heldOperands).take_front(number))
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

static int64_t bytesOfVector(Value operand, int64_t lanes) {
  return lanes * elementTypeOf(operand).getIntOrFloatBitWidth() / 8;
}

bool AxisLoops::isCopied(int64_t number) const {
  Value operand = heldOperands[size_t(number)];
  int64_t bytes = bytesOfVector(operand, teamLanes());
  return k.team.heldBytes > 0 && isa<BlockArgument>(operand) &&
         shapeOf(operand) == ArrayRef(plan.shape) &&
         (bytes == 16 || bytes == 8);
}

void AxisLoops::forTiles(TileKernel::Body body) {
  auto numbers = llvm::seq<int64_t>(0, int64_t(heldOperands.size()));
  if (llvm::none_of(numbers, [&](int64_t i) { return isCopied(i); }))
    return k.forTiles(body);
  assert(plan.rowsPerTile() == 1);
  k.forTiles([&](Value row) {
    copyRow(row);
    if (isRagged()) {
      Value column =
          arith::MinSIOp::create(k.b, k.loc, edgeColumn(wholeVectorsOf(row)),
                                 k.index(plan.length() - 1));
      Values at = indices(k.split(row, plan.extents(plan.kept)), column);
      for (Value operand : heldOperands)
        edges.push_back(k.load(operand, at, 1));
    }
    isArriving = true;
    body(row);
    edges.clear();
  });
}

// Each of a thread's vectors is a group of copies.
void AxisLoops::copyRow(Value row) {
  constexpr unsigned globalSpace = 1;
  auto pointer = LLVM::LLVMPointerType::get(k.b.getContext(), globalSpace);
  Span whole = ownVectors(wholeVectorsOf(row));
  int64_t lanes = teamLanes(), stride = lanes * k.team.size;
  Value first = k.times(k.team.rank, lanes);
  Value end = arith::SubIOp::create(k.b, k.loc, whole.end, whole.begin);
  Value begin = arith::AddIOp::create(k.b, k.loc, k.times(row, plan.length()),
                                      whole.begin);
  SmallVector<std::pair<int64_t, Value>> copied; // and where they begin
  for (auto [number, operand] : llvm::enumerate(heldOperands)) {
    if (!isCopied(int64_t(number)))
      continue;
    Value memory = memref::ExtractAlignedPointerAsIndexOp::create(
        k.b, k.loc, k.elements.memoryOf(operand));
    Value bytes = k.times(begin, bytesOfVector(operand, 1));
    Value address = arith::IndexCastOp::create(
        k.b, k.loc, k.b.getI64Type(),
        arith::AddIOp::create(k.b, k.loc, memory, bytes));
    copied.push_back({int64_t(number),
                      LLVM::IntToPtrOp::create(k.b, k.loc, pointer, address)});
  }
  auto copy = [&](Value position) {
    ThreadBuilder b(k.loc, k.b);
    TensorCores copies(b);
    Value element =
        arith::IndexCastOp::create(k.b, k.loc, k.b.getI64Type(), position);
    for (auto [number, memory] : copied) {
      Value operand = heldOperands[size_t(number)];
      Value from =
          LLVM::GEPOp::create(k.b, k.loc, pointer, elementTypeOf(operand),
                              memory, ArrayRef<LLVM::GEPArg>{element});
      copies.copyChunk(sharedPlace(number, position), from, {},
                       bytesOfVector(operand, lanes));
    }
    copies.endCopies();
  };
  for (int64_t i = 0; i < leastCopies(); ++i)
    copy(arith::AddIOp::create(k.b, k.loc, first, k.index(i * stride)));
  k.forRange(
      arith::AddIOp::create(k.b, k.loc, first, k.index(leastCopies() * stride)),
      end, stride, copy);
}

int64_t AxisLoops::leastCopies() const {
  int64_t lanes = teamLanes(), length = plan.length();
  int64_t vectors = (isRagged() ? length - lanes + 1 : length) / lanes;
  int64_t ofOthers =
      (k.team.blocks - 1) * (partOfBlock(plan, k.team, lanes) / lanes);
  return std::max<int64_t>(vectors - ofOthers, 0) / k.team.size;
}

// The empty groups keep the number of those that may still be on their way the
// same from one step to the next.
void AxisLoops::awaitVectors(int64_t count) {
  if (!isArriving)
    return;
  ThreadBuilder b(k.loc, k.b);
  TensorCores copies(b);
  for (int64_t i = 0; i < count; ++i)
    copies.endCopies();
  copies.waitForCopies(leastCopies());
}
