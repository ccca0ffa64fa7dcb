// The gradient of gather: each row of the result is the sum of what its indices
// took, in their order. The first phases thread the indices of each row into a
// list, and in the last one each element walks the list of its row, so that it
// has one writer and one order whatever the number of threads.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/RowLists.h"

using namespace mlir;
using namespace mpc;

// Elements of one column whose list a thread walks once.
static constexpr int64_t columnElements = 8;

namespace {
/// The result as positions in front of the axis, rows, and what is behind.
struct Problem {
  Value gradient, indices;
  ArrayRef<int64_t> shape;
  size_t axis;
  bool inColumns; ///< a GPU's threads are at neighbouring rows of the last axis

  explicit Problem(KernelOp kernel) {
    auto op = cast<GatherGradOp>(kernel.getRootOp());
    gradient = op.getGradient();
    indices = op.getIndices();
    shape = shapeOf(op.getResult());
    axis = op.getAxis();
    inColumns = targetOf(kernel).isGpu() && axis + 1 == shape.size();
  }

  RowLists lists() const { return {indices, shape[axis]}; }
  int64_t outer() const { return elementCount(shape.take_front(axis)); }
  /// The gradient's indices of what index `number` took to `at`.
  SmallVector<Value> source(LoopBuilder &b, ValueRange at, Value number) const {
    SmallVector<Value> from(at.take_front(axis));
    llvm::append_range(from, indicesOf(b, number, shapeOf(indices)));
    llvm::append_range(from, at.drop_front(axis + 1));
    return from;
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  Problem problem(kernel);
  auto tiles = problem.lists().tiles(targetOf(kernel));
  tiles.push_back(problem.inColumns
                      ? llvm::divideCeil(problem.outer(), columnElements) *
                            problem.shape.back()
                      : resultTiles(kernel)[0]);
  return tiles;
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel) {
  return Problem(kernel).lists().workspaces(targetOf(kernel));
}

static void emitRows(TileKernel &k, const Problem &problem) {
  LoopBuilder b(k.loc, k.b);
  k.elements.assumeWholeVectors();
  bool contiguous = problem.axis + 1 < problem.shape.size();
  auto body = [&](ValueRange at, int64_t lanes) {
    Value sum = problem.lists().fold(
        k, b, at[problem.axis], b.f32(0, lanes),
        [&](LoopBuilder &inner, Value number,
            ValueRange sum) -> LoopBuilder::Values {
          Value element = elementOf(k, inner, problem.gradient,
                                    problem.source(inner, at, number), lanes);
          return {arith::AddFOp::create(inner, sum[0], element)};
        })[0];
    storeResult(k, b, sum, at, lanes);
  };
  forElements(b, Rows(problem.shape, grainOf(k.kernel).elements), k.firstTile,
              k.endTile, contiguous ? rowLanes : 1, body);
}

// What is too many in the last tile is the last element once more.
static void emitColumns(TileKernel &k, const Problem &problem) {
  int64_t outer = problem.outer(), columns = problem.shape.back();
  k.forTiles([&](Value tile) {
    LoopBuilder b(k.loc, k.b);
    Value column = b.rem(tile, columns);
    Value first = b.mul(b.div(tile, columns), columnElements);
    SmallVector<SmallVector<Value>> places;
    for (int64_t i = 0; i < std::min(columnElements, outer); ++i) {
      Value position = b.min(b.add(first, i), outer - 1);
      places.push_back(
          indicesOf(b, position, problem.shape.take_front(problem.axis)));
      places.back().push_back(column);
    }
    auto sums = problem.lists().fold(
        k, b, column, SmallVector<Value>(places.size(), b.f32(0)),
        [&](LoopBuilder &inner, Value number, ValueRange sums) {
          LoopBuilder::Values next;
          for (auto [at, sum] : llvm::zip_equal(places, sums))
            next.push_back(arith::AddFOp::create(
                inner, sum,
                elementOf(k, inner, problem.gradient,
                          problem.source(inner, at, number))));
          return next;
        });
    for (auto [at, sum] : llvm::zip_equal(places, sums))
      storeResult(k, b, sum, at);
  });
}

static LogicalResult emitGatherGrad(TileKernel &k) {
  Problem problem(k.kernel);
  if (problem.lists().build(k))
    return success();
  if (problem.inColumns)
    emitColumns(k, problem);
  else
    emitRows(k, problem);
  return success();
}

const TileEmitter mpc::gatherGradEmitter = {
    "mpc.gather_grad", tilesOf, workspacesOf, emitGatherGrad, RowLists::team};
