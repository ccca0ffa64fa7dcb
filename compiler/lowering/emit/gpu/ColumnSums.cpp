// reduce_sum for GPUs where it sums columns, such as gradients of biases: over
// all dimensions but the last. Other sums are those of Reduction.cpp.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/Rows.h"
#include "compiler/lowering/emit/gpu/ColumnParts.h"
#include "compiler/lowering/emit/gpu/GpuEmitters.h"
#include <optional>

using namespace mlir;
using namespace mpc;

static std::optional<Columns> columnsOf(KernelOp kernel) {
  constexpr int64_t fewRows = 32;
  auto op = cast<ReduceSumOp>(kernel.getRootOp());
  ArrayRef<int64_t> shape = shapeOf(op.getInput());
  bool allButLast = op.getAxes().size() + 1 == shape.size() &&
                    !llvm::is_contained(op.getAxes(), shape.size() - 1);
  if (!allButLast || !isa<FloatType>(elementTypeOf(op.getInput())))
    return std::nullopt;
  if (shape.back() < 2 || elementCount(shape.drop_back()) < fewRows)
    return std::nullopt;
  return Columns{Shape(shape),
                 int64_t(shape.size()) - 1,
                 accessLanes(kernel),
                 {readBits(op.getInput())}};
}

namespace {
class ColumnSums : public ColumnParts {
public:
  using ColumnParts::ColumnParts;

private:
  ReduceSumOp op() const { return cast<ReduceSumOp>(k.root); }

  Values load(Value row, Value column, int64_t lanes) override {
    Values at = indicesOf(b, row, shapeOf(op().getInput()).drop_back());
    at.push_back(column);
    return {k.load(op().getInput(), at, lanes)};
  }

  void store(Value column, ValueRange totals) override {
    Values to;
    if (op().getKeepDims())
      to.assign(shapeOf(op().getInput()).size() - 1, b.index(0));
    to.push_back(column);
    k.store({{op().getResult(), totals[0]}}, to);
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  auto columns = columnsOf(kernel);
  if (!columns)
    return reduceSumEmitter.tiles(kernel);
  return llvm::map_to_vector(
      stripsOf(*columns),
      [](const ColumnStrips &strips) { return strips.tiles(); });
}

static TeamShape teamOf(KernelOp kernel, int64_t phase) {
  if (auto columns = columnsOf(kernel))
    return stripsOf(*columns)[size_t(phase)].team();
  return reduceSumEmitter.team(kernel, phase);
}

static LogicalResult emitSums(TileKernel &k) {
  auto columns = columnsOf(k.kernel);
  if (!columns)
    return reduceSumEmitter.emit(k);
  ColumnSums(k, *columns, size_t(k.phase)).run();
  return success();
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel) {
  if (auto columns = columnsOf(kernel))
    return partSums(kernel, *columns);
  return reduceSumEmitter.workspaces(kernel);
}

const TileEmitter mpc::columnSumsEmitter = {"mpc.reduce_sum", tilesOf,
                                            workspacesOf, emitSums, teamOf};
