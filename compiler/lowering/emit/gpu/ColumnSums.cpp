// Sums of columns for GPUs, such as gradients of biases: reduce_sum over all
// dimensions but the last. A tile is a vector of columns; two of them lie side
// by side in a block, so that a row's part is a whole sector of memory. Threads
// of a team are at rows a team apart, several of which are on their way at a
// time. Other sums are those of Reduction.cpp.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/Rows.h"
#include "compiler/lowering/emit/gpu/GpuEmitters.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <numeric>
#include <optional>

using namespace mlir;
using namespace mpc;

using Values = SmallVector<Value>;

static constexpr int64_t warp = 32, side = 2;

namespace {
/// The operand as a matrix of rows that are added.
struct ColumnPlan {
  int64_t rows, columns;
  int64_t lanes; ///< columns of a tile
  int64_t size;  ///< threads of a team

  static std::optional<ColumnPlan> of(KernelOp kernel);

  int64_t tiles() const { return columns / lanes; }
  TeamShape team() const { return {.size = size, .columns = side}; }
};
} // namespace

std::optional<ColumnPlan> ColumnPlan::of(KernelOp kernel) {
  constexpr int64_t mostLanes = 8, rowsOfThread = 8, mostThreads = 1024;
  auto op = cast<ReduceSumOp>(kernel.getRootOp());
  ArrayRef<int64_t> shape = shapeOf(op.getInput());
  bool allButLast = op.getAxes().size() + 1 == shape.size() &&
                    !llvm::is_contained(op.getAxes(), shape.size() - 1);
  if (!allButLast || !isa<FloatType>(elementTypeOf(op.getInput())))
    return std::nullopt;
  ColumnPlan plan;
  plan.columns = shape.back();
  plan.rows = elementCount(shape.drop_back());
  plan.lanes = std::gcd(plan.columns, mostLanes);
  bool isOdd = plan.lanes == 1 && plan.columns >= warp;
  if (plan.columns < 2 || plan.rows < warp || isOdd ||
      plan.rows > std::numeric_limits<int32_t>::max())
    return std::nullopt;
  plan.size =
      std::clamp<int64_t>(int64_t(llvm::PowerOf2Ceil(uint64_t(
                              llvm::divideCeil(plan.rows, rowsOfThread)))),
                          warp / side, mostThreads / side);
  return plan;
}

namespace {
class ColumnSums {
public:
  ColumnSums(TileKernel &kernel, const ColumnPlan &plan)
      : plan(plan), b(kernel.loc, kernel.b), k(kernel.with(b)),
        op(cast<ReduceSumOp>(kernel.root)) {
    k.elements.assumeWholeVectors();
  }

  void run() {
    k.forTiles([&](Value tile) {
      Value column = b.mul(tile, plan.lanes);
      finish(joinWarp(ofThread(column)), column);
    });
  }

private:
  const ColumnPlan &plan;
  LoopBuilder b;
  TileKernel k; ///< emits through `b`
  ReduceSumOp op;

  Value load(Value row, Value column) {
    Values at = indicesOf(b, row, shapeOf(op.getInput()).drop_back());
    at.push_back(column);
    return k.load(op.getInput(), at, plan.lanes);
  }

  // Rows whose loads fit 32 registers.
  int64_t group() {
    bool isRead = isa<BlockArgument>(op.getInput());
    int64_t bits =
        isRead ? elementTypeOf(op.getInput()).getIntOrFloatBitWidth() : 32;
    return std::min<int64_t>(8, 1024 / (bits * plan.lanes));
  }

  Value add(Value x, Value y) { return arith::AddFOp::create(b, x, y); }

  Value addRows(Value sum, Value first, int64_t count, Value column) {
    Values loaded;
    for (int64_t i = 0; i < count; ++i)
      loaded.push_back(load(b.add(first, i * plan.size), column));
    for (Value row : loaded)
      sum = add(sum, row);
    return sum;
  }

  // Every team-th row.
  Value ofThread(Value column) {
    int64_t turns = plan.rows / plan.size, rest = plan.rows % plan.size;
    int64_t whole = turns / group() * group();
    Value sum = b.f32(0, plan.lanes);
    auto rowOf = [&](Value turn) {
      return b.mulAdd(turn, plan.size, k.team.rank);
    };
    if (whole > 0)
      sum = b.loop(b.index(0), b.index(whole), group(), sum,
                   [&](Value turn, ValueRange before) -> Values {
                     return {addRows(before[0], rowOf(turn), group(), column)};
                   })[0];
    sum = addRows(sum, rowOf(b.index(whole)), turns - whole, column);
    if (rest == 0)
      return sum;
    return b.branch(
        b.less(k.team.rank, b.index(rest)), sum.getType(),
        [&]() -> Values {
          return {addRows(sum, rowOf(b.index(turns)), 1, column)};
        },
        [&]() -> Values { return {sum}; })[0];
  }

  Value number(int32_t value) {
    return arith::ConstantOp::create(b, b.getI32IntegerAttr(value));
  }

  Values lanesOf(Value sum) {
    if (plan.lanes == 1)
      return {sum};
    Values elements;
    for (int64_t lane = 0; lane < plan.lanes; ++lane)
      elements.push_back(vector::ExtractOp::create(b, sum, lane));
    return elements;
  }

  // The lanes' sums over those threads of the warp that have the same columns,
  // in each of them.
  Values joinWarp(Value sum) {
    Values sums = lanesOf(sum);
    for (int32_t distance = warp / 2; distance >= side; distance /= 2)
      for (Value &one : sums) {
        Value other = NVVM::ShflOp::create(b, one.getType(), number(-1), one,
                                           number(distance), number(warp - 1),
                                           NVVM::ShflKind::bfly, UnitAttr());
        one = add(one, other);
      }
    return sums;
  }

  // Sums of a warp lie behind those of the one before it: by column of tiles,
  // then by lane.
  Value place(Value warpNumber, Value lane) {
    Value tile = b.mulAdd(warpNumber, side, k.team.column);
    Value number = b.mulAdd(tile, plan.lanes, lane);
    Value wide = arith::IndexCastOp::create(b, b.getI64Type(), number);
    return LLVM::GEPOp::create(b, k.team.shared.getType(), b.getF32Type(),
                               k.team.shared, ArrayRef<LLVM::GEPArg>{wide});
  }

  // A thread per column adds the warps' sums in their order.
  void finish(ArrayRef<Value> sums, Value column) {
    constexpr int64_t ranksOfWarp = warp / side;
    Value warpNumber = b.div(k.team.rank, ranksOfWarp);
    b.branch(b.equal(b.rem(k.team.rank, ranksOfWarp), b.index(0)), [&] {
      for (auto [lane, sum] : llvm::enumerate(sums))
        LLVM::StoreOp::create(b, sum,
                              place(warpNumber, b.index(int64_t(lane))));
    });
    NVVM::BarrierOp::create(b);
    b.branch(b.less(k.team.rank, b.index(plan.lanes)), [&] {
      Value total;
      for (int64_t i = 0; i < plan.size / ranksOfWarp; ++i) {
        Value sum = LLVM::LoadOp::create(b, b.getF32Type(),
                                         place(b.index(i), k.team.rank));
        total = total ? add(total, sum) : sum;
      }
      Values to;
      if (op.getKeepDims())
        to.assign(shapeOf(op.getInput()).size() - 1, b.index(0));
      to.push_back(b.add(column, k.team.rank));
      k.store({{op.getResult(), total}}, to);
    });
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  if (auto plan = ColumnPlan::of(kernel))
    return {plan->tiles()};
  return reduceSumEmitter.tiles(kernel);
}

static TeamShape teamOf(KernelOp kernel, int64_t phase) {
  if (auto plan = ColumnPlan::of(kernel))
    return plan->team();
  return reduceSumEmitter.team(kernel, phase);
}

static LogicalResult emitSums(TileKernel &k) {
  auto plan = ColumnPlan::of(k.kernel);
  if (!plan)
    return reduceSumEmitter.emit(k);
  ColumnSums(k, *plan).run();
  return success();
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel) {
  if (ColumnPlan::of(kernel))
    return {};
  return reduceSumEmitter.workspaces(kernel);
}

const TileEmitter mpc::columnSumsEmitter = {"mpc.reduce_sum", tilesOf,
                                            workspacesOf, emitSums, teamOf};
