// Transposes, one result element at a time; lanes where both sides are
// contiguous.
#include "compiler/lowering/emit/Emitters.h"

using namespace mlir;
using namespace mpc;

static constexpr int64_t tileElements = 16384;

namespace {
struct Grid {
  ArrayRef<int64_t> shape; ///< of the result
  int64_t columns, rows, rowsPerTile;

  explicit Grid(Operation *root) : shape(shapeOf(root->getResult(0))) {
    columns = shape.empty() ? 1 : shape.back();
    rows = elementCount(shape) / std::max<int64_t>(columns, 1);
    rowsPerTile =
        std::clamp<int64_t>(tileElements / std::max<int64_t>(columns, 1), 1,
                            std::max<int64_t>(rows, 1));
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  Grid grid(rootOf(kernel));
  return {(grid.rows + grid.rowsPerTile - 1) / grid.rowsPerTile};
}

static LogicalResult emitTranspose(CpuKernel &k) {
  auto op = cast<TransposeOp>(k.root);
  ArrayRef<int64_t> perm = op.getPerm();
  Grid grid(k.root);
  if (grid.shape.empty()) {
    k.forTiles([&](Value) {
      k.store({{op.getResult(), k.load(op.getInput(), {})}}, {});
    });
    return success();
  }
  bool contiguous = perm.back() == int64_t(perm.size()) - 1;
  int64_t lanes = contiguous && grid.columns >= 8 ? 8 : 1;
  auto move = [&](ArrayRef<Value> at, int64_t n) {
    SmallVector<Value> from(perm.size());
    for (auto [d, index] : llvm::zip_equal(perm, at))
      from[size_t(d)] = index;
    k.store({{op.getResult(), k.load(op.getInput(), from, n)}}, at, n);
  };
  k.forTiles([&](Value tile) {
    Value row = k.times(tile, grid.rowsPerTile);
    Value end = k.blockEnd(row, grid.rowsPerTile, grid.rows);
    k.forRange(row, end, 1, [&](Value r) {
      SmallVector<Value> at = k.split(r, grid.shape.drop_back());
      at.push_back({});
      k.forLanes(k.index(0), k.index(grid.columns), lanes,
                 [&](Value i, int64_t n) {
                   at.back() = i;
                   move(at, n);
                 });
    });
  });
  return success();
}

const CpuEmitter mpc::transposeEmitter = {"mpc.transpose", tilesOf, nullptr,
                                          emitTranspose};
