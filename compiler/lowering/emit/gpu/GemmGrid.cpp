#include "compiler/lowering/emit/gpu/GemmGrid.h"
#include "compiler/lowering/Emitter.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mpc;

static constexpr int64_t addingThreads = 256;

int64_t GemmGrid::rowTiles(const GemmProblem &p) const {
  return llvm::divideCeil(p.m, rows);
}

int64_t GemmGrid::columnTiles(const GemmProblem &p) const {
  return llvm::divideCeil(p.n, columns);
}

int64_t GemmGrid::blocks(const GemmProblem &p) const {
  return p.batches * parts * rowTiles(p) * columnTiles(p);
}

SmallVector<MemRefType> GemmGrid::workspaces(KernelOp kernel) const {
  if (parts == 1)
    return {};
  GemmProblem p(rootOf(kernel));
  return {MemRefType::get({parts, p.batches, p.m, p.n},
                          Float32Type::get(kernel.getContext()))};
}

// The smallest tile of any emitter has 32 x 32 elements. The depth is cut into
// parts only where there are few tiles.
bool mpc::isGridPossible(const GemmProblem &p) {
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  int64_t tiles = llvm::divideCeil(p.m, 32) * llvm::divideCeil(p.n, 32);
  return p.k > 0 && p.m < most / 2 && p.n < most / 2 && p.k < most / 2 &&
         tiles < most && p.batches < most / tiles;
}

// 16 bytes per access of a narrow result, as long as rows are whole numbers of
// accesses.
int64_t mpc::outputLanes(KernelOp kernel) {
  int64_t lanes = 4;
  for (Type type : kernel.getResultTypes())
    if (getElementTypeOrSelf(type).getIntOrFloatBitWidth() < 32)
      lanes = 8;
  while (GemmProblem(rootOf(kernel)).n % lanes)
    lanes /= 2;
  return lanes;
}

GpuPhase GemmGrid::addingPhase(KernelOp kernel) const {
  GemmProblem p(rootOf(kernel));
  int64_t work = p.batches * p.m * p.n / outputLanes(kernel);
  return {{int64_t(llvm::divideCeil(work, addingThreads)), 1, 1},
          {addingThreads, 1, 1},
          0,
          {}};
}

GemmFrame::GemmFrame(GpuKernel &kernel, const GemmProblem &problem,
                     const GemmGrid &grid)
    : b(kernel.loc, kernel.b), k(kernel), problem(problem), grid(grid) {
  // Everything here reads and writes as many lanes as divide a row.
  k.elements.assumeWholeVectors();
}

GemmPlace GemmFrame::place() {
  Value rest = b.block();
  auto next = [&](int64_t count) {
    Value here = b.rem(rest, count);
    rest = b.div(rest, count);
    return here;
  };
  GemmPlace place;
  place.column = b.mul(next(grid.columnTiles(problem)), grid.columns);
  place.row = b.mul(next(grid.rowTiles(problem)), grid.rows);
  place.part = next(grid.parts);
  place.batch = rest;
  return place;
}

std::pair<Value, Value> GemmFrame::depths(const GemmPlace &place) {
  Value end = b.number(problem.k);
  if (grid.parts == 1)
    return {b.number(0), end};
  Value first = b.mul(place.part, grid.partDepth);
  Value next = b.add(first, grid.partDepth);
  return {first, b.select(b.less(next, end), next, end)};
}

void GemmFrame::finish(Value sum, Value batch, Value row, Value column,
                       int64_t lanes) {
  Value at[] = {b.index(batch), b.index(row), b.index(column)};
  sum = problem.scaled(b, k.elements, sum, at[1], at[2], lanes);
  k.elements.store(b, k.loc, {{problem.result, sum}},
                   problem.indices(problem.result, at[0], at[1], at[2]), lanes);
}

void GemmFrame::writeTile(const GemmPlace &place, Value thread,
                          int64_t threads) {
  int64_t lanes = outputLanes(k.kernel), chunks = grid.columns / lanes;
  auto write = [&](Value chunk) {
    Value inRow = b.div(chunk, chunks);
    Value inColumn = b.mul(b.rem(chunk, chunks), lanes);
    Value row = b.add(place.row, inRow), column = b.add(place.column, inColumn);
    Value inside = b.both(b.less(row, problem.m), b.less(column, problem.n));
    b.branch(inside, [&] {
      Value from = b.mul(b.mulAdd(inRow, grid.pitch(), inColumn), 4);
      Value sum = b.load(b.at(k.shared, from), b.getF32Type(), lanes);
      if (grid.parts == 1)
        return finish(sum, place.batch, row, column, lanes);
      Value at[] = {b.index(place.part), b.index(place.batch), b.index(row),
                    b.index(column)};
      if (lanes == 1)
        memref::StoreOp::create(b, sum, k.workspaces[0], at);
      else
        vector::StoreOp::create(b, sum, k.workspaces[0], at);
    });
  };
  int64_t work = grid.rows * chunks;
  b.loop(b.number(0), b.number(work / threads), 1,
         [&](Value turn) { write(b.mulAdd(turn, threads, thread)); });
  if (int64_t rest = work % threads)
    b.branch(b.less(thread, rest), [&] { write(b.add(thread, work - rest)); });
}

void GemmFrame::addParts() {
  int64_t lanes = outputLanes(k.kernel), chunks = problem.n / lanes;
  Value chunk = b.mulAdd(b.block(), addingThreads, b.thread());
  b.branch(b.less(chunk, problem.batches * problem.m * chunks), [&] {
    Value column = b.mul(b.rem(chunk, chunks), lanes);
    Value line = b.div(chunk, chunks);
    Value row = b.rem(line, problem.m), batch = b.div(line, problem.m);
    Value zero = b.zero(withLanes(b.getF32Type(), lanes));
    auto add = [&](Value part, ValueRange sum) -> ThreadBuilder::Values {
      Value at[] = {b.index(part), b.index(batch), b.index(row),
                    b.index(column)};
      Value next;
      if (lanes == 1)
        next = memref::LoadOp::create(b, k.workspaces[0], at);
      else
        next = vector::LoadOp::create(b, cast<VectorType>(zero.getType()),
                                      k.workspaces[0], at);
      return {arith::AddFOp::create(b, sum[0], next)};
    };
    Value sum = b.loop(b.number(0), b.number(grid.parts), 1, zero, add)[0];
    finish(sum, batch, row, column, lanes);
  });
}
