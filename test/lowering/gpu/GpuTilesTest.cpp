// Tiles run by teams of threads against tiles of the CPU.
#include "compiler/lowering/Emitter.h"
#include "compiler/lowering/gpu/TileCode.h"
#include "test/lowering/gpu/CompareTargets.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace mpc;
using namespace mpc::test;

static TilePhase tilesOf(KernelOp kernel, int64_t phase) {
  return tilePhase(kernel, phase, planKernel(kernel)->tiles[size_t(phase)]);
}

static SmallVector<GpuPhase> launches(KernelOp kernel, Target) {
  SmallVector<GpuPhase> result;
  for (size_t phase = 0; phase < planKernel(kernel)->tiles.size(); ++phase) {
    TilePhase tiles = tilesOf(kernel, int64_t(phase));
    GpuPhase launch;
    launch.grid[0] = tiles.blocks();
    launch.block[0] = tiles.threads;
    launch.cluster = tiles.team.blocks;
    launch.sharedBytes = teamBytes(tiles.team);
    result.push_back(launch);
  }
  return result;
}

static LogicalResult emitPhase(GpuKernel &k) {
  auto function = cast<func::FuncOp>(k.b.getInsertionBlock()->getParentOp());
  TilePhase tiles = tilesOf(k.kernel, k.phase);
  ValueRange all = function.getArguments();
  size_t inputs = k.kernel->getNumOperands();
  size_t results = k.kernel.getNumResults();
  TileBuffers buffers = {all.take_front(inputs), all.slice(inputs, results),
                         all.drop_front(inputs + results),
                         blockNumber(k.b, k.loc, tiles.blocks())};
  return emitTiles(k.b, function, tiles, buffers);
}

// The tiles of any root, as GPU emitters have them.
static const GpuEmitter tileEmitter = {
    "", [](KernelOp kernel, Target) { return tileTeams(kernel).has_value(); },
    launches,
    [](KernelOp kernel, Target) { return planKernel(kernel)->workspaces; },
    emitPhase};

static KernelSource gatherGrad(const std::string &gradient, int64_t count,
                               int64_t axis, const std::string &result) {
  std::string indices = std::to_string(count) + "xi64";
  return {"mpc.gather_grad",
          {gradient, indices},
          "%r = mpc.gather_grad %0, %1 {axis = " + std::to_string(axis) +
              " : i64} : (tensor<" + gradient + ">, tensor<" + indices +
              ">) -> tensor<" + result + ">\nmpc.yield %r : tensor<" + result +
              ">",
          {result}};
}

static void expectSameRows(int64_t count, int64_t rows,
                           llvm::function_ref<int64_t(int64_t)> row) {
  KernelSource kernel = gatherGrad(std::to_string(count) + "x16xf32", count, 0,
                                   std::to_string(rows) + "x16xf32");
  std::vector<Tensor> inputs = randomInputs(kernel);
  for (int64_t i = 0; i < count; ++i)
    inputs[1].values[size_t(i)] = double(row(i));
  expectSame(tileEmitter, {Target::Kind::Ptx}, kernel, inputs);
}

TEST(GpuRowLists, AllIndicesNameOneRow) {
  expectSameRows(1000, 50, [](int64_t) { return 7; });
}

TEST(GpuRowLists, AllIndicesDiffer) {
  expectSameRows(701, 701, [](int64_t i) { return i * 3 % 701; });
}

TEST(GpuRowLists, TheNextIndexIsFarAway) {
  expectSameRows(1030, 2000,
                 [](int64_t i) { return i == 3 || i == 1029 ? 5 : i + 100; });
}

TEST(GpuRowLists, NegativeAndTooLargeIndices) {
  expectSameRows(301, 40, [](int64_t i) { return i * i % 120 - 60; });
}

TEST(GpuRowLists, ColumnsOfTheLastAxis) {
  KernelSource kernel = gatherGrad("3x7x45xf16", 45, 2, "3x7x70xf16");
  std::vector<Tensor> inputs = wholeInputs(kernel);
  for (size_t i = 0; i < 45; ++i)
    inputs[1].values[i] = double(i * i % 70);
  expectSame(tileEmitter, {Target::Kind::Ptx}, kernel, inputs);
}

// 2^20 tiles of 16 bytes are too many to give each a thread: each has two.
TEST(GpuElementwise, AThreadHasSeveralVectorsOfABroadcast) {
  KernelSource kernel = {"elementwise",
                         {"2048x1xf16"},
                         "%r = mpc.broadcast %0 : (tensor<2048x1xf16>) -> "
                         "tensor<2048x4096xf16>\nmpc.yield %r : "
                         "tensor<2048x4096xf16>",
                         {"2048x4096xf16"}};
  expectSame(tileEmitter, {Target::Kind::Ptx}, kernel, randomInputs(kernel));
}
