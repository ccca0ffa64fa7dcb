// Scatter and the gradient of gather. Both bring several numbers to one row, in
// the order of the indices. Phase 0 threads the indices of each row into a
// list; in phase 1 each element of the result walks the list of its row, so
// that it has one writer and one order whatever the number of threads.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/Rows.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mpc;

namespace {
/// The lists: workspace 0 has the first index of each row, workspace 1 the next
/// one of each index; -1 ends a list.
class RowLists {
public:
  RowLists(TileKernel &k, LoopBuilder &b)
      : first(k.workspaces[0]), next(k.workspaces[1]), k(k), b(b) {}

  static SmallVector<MemRefType> workspaces(Value indices, int64_t rows) {
    auto i64 = IntegerType::get(indices.getContext(), 64);
    int64_t count = elementCount(shapeOf(indices));
    return {MemRefType::get({rows}, i64),
            MemRefType::get({std::max<int64_t>(count, 1)}, i64)};
  }

  /// From the last index to the first, so that lists ascend.
  void build(Value indices, int64_t rows) {
    Value none = intConstant(b, k.loc, b.getI64Type(), -1);
    int64_t count = elementCount(shapeOf(indices));
    b.loop(k.firstTile, k.endTile, 1, [&](Value) {
      b.loop(rows,
             [&](Value row) { memref::StoreOp::create(b, none, first, row); });
      b.loop(count, [&](Value i) {
        Value number = b.sub(b.index(count - 1), i);
        Value row =
            rowOf(k, b, indices, indicesOf(b, number, shapeOf(indices)), rows);
        memref::StoreOp::create(b, memref::LoadOp::create(b, first, row), next,
                                number);
        memref::StoreOp::create(
            b, arith::IndexCastOp::create(b, b.getI64Type(), number), first,
            row);
      });
    });
  }

  /// Folds body(number, value) over the indices of `row` in order.
  Value fold(Value row, Value init,
             llvm::function_ref<Value(LoopBuilder &, Value, Value)> body) {
    Value zero = intConstant(b, k.loc, b.getI64Type(), 0);
    auto loop = scf::WhileOp::create(
        b, TypeRange{b.getI64Type(), init.getType()},
        ValueRange{memref::LoadOp::create(b, first, row), init},
        [&](OpBuilder &nested, Location loc, ValueRange v) {
          Value more = arith::CmpIOp::create(
              nested, loc, arith::CmpIPredicate::sge, v[0], zero);
          scf::ConditionOp::create(nested, loc, more, v);
        },
        [&](OpBuilder &nested, Location loc, ValueRange v) {
          LoopBuilder inner(loc, nested);
          Value number =
              arith::IndexCastOp::create(inner, inner.getIndexType(), v[0]);
          Value value = body(inner, number, v[1]);
          Value following = memref::LoadOp::create(inner, next, number);
          scf::YieldOp::create(inner, ValueRange{following, value});
        });
    return loop.getResult(1);
  }

private:
  Value first, next;
  TileKernel &k;
  LoopBuilder &b;
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  return {1, resultTiles(kernel)[0]};
}

static SmallVector<MemRefType> gatherGradWorkspaces(KernelOp kernel) {
  auto op = cast<GatherGradOp>(rootOf(kernel));
  return RowLists::workspaces(op.getIndices(),
                              shapeOf(op.getResult())[op.getAxis()]);
}

static LogicalResult emitGatherGrad(TileKernel &k) {
  auto op = cast<GatherGradOp>(k.root);
  LoopBuilder b(k.loc, k.b);
  RowLists lists(k, b);
  ArrayRef<int64_t> shape = shapeOf(op.getResult());
  size_t axis = op.getAxis();
  if (k.phase == 0) {
    lists.build(op.getIndices(), shape[axis]);
    return success();
  }
  bool contiguous = axis + 1 < shape.size();
  forElements(b, Rows(shape, grainOf(op).elements), k.firstTile, k.endTile,
              contiguous ? rowLanes : 1, [&](ValueRange at, int64_t lanes) {
                Value sum = lists.fold(
                    at[axis], b.f32(0, lanes),
                    [&](LoopBuilder &inner, Value number, Value sum) -> Value {
                      SmallVector<Value> from(at.take_front(axis));
                      llvm::append_range(
                          from,
                          indicesOf(inner, number, shapeOf(op.getIndices())));
                      llvm::append_range(from, at.drop_front(axis + 1));
                      return arith::AddFOp::create(
                          inner, sum,
                          elementOf(k, inner, op.getGradient(), from, lanes));
                    });
                storeResult(k, b, sum, at, lanes);
              });
  return success();
}

static SmallVector<MemRefType> scatterWorkspaces(KernelOp kernel) {
  auto op = cast<ScatterOp>(rootOf(kernel));
  return RowLists::workspaces(op.getIndices(), shapeOf(op.getData())[0]);
}

static Value combineFloats(LoopBuilder &b, ScatterReduction reduction, Value x,
                           Value update) {
  switch (reduction) {
  case ScatterReduction::None:
    return update;
  case ScatterReduction::Add:
    return arith::AddFOp::create(b, x, update);
  case ScatterReduction::Mul:
    return arith::MulFOp::create(b, x, update);
  case ScatterReduction::Max:
    return arith::MaximumFOp::create(b, x, update);
  case ScatterReduction::Min:
    return arith::MinimumFOp::create(b, x, update);
  }
  llvm_unreachable("no such reduction");
}

// A boolean is 0 or 1, so it is compared without a sign.
static Value combineIntegers(LoopBuilder &b, ScatterReduction reduction,
                             Value x, Value update) {
  bool isBoolean = getElementTypeOrSelf(x.getType()).isInteger(1);
  switch (reduction) {
  case ScatterReduction::None:
    return update;
  case ScatterReduction::Add:
    return arith::AddIOp::create(b, x, update);
  case ScatterReduction::Mul:
    return arith::MulIOp::create(b, x, update);
  case ScatterReduction::Max:
    if (isBoolean)
      return arith::MaxUIOp::create(b, x, update);
    return arith::MaxSIOp::create(b, x, update);
  case ScatterReduction::Min:
    if (isBoolean)
      return arith::MinUIOp::create(b, x, update);
    return arith::MinSIOp::create(b, x, update);
  }
  llvm_unreachable("no such reduction");
}

static LogicalResult emitScatter(TileKernel &k) {
  auto op = cast<ScatterOp>(k.root);
  LoopBuilder b(k.loc, k.b);
  RowLists lists(k, b);
  ArrayRef<int64_t> shape = shapeOf(op.getResult());
  if (k.phase == 0) {
    lists.build(op.getIndices(), shape[0]);
    return success();
  }
  auto combine = isa<FloatType>(elementTypeOf(op.getData())) ? combineFloats
                                                             : combineIntegers;
  forElements(
      b, Rows(shape, grainOf(op).elements), k.firstTile, k.endTile,
      shape.size() > 1 ? rowLanes : 1, [&](ValueRange at, int64_t lanes) {
        Value element = lists.fold(
            at[0], elementOf(k, b, op.getData(), at, lanes),
            [&](LoopBuilder &inner, Value number, Value old) -> Value {
              SmallVector<Value> from = {number};
              llvm::append_range(from, at.drop_front());
              return combine(inner, op.getReduction(), old,
                             elementOf(k, inner, op.getUpdates(), from, lanes));
            });
        storeResult(k, b, element, at, lanes);
      });
  return success();
}

const TileEmitter mpc::gatherGradEmitter = {
    "mpc.gather_grad", tilesOf, gatherGradWorkspaces, emitGatherGrad};
const TileEmitter mpc::scatterEmitter = {"mpc.scatter", tilesOf,
                                         scatterWorkspaces, emitScatter};
