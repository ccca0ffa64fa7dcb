#include "compiler/lowering/emit/StreamPlan.h"
#include "compiler/lowering/emit/AxisLoops.h"
#include "compiler/lowering/emit/gpu/SimtTiles.h"
#include <numeric>

using namespace mlir;
using namespace mpc;

static int64_t bitsOf(Value operand) {
  return elementTypeOf(operand).getIntOrFloatBitWidth();
}

int64_t StreamPlan::bytesOfRow(ValueRange operands) const {
  int64_t bytes = 0;
  for (Value operand : operands)
    bytes += bytesOfPart(bitsOf(operand));
  return bytes;
}

// Only those that have a first row.
int64_t StreamPlan::takes() const {
  int64_t group = apart * together, groups = rows.rows() / group;
  return groups * apart + std::min(rows.rows() - groups * group, apart);
}

int64_t StreamPlan::tableRows() const {
  return llvm::divideCeil(part + 2 * grain, lanes);
}

StreamLayout::StreamLayout(const StreamPlan &plan, ValueRange operands) {
  int64_t next = slotBytes(plan.team);
  auto place = [&](int64_t count, int64_t bytes, uint64_t alignment) {
    next = int64_t(llvm::alignTo(uint64_t(next), alignment));
    int64_t begin = next;
    next += count * bytes;
    return begin;
  };
  auto barriers = [&](int64_t count) {
    return place(count, bytesOfBarrier, bytesOfBarrier);
  };
  auto valuesOf = [&](int64_t count) {
    return place(count, bytesOfValue, bytesOfBarrier);
  };
  filled = barriers(plan.stages);
  emptied = barriers(plan.stages);
  taken = barriers(ticketPlaces);
  summed = barriers(depth);
  sent = barriers(depth);
  done = barriers(depth);
  tickets = valuesOf(ticketPlaces);
  int64_t ofTake = depth * plan.together;
  ofWarps = valuesOf(ofTake * plan.values.exchanged * plan.warps);
  ofBlocks = valuesOf(ofTake * plan.values.exchanged * plan.team.blocks);
  finished = valuesOf(ofTake * plan.values.finished);
  int64_t rows = plan.stages * plan.together;
  known = valuesOf(rows * plan.values.known);
  edgesOfRows = valuesOf(rows * int64_t(operands.size()) * edges);
  tables = place(plan.values.vectors, plan.tableBytes(), 16);
  stages = place(rows, plan.bytesOfRow(operands), 128);
  end = next;
}

// Vectors of 16 bytes of the narrowest type, unless something is wide.
static bool hasVectors(StreamPlan &plan, KernelOp kernel, ValueRange operands) {
  bool isWide = false;
  for (Type type : kernel.getResultTypes())
    if (cast<RankedTensorType>(type).getShape() == ArrayRef(plan.rows.shape))
      isWide |= cast<RankedTensorType>(type).getElementTypeBitWidth() >= 32;
  plan.lanes = isWide || accessLanes(kernel) == 4 ? 4 : 8;
  plan.grain = plan.lanes;
  for (Value operand : operands) {
    if (!isa<BlockArgument>(operand) ||
        shapeOf(operand) != ArrayRef(plan.rows.shape))
      return false;
    plan.grain = std::max(plan.grain, 128 / bitsOf(operand));
  }
  return true;
}

// One block has a multiprocessor. Its warps wait for sums, so that there are
// two groups of them; but for two operands there is room for few takes, which
// all warps of a block share.
static void setThreads(StreamPlan &plan, size_t operands) {
  constexpr int64_t warp = 32, ofAll = 4, registers = 65536;
  plan.groups = operands == 1 ? 2 : 1;
  int64_t warps = operands == 1 ? 6 : 8;
  plan.warps = std::min(warps, plan.vectorsOfPart() / warp);
  if (plan.warps == 0)
    return;
  plan.vectors = plan.vectorsOfPart() / plan.threads();
  plan.others = llvm::divideCeil(plan.vectorsOfPart() % plan.threads(), warp);
  plan.team.size = plan.groups * plan.threads() + ofAll * warp;
  plan.team.registers = registers / plan.team.size & -8;
}

// One row is on its way while as many as are delayed, and one more, are in use.
static constexpr int64_t plenty = StreamLayout::mostDelay + 2;

// With one less the groups take turns instead; a single one is delayed by one.
static void setStages(StreamPlan &plan, ValueRange operands) {
  plan.stages = StreamLayout::mostStages;
  while (plan.stages > 0 && StreamLayout(plan, operands).end > mostSharedBytes)
    --plan.stages;
  plan.delay =
      plan.stages >= plenty ? StreamLayout::mostDelay : plan.groups % 2;
}

std::optional<StreamPlan> mpc::streamedRows(KernelOp kernel,
                                            const AxisPlan &rows,
                                            ValueRange operands,
                                            ValuesOfRow values) {
  // An H200 has room for so many at once (cuOccupancyMaxActiveClusters), as
  // none is in two of its graphics processing clusters. Another one would begin
  // when others are done.
  constexpr int64_t blocks = 8, clustersAtOnce = 15;
  // Bytes of which two rows are taken at once.
  constexpr int64_t smallPart = 16 << 10;
  if (!targetOf(kernel).isHopper() || rows.byColumns() ||
      rows.reduced.size() != 1 ||
      rows.reduced.front() + 1 != int64_t(rows.shape.size()) ||
      teamHolding(kernel, rows, operands).blocks == 1)
    return std::nullopt;
  StreamPlan plan(rows);
  plan.values = values;
  if (!hasVectors(plan, kernel, operands))
    return std::nullopt;
  plan.team.blocks = blocks;
  plan.clusters = clustersAtOnce;
  plan.part = partOfBlock(rows, plan.team, plan.grain);
  setThreads(plan, operands.size());
  int64_t bytes = plan.bytesOfRow(operands);
  plan.together = bytes <= smallPart * int64_t(operands.size()) ? 2 : 1;
  plan.apart = plan.together > 1 && values.vectors > 0
                   ? plan.grain / std::gcd(plan.grain, rows.length())
                   : 1;
  setStages(plan, operands);
  if (plan.together > 1 && plan.stages < plenty) {
    plan.together = plan.apart = 1;
    setStages(plan, operands);
  }
  // What a thread goes over has code of its own for each vector; of more
  // elements it would not keep all in registers.
  constexpr int64_t mostOfThread = 128;
  bool isShort = plan.part <= mostOfThread * plan.threads();
  // The last block has what is behind the last vector.
  bool hasLast = rows.length() > (blocks - 1) * plan.part;
  if (plan.warps == 0 || !hasLast || !isShort || plan.takes() < plan.clusters ||
      plan.stages < plenty - 1)
    return std::nullopt;
  plan.team.heldBytes = StreamLayout(plan, operands).end - slotBytes(plan.team);
  return plan;
}
