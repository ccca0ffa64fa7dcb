#include "compiler/lowering/emit/gpu/GemmGrid.h"
#include "compiler/lowering/Emitter.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mpc;

// Threads side by side in the phase that adds the parts.
static constexpr int64_t addingSide = 32;

int64_t GemmGrid::rowTiles(const GemmExtents &p) const {
  return llvm::divideCeil(p.m, rows);
}

int64_t GemmGrid::columnTiles(const GemmExtents &p) const {
  return llvm::divideCeil(p.n, columns);
}

int64_t GemmGrid::addingTeam() const {
  constexpr int64_t most = 8;
  if (isOrdered)
    return 1;
  return std::min(int64_t(llvm::bit_floor(uint64_t(parts))), most);
}

SmallVector<MemRefType> GemmGrid::workspaces(const GemmExtents &p,
                                             MLIRContext *context) const {
  if (parts == 1)
    return {};
  return {
      MemRefType::get({parts, p.batches, p.m, p.n}, Float32Type::get(context))};
}

SmallVector<GpuPhase> GemmGrid::phases(const GemmExtents &p,
                                       int64_t sharedBytes,
                                       int64_t lanes) const {
  GpuPhase product, adding;
  product.grid[0] = p.batches * parts * rowTiles(p) * columnTiles(p);
  product.block[0] = threads;
  product.sharedBytes = sharedBytes;
  if (parts == 1)
    return {product};
  int64_t work = p.batches * p.m * p.n / lanes;
  adding.grid[0] = llvm::divideCeil(work, addingSide);
  adding.block[0] = addingSide * addingTeam();
  adding.sharedBytes = adding.block[0] * lanes * 4;
  return {product, adding};
}

// The smallest tile of any emitter has 32 x 32 elements. The depth is cut into
// parts only where there are few tiles.
bool mpc::isGridPossible(const GemmExtents &p) {
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  int64_t tiles = llvm::divideCeil(p.m, 32) * llvm::divideCeil(p.n, 32);
  return p.k > 0 && p.m < most / 2 && p.n < most / 2 && p.k < most / 2 &&
         tiles < most && p.batches < most / tiles;
}

int64_t mpc::outputLanes(KernelOp kernel, int64_t row) {
  int64_t lanes = 4;
  for (Type type : kernel.getResultTypes())
    if (getElementTypeOrSelf(type).getIntOrFloatBitWidth() < 32)
      lanes = 8;
  while (row % lanes)
    lanes /= 2;
  return lanes;
}

GemmResult mpc::resultOf(GpuKernel &k, const GemmProblem &p, int64_t most) {
  int64_t lanes = std::min(outputLanes(k.kernel, p.n), most);
  auto write = [&k, &p, lanes](ThreadBuilder &b, Value sum, Value batch,
                               Value row, Value column) {
    Value at[] = {b.index(batch), b.index(row), b.index(column)};
    sum = p.scaled(b, k.elements, sum, at[1], at[2], lanes);
    k.elements.store(b, k.loc, {{p.result, sum}},
                     p.indices(p.result, at[0], at[1], at[2]), lanes);
  };
  return {lanes, write};
}

GemmFrame::GemmFrame(GpuKernel &kernel, const GemmExtents &extents,
                     const GemmGrid &grid, GemmResult result)
    : b(kernel.loc, kernel.b), k(kernel), extents(extents), grid(grid),
      result(std::move(result)) {
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
  place.column = b.mul(next(grid.columnTiles(extents)), grid.columns);
  place.row = b.mul(next(grid.rowTiles(extents)), grid.rows);
  place.part = next(grid.parts);
  place.batch = rest;
  return place;
}

std::pair<Value, Value> mpc::depthsOfPart(ThreadBuilder &b, Value part,
                                          int64_t parts, int64_t partDepth,
                                          int64_t depth) {
  Value end = b.number(depth);
  if (parts == 1)
    return {b.number(0), end};
  Value first = b.mul(part, partDepth);
  Value next = b.add(first, partDepth);
  return {first, b.select(b.less(next, end), next, end)};
}

void GemmFrame::writeTile(const GemmPlace &place, Value thread,
                          int64_t threads) {
  int64_t lanes = result.lanes, chunks = grid.columns / lanes;
  auto write = [&](Value chunk) {
    Value inRow = b.div(chunk, chunks);
    Value inColumn = b.mul(b.rem(chunk, chunks), lanes);
    Value row = b.add(place.row, inRow), column = b.add(place.column, inColumn);
    Value inside = b.both(b.less(row, extents.m), b.less(column, extents.n));
    b.branch(inside, [&] {
      Value from = b.mul(b.mulAdd(inRow, grid.pitch(), inColumn), 4);
      Value sum = b.load(b.at(k.shared, from), b.getF32Type(), lanes);
      if (grid.parts == 1)
        return result.write(b, sum, place.batch, row, column);
      Value at[] = {b.index(place.part), b.index(place.batch), b.index(row),
                    b.index(column)};
      if (lanes == 1)
        memref::StoreOp::create(b, sum, k.workspaces[0], at);
      else
        vector::StoreOp::create(b, sum, k.workspaces[0], at,
                                /*nontemporal=*/false, partAlignment());
    });
  };
  int64_t work = grid.rows * chunks;
  b.loop(b.number(0), b.number(work / threads), 1,
         [&](Value turn) { write(b.mulAdd(turn, threads, thread)); });
  if (int64_t rest = work % threads)
    b.branch(b.less(thread, rest), [&] { write(b.add(thread, work - rest)); });
}

// Whole vectors lie in each row; no access is wider than 16 bytes.
llvm::MaybeAlign GemmFrame::partAlignment() const {
  return llvm::Align(uint64_t(std::min<int64_t>(result.lanes * 4, 16)));
}

Value GemmFrame::loadPart(Value part, ValueRange at) {
  Values indices = {b.index(part)};
  llvm::append_range(indices, at);
  if (result.lanes == 1)
    return memref::LoadOp::create(b, k.workspaces[0], indices);
  auto type = cast<VectorType>(withLanes(b.getF32Type(), result.lanes));
  return vector::LoadOp::create(b, type, k.workspaces[0], indices,
                                /*nontemporal=*/false, partAlignment());
}

// As many parts are on their way at a time as fit 32 registers.
Value GemmFrame::sumParts(Value rank, ValueRange at) {
  int64_t group = 32 / result.lanes, team = grid.addingTeam();
  auto part = [&](Value turn) { return b.mulAdd(turn, team, rank); };
  auto add = [&](Value turn, Value sum, int64_t count) {
    Values loaded;
    for (int64_t i = 0; i < count; ++i)
      loaded.push_back(loadPart(part(b.add(turn, i)), at));
    for (Value one : loaded)
      sum = arith::AddFOp::create(b, sum, one);
    return sum;
  };
  int64_t turns = grid.parts / team, whole = turns - turns % group;
  Value sum = b.zero(withLanes(b.getF32Type(), result.lanes));
  sum = b.loop(b.number(0), b.number(whole), group, sum,
               [&](Value turn, ValueRange before) -> Values {
                 return {add(turn, before[0], group)};
               })[0];
  sum = add(b.number(whole), sum, turns - whole);
  int64_t rest = grid.parts % team;
  if (rest == 0)
    return sum;
  Value isThere = b.less(rank, rest);
  Value last = b.select(isThere, part(b.number(turns)), b.number(0));
  Value more = arith::AddFOp::create(b, sum, loadPart(last, at));
  return b.select(isThere, more, sum);
}

void GemmFrame::emit(EmitSums emitSums) {
  if (k.phase == 1)
    return addParts();
  GemmPlace at = place();
  auto [first, end] =
      depthsOfPart(b, at.part, grid.parts, grid.partDepth, extents.k);
  emitSums(at, first, end);
  b.barrier();
  writeTile(at, b.thread(), grid.threads);
}

void GemmFrame::addParts() {
  int64_t lanes = result.lanes, chunks = extents.n / lanes;
  int64_t work = extents.batches * extents.m * chunks;
  Value rank = b.div(b.thread(), addingSide);
  Value beside = b.rem(b.thread(), addingSide);
  Value chunk = b.mulAdd(b.block(), addingSide, beside);
  // Threads behind the end read what is there and write nothing.
  Value isInside = b.less(chunk, work);
  chunk = b.select(isInside, chunk, b.number(work - 1));
  Value column = b.mul(b.rem(chunk, chunks), lanes);
  Value line = b.div(chunk, chunks);
  Value row = b.rem(line, extents.m), batch = b.div(line, extents.m);
  Value at[] = {b.index(batch), b.index(row), b.index(column)};
  auto place = [&](Value of) {
    return b.at(k.shared, b.mul(b.mulAdd(of, addingSide, beside), lanes * 4));
  };
  b.store(sumParts(rank, at), place(rank));
  b.barrier();
  b.branch(b.both(isInside, b.equal(rank, 0)), [&] {
    Value sum;
    for (int64_t i = 0; i < grid.addingTeam(); ++i) {
      Value one = b.load(place(b.number(i)), b.getF32Type(), lanes);
      sum = sum ? arith::AddFOp::create(b, sum, one) : one;
    }
    result.write(b, sum, batch, row, column);
  });
}
