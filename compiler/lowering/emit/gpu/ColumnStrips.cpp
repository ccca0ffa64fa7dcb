#include "compiler/lowering/emit/gpu/ColumnParts.h"
#include "compiler/lowering/emit/gpu/SimtTiles.h"
#include <numeric>

using namespace mlir;
using namespace mpc;

static constexpr int64_t warp = 32;
// Columns of a narrow strip: whole sectors of memory, of narrow types too.
static constexpr int64_t narrowColumns = 16;

int64_t mpc::readBits(Value value) {
  return isa<BlockArgument>(value)
             ? elementTypeOf(value).getIntOrFloatBitWidth()
             : 32;
}

int64_t Columns::rows() const {
  return elementCount(ArrayRef(shape).take_front(size_t(axis)));
}

int64_t Columns::columns() const {
  return elementCount(ArrayRef(shape).drop_front(size_t(axis)));
}

int64_t Columns::lanes() const { return std::gcd(shape.back(), width); }

int64_t ColumnStrips::parts() const {
  return std::max<int64_t>(llvm::divideCeil(rows, partRows), 1);
}

int64_t ColumnStrips::strips() const {
  if (edge == 0)
    return llvm::divideCeil(columns, columnsOfStrip());
  return llvm::divideCeil(columns - 2 * edge, ownColumns()) + 1;
}

// Each warp leaves its sums in shared memory.
TeamShape ColumnStrips::team() const {
  TeamShape team = {.size = size, .columns = side};
  team.threadBytes =
      std::max(team.threadBytes,
               int64_t(llvm::divideCeil(4 * sums * columnsOfStrip(), warp)));
  return team;
}

// Rows whose loads fit that many registers, so that a thread's turns are whole
// groups or nearly.
static int64_t groupOf(const Columns &of, const ColumnStrips &plan,
                       int64_t registers, int64_t most, int64_t turns) {
  int64_t ofRow = 0;
  for (int64_t bits : of.read)
    ofRow += std::max<int64_t>(bits * plan.lanes / 32, 1) * plan.vectors;
  most = std::clamp<int64_t>(registers / ofRow, 1, most);
  int64_t times = llvm::divideCeil(turns, most);
  return std::max<int64_t>(llvm::divideCeil(turns, std::max(times, int64_t(1))),
                           1);
}

// For little: all rows are one part, and a block has few columns, so that there
// are many blocks.
static ColumnStrips narrowStrips(const Columns &of) {
  constexpr int64_t rowsOfThread = 8, mostThreads = 1024, registers = 32;
  auto power = [](int64_t x) {
    return int64_t(llvm::PowerOf2Ceil(uint64_t(std::max<int64_t>(x, 1))));
  };
  ColumnStrips plan = {of.rows(), of.columns(), of.sums, of.lanes()};
  int64_t side = std::max<int64_t>(narrowColumns / plan.lanes, 2);
  plan.size = std::clamp<int64_t>(
      power(llvm::divideCeil(plan.rows, rowsOfThread)),
      std::min(warp / 2, power(plan.rows)), mostThreads / side);
  plan.side = std::max(side, warp / plan.size);
  int64_t turns = llvm::divideCeil(plan.rows, plan.size);
  plan.group = groupOf(of, plan, registers, rowsOfThread, turns);
  plan.partRows = std::max<int64_t>(plan.rows, 1);
  return plan;
}

// The most threads side by side that leave few without columns.
static int64_t sideOf(int64_t columns, int64_t ofThread) {
  int64_t best = 2, least = INT64_MAX;
  for (int64_t side = warp; side >= 2; side /= 2) {
    int64_t covered = llvm::alignTo(columns, uint64_t(side * ofThread));
    if (8 * covered <= 9 * columns)
      return side;
    if (covered < least)
      best = side;
    least = std::min(least, covered);
  }
  return best;
}

// So many that two blocks of each multiprocessor are busy to the end, or
// nearly, once or a few times over.
static int64_t partsFor(int64_t strips) {
  constexpr int64_t atOnce = 2 * multiprocessors, mostTimes = 6;
  constexpr double nearly = 0.95;
  int64_t best = 1;
  double most = 0;
  for (int64_t times = 1; times <= mostTimes && most < nearly; ++times) {
    int64_t parts = times * atOnce / strips;
    double busy = double(parts * strips) / double(times * atOnce);
    if (busy > most)
      best = parts;
    most = std::max(most, busy);
  }
  return best;
}

// Whether rows are long and each of them begins elsewhere within a vector,
// after few rows at the same place again. A team's threads then each have such
// places.
static bool hasShiftedVectors(const Columns &of) {
  return of.lanes() < of.width && of.columns() == of.shape.back() &&
         of.columns() >= warp * (of.width + 1) && of.rows() >= warp;
}

// For much: parts of whole turns, but not of so few rows that adding their sums
// would cost more.
static ColumnStrips wideStrips(const Columns &of) {
  constexpr int64_t threads = 256, registers = 64, mostRows = 16;
  constexpr int64_t mostVectors = 4, leastTurns = 12;
  ColumnStrips plan = {of.rows(), of.columns(), of.sums, of.lanes()};
  if (hasShiftedVectors(of)) {
    plan.lanes = of.width;
    plan.side = warp;
    plan.edge = warp / 2;
  } else {
    plan.vectors = std::clamp<int64_t>(of.width / plan.lanes, 1, mostVectors);
    while (plan.vectors > 1 && plan.vectors * plan.lanes >= plan.columns)
      plan.vectors /= 2;
    plan.side = sideOf(plan.columns, plan.vectors * plan.lanes);
  }
  plan.size = threads / plan.side;
  int64_t turns = std::max<int64_t>(
      llvm::divideCeil(plan.rows, partsFor(plan.strips()) * plan.size),
      leastTurns);
  turns = std::min<int64_t>(turns, llvm::divideCeil(plan.rows, plan.size));
  plan.group = groupOf(of, plan, registers, mostRows, turns);
  plan.partRows = plan.size * llvm::alignTo(turns, uint64_t(plan.group));
  return plan;
}

SmallVector<ColumnStrips> mpc::stripsOf(const Columns &of) {
  // A multiprocessor reads that much of a narrow strip in 3 us. What does not
  // fit the cache is read faster in wide ones.
  constexpr int64_t muchOfStrip = 128 << 10, much = 32 << 20;
  int64_t bits = std::accumulate(of.read.begin(), of.read.end(), int64_t(0));
  int64_t ofColumn = of.rows() * bits / 8;
  if (ofColumn * narrowColumns <= muchOfStrip &&
      ofColumn * of.columns() <= much)
    return {narrowStrips(of)};
  ColumnStrips strips = wideStrips(of);
  int64_t parts = strips.parts();
  if (parts == 1)
    return {strips};
  constexpr int64_t width = 4; // of f32
  Columns sums = {{parts, strips.columns},
                  1,
                  width,
                  SmallVector<int64_t>(size_t(of.sums), 32),
                  of.sums};
  return {strips, narrowStrips(sums)};
}

SmallVector<MemRefType> mpc::partSums(KernelOp kernel, const Columns &of) {
  SmallVector<ColumnStrips> phases = stripsOf(of);
  if (phases.size() == 1)
    return {};
  return {MemRefType::get({of.sums, phases[0].parts(), of.columns()},
                          Float32Type::get(kernel.getContext()))};
}
