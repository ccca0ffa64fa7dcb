// Matrix products in true f32, without tensor cores: for f32 operands, and for
// everything that no other emitter takes.
//
// A block sums one tile of the result. It walks the depth in steps; both
// operands of a step lie in shared memory as f32, depth first, twice: while the
// threads multiply one step, the next is on its way through registers. A thread
// owns threadRows x threadColumns sums, in groups of at most 4 neighbours so
// that it reads its operands 16 bytes at a time.
//
// The sums are the CPU's, bit for bit (MatrixProduct.h): products are added by
// fma, ascending, inside of blocks of productDepth, and the blocks' sums are
// added in order. A depth that is cut into parts is cut into these blocks.
#include "compiler/lowering/Emitter.h"
#include "compiler/lowering/ScalarOps.h"
#include "compiler/lowering/emit/MatrixProduct.h"
#include "compiler/lowering/emit/gpu/GemmGrid.h"
#include "compiler/lowering/emit/gpu/GpuEmitters.h"
#include "compiler/lowering/emit/gpu/SimtTiles.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mpc;

namespace {
struct SimtPlan : GemmProblem {
  SimtTile tile;
  GemmGrid grid;

  explicit SimtPlan(KernelOp kernel)
      : GemmProblem(rootOf(kernel)),
        tile(chooseSimtTile(batches, m, n, k, productDepth)),
        grid{tile.rows, tile.columns, tile.threads(), tile.parts,
             productDepth} {}
  int64_t sharedBytes() const {
    return std::max(2 * tile.stepFloats() * 4, grid.tileBytes());
  }
};

/// One operand's way from global to shared memory.
struct OperandLoader {
  Value value;
  bool depthFirst; ///< in memory depth is the last dimension
  int64_t extent;  ///< of the result's dimension: m or n
  int64_t width;   ///< of that in the tile
  int64_t offset;  ///< of the operand in a step's shared memory, in floats
  int64_t lanes;   ///< read at once
  int64_t vectors; ///< per thread and step
};

class SimtGemm {
public:
  explicit SimtGemm(GpuKernel &kernel)
      : k(kernel), plan(kernel.kernel), tile(plan.tile),
        frame(kernel, plan, plan.grid, resultOf(kernel, plan)), b(frame.b),
        left(loader(plan.a, !plan.transA, plan.m, tile.rows, 0)),
        right(loader(plan.b, plan.transB, plan.n, tile.columns,
                     tile.depth * tile.pitch(tile.rows))) {}

  void emit() {
    if (k.phase == 1)
      return frame.addParts();
    thread = b.thread();
    place = frame.place();
    std::tie(first, end) = frame.depths(place);
    sums.assign(size_t(tile.threadRows * columnGroups()), zeros());
    keep(fetch(first), b.number(0));
    if (plan.k <= productDepth || plan.grid.parts > 1) {
      sums = addSums(sums, sumBlock(first, end));
    } else {
      sums = b.loop(first, end, productDepth, sums,
                    [&](Value block, ValueRange before) {
                      Value next = b.add(block, productDepth);
                      next = b.select(b.less(next, end), next, end);
                      return addSums(before, sumBlock(block, next));
                    });
    }
    b.barrier();
    writeSums();
    b.barrier();
    frame.writeTile(place, thread, tile.threads());
  }

private:
  using Values = ThreadBuilder::Values;

  GpuKernel &k;
  SimtPlan plan;
  SimtTile tile;
  GemmFrame frame;
  ThreadBuilder &b;
  OperandLoader left, right;
  Value thread, first, end;
  GemmPlace place;
  Values sums;

  int64_t columnWidth() const {
    return std::min<int64_t>(tile.threadColumns, 4);
  }
  int64_t columnGroups() const { return tile.threadColumns / columnWidth(); }
  Value zeros() { return b.zero(withLanes(b.getF32Type(), columnWidth())); }

  OperandLoader loader(Value value, bool depthFirst, int64_t extent,
                       int64_t width, int64_t offset) {
    int64_t row = depthFirst ? plan.k : extent, lanes = 4;
    while (row % lanes)
      lanes /= 2;
    return {value,
            depthFirst,
            extent,
            width,
            offset,
            lanes,
            width * tile.depth / (tile.threads() * lanes)};
  }

  /// Where vector `i` of this thread lies in a step of the operand.
  struct Spot {
    Value at, depth;
  };
  Spot spot(const OperandLoader &from, int64_t i) {
    Value vector = b.add(thread, i * tile.threads());
    int64_t line = (from.depthFirst ? tile.depth : from.width) / from.lanes;
    Value along = b.mul(b.rem(vector, line), from.lanes);
    Value across = b.div(vector, line);
    return from.depthFirst ? Spot{across, along} : Spot{along, across};
  }

  // Elements beyond the matrix are zeros: in the depth both operands have them,
  // elsewhere they only meet sums that are not stored.
  Value fetchVector(const OperandLoader &from, Value tileStart, Value step,
                    int64_t i) {
    Spot here = spot(from, i);
    Value at = b.add(tileStart, here.at), depth = b.add(step, here.depth);
    Value inside;
    if (from.extent % from.width)
      inside = b.less(at, from.extent);
    if (plan.k % tile.depth) {
      Value deep = b.less(depth, plan.k);
      inside = inside ? b.both(inside, deep) : deep;
    }
    Value fallback = b.zero(withLanes(b.getF32Type(), from.lanes));
    auto read = [&]() -> Values {
      Value row = b.index(at), column = b.index(depth);
      if (!from.depthFirst)
        std::swap(row, column);
      return {k.elements.load(
          b, k.loc, from.value,
          plan.indices(from.value, b.index(place.batch), row, column),
          from.lanes)};
    };
    return b.guarded(inside, fallback, read)[0];
  }

  // What this thread brings of the step that starts at depth `step`.
  Values fetch(Value step) {
    Values fetched;
    for (int64_t i = 0; i < left.vectors; ++i)
      fetched.push_back(fetchVector(left, place.row, step, i));
    for (int64_t i = 0; i < right.vectors; ++i)
      fetched.push_back(fetchVector(right, place.column, step, i));
    return fetched;
  }

  // Puts it into shared buffer 0 or 1.
  void keep(ArrayRef<Value> fetched, Value buffer) {
    for (const OperandLoader *to : {&left, &right}) {
      int64_t pitch = tile.pitch(to->width);
      for (int64_t i = 0; i < to->vectors; ++i) {
        Spot here = spot(*to, i);
        Value float0 = b.add(b.mulAdd(here.depth, pitch, here.at), to->offset);
        Value base = b.at(
            k.shared, b.mul(b.mulAdd(buffer, tile.stepFloats(), float0), 4));
        if (to->depthFirst)
          for (int64_t lane = 0; lane < to->lanes; ++lane)
            b.store(b.extract(fetched[i], lane), b.at(base, lane * pitch * 4));
        else
          b.store(fetched[i], base);
      }
      fetched = fetched.drop_front(to->vectors);
    }
  }

  // The sums over depths [begin, last), at most productDepth of them. The step
  // at `begin` is in shared memory already, and so will be the one at `last`.
  Values sumBlock(Value begin, Value last) {
    Values parts(sums.size(), zeros());
    return b.loop(begin, last, tile.depth, parts,
                  [&](Value step, ValueRange carried) {
                    b.barrier();
                    Value next = b.add(step, tile.depth);
                    Value buffer = b.rem(b.div(step, tile.depth), 2);
                    Values fetched = fetchNext(next);
                    Values result = multiply(buffer, carried);
                    keep(fetched, b.sub(b.number(1), buffer));
                    return result;
                  });
  }

  // Past the end nothing is read; what is kept then is never used.
  Values fetchNext(Value step) {
    Values zeros;
    for (const OperandLoader *from : {&left, &right})
      zeros.append(from->vectors,
                   b.zero(withLanes(b.getF32Type(), from->lanes)));
    return b.guarded(b.less(step, end), zeros, [&] { return fetch(step); });
  }

  Values multiply(Value buffer, ValueRange carried) {
    Values next(carried);
    for (int64_t depth = 0; depth < tile.depth; ++depth) {
      Values rows = fragment(left, buffer, depth, threadRow(), tile.threadRows);
      Values columns =
          fragment(right, buffer, depth, threadColumn(), tile.threadColumns);
      int64_t height = tile.threadRows / int64_t(rows.size());
      for (int64_t r = 0; r < tile.threadRows; ++r) {
        Value one = b.extract(rows[r / height], r % height);
        Value row = broadcastLanes(b, k.loc, one, columnWidth());
        for (int64_t c = 0; c < columnGroups(); ++c) {
          Value &sum = next[r * columnGroups() + c];
          sum = math::FmaOp::create(b, row, columns[c], sum);
        }
      }
    }
    return next;
  }

  Value threadRow() { return b.div(thread, tile.columns / tile.threadColumns); }
  Value threadColumn() {
    return b.rem(thread, tile.columns / tile.threadColumns);
  }

  // A thread's elements of one depth: groups of `width`, spread evenly.
  Values fragment(const OperandLoader &from, Value buffer, int64_t depth,
                  Value place, int64_t count) {
    int64_t width = std::min<int64_t>(count, 4), groups = count / width;
    int64_t start = depth * tile.pitch(from.width) + from.offset;
    Value base = b.add(b.mul(buffer, tile.stepFloats()), b.mul(place, width));
    Values result;
    for (int64_t g = 0; g < groups; ++g) {
      Value at = b.add(base, start + g * (from.width / groups));
      result.push_back(
          b.load(b.at(k.shared, b.mul(at, 4)), b.getF32Type(), width));
    }
    return result;
  }

  Values addSums(ValueRange before, ArrayRef<Value> parts) {
    Values after;
    for (auto [sum, part] : llvm::zip_equal(before, parts))
      after.push_back(arith::AddFOp::create(b, sum, part));
    return after;
  }

  void writeSums() {
    int64_t height = std::min<int64_t>(tile.threadRows, 4);
    int64_t rowGroups = tile.threadRows / height;
    for (int64_t r = 0; r < tile.threadRows; ++r) {
      Value row = b.add(b.mul(threadRow(), height),
                        r / height * (tile.rows / rowGroups) + r % height);
      for (int64_t c = 0; c < columnGroups(); ++c) {
        Value column = b.add(b.mul(threadColumn(), columnWidth()),
                             c * (tile.columns / columnGroups()));
        Value at = b.mul(b.mulAdd(row, plan.grid.pitch(), column), 4);
        b.store(sums[r * columnGroups() + c], b.at(k.shared, at));
      }
    }
  }
};
} // namespace

static bool suits(KernelOp kernel, Target) {
  return isGridPossible(GemmProblem(rootOf(kernel)));
}

static SmallVector<GpuPhase> phasesOf(KernelOp kernel, Target) {
  SimtPlan plan(kernel);
  return plan.grid.phases(plan, plan.sharedBytes(),
                          outputLanes(kernel, plan.n));
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel, Target) {
  SimtPlan plan(kernel);
  return plan.grid.workspaces(plan, kernel.getContext());
}

static LogicalResult emitSimtGemm(GpuKernel &k) {
  SimtGemm(k).emit();
  return success();
}

const GpuEmitter mpc::simtGemmEmitter = {"mpc.gemm", suits, phasesOf,
                                         workspacesOf, emitSimtGemm};
const GpuEmitter mpc::simtBatchMatmulEmitter = {
    "mpc.batch_matmul", suits, phasesOf, workspacesOf, emitSimtGemm};
