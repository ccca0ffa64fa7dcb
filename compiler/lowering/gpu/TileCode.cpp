#include "compiler/lowering/gpu/TileCode.h"
#include "compiler/lowering/ScalarOps.h"
#include "compiler/lowering/emit/LoopBuilder.h"
#include "compiler/lowering/emit/gpu/SimtTiles.h"
#include "compiler/lowering/gpu/GpuEmitter.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mpc;

static constexpr int64_t warp = 32;

Value mpc::sharedMemory(OpBuilder &b, Location loc) {
  auto pointer = LLVM::LLVMPointerType::get(b.getContext(), 3);
  return LLVM::AddressOfOp::create(b, loc, pointer, sharedName);
}

// With the range known, LLVM divides in 32 bits and drops comparisons.
template <typename Register>
static Value numberBelow(OpBuilder &b, Location loc, int64_t end) {
  auto range = LLVM::ConstantRangeAttr::get(b.getContext(), 32, 0, end);
  return arith::IndexCastUIOp::create(
      b, loc, b.getIndexType(),
      Register::create(b, loc, b.getI32Type(), range));
}

Value mpc::blockNumber(OpBuilder &b, Location loc, int64_t blocks) {
  return numberBelow<NVVM::BlockIdXOp>(b, loc, blocks);
}

std::optional<SmallVector<TeamShape>> mpc::tileTeams(KernelOp kernel) {
  Target target = targetOf(kernel);
  if (writesNothing(kernel) || findGpuEmitter(kernel, target))
    return std::nullopt;
  const TileEmitter *emitter = findTileEmitter(kernel.getRoot(), target);
  if (!emitter)
    return std::nullopt;
  SmallVector<TeamShape> teams;
  for (size_t phase = 0; phase < emitter->tiles(kernel).size(); ++phase)
    teams.push_back(emitter->team ? emitter->team(kernel, int64_t(phase))
                                  : TeamShape());
  return teams;
}

static bool isWithinWarp(TeamShape shape) {
  return shape.columns == 1 && shape.size <= warp;
}

bool mpc::shareBlocks(TeamShape a, TeamShape b) {
  return (isWithinWarp(a) && isWithinWarp(b)) ||
         (a.size == b.size && a.columns == b.columns && a.blocks == 1 &&
          b.blocks == 1);
}

// Small blocks while there is little to do, so that it spreads over the
// multiprocessors. Of larger ones fewer fit a multiprocessor's registers.
int64_t mpc::blockThreads(TeamShape shape, int64_t threads) {
  constexpr int64_t most = 128;
  if (!isWithinWarp(shape))
    return shape.size * shape.columns;
  return std::clamp(
      llvm::alignTo<warp>(llvm::divideCeil(threads, multiprocessors)),
      uint64_t(warp), uint64_t(most));
}

int64_t mpc::bytesOf(ValueRange values) {
  int64_t bytes = 0;
  for (Value value : values)
    bytes += elementCount(shapeOf(value)) *
             elementTypeOf(value).getIntOrFloatBitWidth() / 8;
  return bytes;
}

// Memory is at its full speed with about this much under way for each
// multiprocessor: 132 times that are 5.4 MB, 4.3 TB/s for 1.25 us.
static constexpr int64_t bytesUnderWay = 40 << 10;

// A thread that only reads or writes a vector is too little for all threads
// that a multiprocessor has room for.
static int64_t tilesPerThread(const TilePhase &one) {
  constexpr int64_t roomFor = 2048;
  KernelOp kernel = one.kernel;
  if (kernel.getRootOp() || one.tiles == 0)
    return 1;
  int64_t each =
      (bytesOf(kernel.getInputs()) + bytesOf(kernel.getResults())) / one.tiles;
  int64_t count = llvm::PowerOf2Ceil(
      llvm::divideCeil(bytesUnderWay / roomFor, std::max<int64_t>(each, 1)));
  bool isLarge = one.tiles >= roomFor * multiprocessors * count;
  return isLarge && one.tiles % (one.threads * count) == 0 ? count : 1;
}

namespace {
/// The largest inputs of a kernel.
struct LargeInputs {
  int64_t elements = 0, count = 0;

  explicit LargeInputs(KernelOp kernel) {
    for (Value input : kernel.getInputs()) {
      int64_t own = elementCount(shapeOf(input));
      count = own > elements ? 1 : count + int64_t(own == elements);
      elements = std::max(elements, own);
    }
  }
};
} // namespace

// Of a multiprocessor.
constexpr int64_t mostRegisters = 65536;

// How many blocks of `each` bytes are enough, with that many registers for a
// thread.
static int64_t blocksFor(int64_t bytes, int64_t each, int64_t registers,
                         int64_t threads) {
  constexpr int64_t most = 32;
  int64_t enough = llvm::divideCeil(bytes, std::max<int64_t>(each, 1));
  return std::clamp<int64_t>(
      enough, 1, std::min(most, mostRegisters / (registers * threads)));
}

// Whether one op that takes long is all that the kernel has.
static bool computesLong(KernelOp kernel) {
  auto ops = kernel.getBody().front().without_terminator();
  if (!llvm::hasSingleElement(ops))
    return false;
  auto scalar = dyn_cast<ScalarOpInterface>(*ops.begin());
  return scalar && scalar.takesLong() &&
         elementTypeOf(kernel.getResult(0)).isF32();
}

// While a team joins what its threads have, or stores, it reads nothing, so
// there have to be others, and more if there is little that it reads at a time.
// They need registers; with less a thread would keep its row elsewhere. A
// thread that is alone computes its elements one after another where registers
// are few, and rare cases of functions would take many.
static int64_t residentBlocks(const TilePhase &phase) {
  KernelOp kernel = phase.kernel;
  bool isAlone = phase.team.size == 1;
  if (phase.team.columns > 1 || phase.tiles == 0 ||
      (isAlone && (kernel.getRootOp() || phase.blocks() < multiprocessors)))
    return 1;
  if (phase.team.registers > 0) {
    constexpr int64_t schedulers = 4; // which have as many warps each
    int64_t each = mostRegisters / (phase.team.registers * warp * schedulers);
    return each * schedulers * warp / phase.threads;
  }
  // As many as there is shared memory for, with 64 registers a thread.
  if (phase.team.heldBytes > 0)
    return std::min(mostSharedBytes / teamBytes(phase.team),
                    mostRegisters / (64 * phase.threads));
  int64_t each = bytesOf(kernel.getInputs()) * phase.teams() / phase.tiles;
  if (isAlone) {
    // While one computes, others read.
    bool isLong = computesLong(kernel),
         readsOne = kernel.getInputs().size() == 1;
    return blocksFor(isLong ? 2 * bytesUnderWay : bytesUnderWay,
                     each * phase.perThread, isLong || readsOne ? 32 : 48,
                     phase.threads);
  }
  LargeInputs large(kernel);
  bool readsOne = large.count == 1;
  int64_t wanted = readsOne ? bytesUnderWay * 8 / 5 : bytesUnderWay;
  int64_t ofThread = large.elements / (phase.tiles * phase.team.size);
  int64_t least = readsOne && ofThread > 16 ? 64 : 48;
  return blocksFor(wanted, each, least, phase.threads);
}

TilePhase mpc::tilePhase(KernelOp kernel, int64_t phase, int64_t tiles) {
  TeamShape team = (*tileTeams(kernel))[size_t(phase)];
  TilePhase result = {kernel, phase, tiles, team,
                      blockThreads(team, tiles * team.size)};
  result.perThread = tilesPerThread(result);
  result.resident = residentBlocks(result);
  return result;
}

// The first tile of this thread, and its place in the team.
static std::pair<Value, Team> locate(OpBuilder &b, TilePhase tiles,
                                     const TileBuffers &buffers) {
  LoopBuilder i(tiles.kernel.getLoc(), b);
  Value thread = numberBelow<NVVM::ThreadIdXOp>(i, i.getLoc(), tiles.threads);
  Team team;
  static_cast<TeamShape &>(team) = tiles.team;
  if (teamBytes(team) > 0)
    team.shared = sharedMemory(b, i.getLoc());
  int64_t size = team.size, columns = team.columns,
          ofBlock = tiles.teams() * tiles.perThread;
  if (columns > 1) {
    team.rank = i.div(thread, columns);
    team.column = i.rem(thread, columns);
    return {i.mulAdd(buffers.block, ofBlock, team.column), team};
  }
  if (team.blocks > 1) {
    team.rank = thread;
    team.block = i.rem(buffers.block, team.blocks);
    return {i.div(buffers.block, team.blocks), team};
  }
  team.rank = i.rem(thread, size);
  return {i.mulAdd(buffers.block, ofBlock, i.div(thread, size)), team};
}

// Threads behind the last tile: where teams meet at barriers they do the last
// one again, writing what its own team writes; else they end.
static Value keepInside(OpBuilder &b, TilePhase tiles, Value tile) {
  Location loc = tiles.kernel.getLoc();
  Value last = indexConstant(b, loc, tiles.tiles - 1);
  if (tiles.team.columns > 1)
    return arith::MinUIOp::create(b, loc, tile, last);
  Block *entry = b.getInsertionBlock();
  Block *body = entry->splitBlock(b.getInsertionPoint());
  Block *end = body->splitBlock(body->getTerminator());
  b.setInsertionPointToEnd(entry);
  Value isInside =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ule, tile, last);
  cf::CondBranchOp::create(b, loc, isInside, body, end);
  b.setInsertionPointToEnd(body);
  b.setInsertionPoint(cf::BranchOp::create(b, loc, end));
  return tile;
}

// Memory on the stack has a fixed place if it is asked for at the start.
static void raiseScratch(func::FuncOp function) {
  Block &entry = function.front();
  function.walk([&](memref::AllocaOp scratch) {
    scratch->moveBefore(&entry, entry.begin());
  });
}

LogicalResult mpc::emitTiles(OpBuilder &b, func::FuncOp function,
                             TilePhase tiles, const TileBuffers &buffers) {
  KernelOp kernel = tiles.kernel;
  Location loc = kernel.getLoc();
  Operation *root = kernel.getRootOp();
  ElementAccess elements(b, kernel, root, buffers.inputs, buffers.results);
  auto [tile, team] = locate(b, tiles, buffers);
  if (tiles.tiles % (tiles.teams() * tiles.perThread) != 0)
    tile = keepInside(b, tiles, tile);
  int64_t step = tiles.perThread > 1 ? tiles.teams() : 1;
  Value end = arith::AddIOp::create(
      b, loc, tile, indexConstant(b, loc, step * tiles.perThread),
      arith::IntegerOverflowFlags::nsw);
  TileKernel context = {
      b,    loc,         kernel,
      root, tiles.phase, SmallVector<Value>(buffers.workspaces),
      tile, end,         elements,
      team, step};
  const TileEmitter *emitter =
      findTileEmitter(kernel.getRoot(), targetOf(kernel));
  assert(team.blocks == 1 || tiles.perThread == 1);
  context.beginTeam();
  if (failed(emitter->emit(context)))
    return failure();
  raiseScratch(function);
  return success();
}
