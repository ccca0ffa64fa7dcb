// The gradient of a table as the rows that are not zero: the lists of indices,
// which are ready before there is a gradient, and a sum for each list.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/RowLists.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mpc;

//===-- row_lists ---------------------------------------------------------===//

static RowLists listsOf(KernelOp kernel) {
  auto op = cast<RowListsOp>(kernel.getRootOp());
  return {op.getIndices(), shapeOf(op.getFirst())[0]};
}

static Rows elementsOf(KernelOp kernel, Value list) {
  return {shapeOf(list), grainOf(kernel).elements};
}

static SmallVector<int64_t> listTiles(KernelOp kernel) {
  auto tiles = listsOf(kernel).tiles(targetOf(kernel));
  tiles.push_back(0);
  for (Value list : kernel.getRootOp()->getResults())
    tiles.back() += elementsOf(kernel, list).tiles();
  return tiles;
}

static SmallVector<MemRefType> listWorkspaces(KernelOp kernel) {
  return listsOf(kernel).workspaces(targetOf(kernel));
}

// Workspaces 0 and 1 are what the lists are built in, a little larger than the
// results.
static LogicalResult emitLists(TileKernel &k) {
  if (listsOf(k.kernel).build(k))
    return success();
  LoopBuilder b(k.loc, k.b);
  k.elements.assumeWholeVectors();
  int64_t before = 0;
  for (auto [i, list] : llvm::enumerate(k.root->getResults())) {
    Value memory = k.workspaces[i];
    auto copy = [&](ValueRange at, int64_t lanes) {
      Value numbers =
          lanes == 1
              ? Value(memref::LoadOp::create(b, memory, at))
              : Value(vector::LoadOp::create(
                    b, VectorType::get({lanes}, b.getI32Type()), memory, at,
                    /*nontemporal=*/false, llvm::Align(16)));
      k.elements.store(b, k.loc, {{list, numbers}}, at, lanes);
    };
    Rows rows = elementsOf(k.kernel, list);
    Value first = b.max(b.sub(k.firstTile, b.index(before)), 0);
    Value end = b.min(b.sub(k.endTile, b.index(before)), rows.tiles());
    forElements(b, rows, first, end, rowLanes, copy);
    before += rows.tiles();
  }
  return success();
}

const TileEmitter mpc::rowListsEmitter = {
    "mpc.row_lists", listTiles, listWorkspaces, emitLists, RowLists::team};

//===-- sum_rows ----------------------------------------------------------===//

// A list that starts elsewhere is empty here.
static LogicalResult emitSums(TileKernel &k) {
  auto op = cast<SumRowsOp>(k.root);
  LoopBuilder b(k.loc, k.b);
  k.elements.assumeWholeVectors();
  ArrayRef<int64_t> shape = shapeOf(op.getResult()),
                    places = shapeOf(op.getIndices());
  int64_t rows = shapeOf(op.getFirst())[0], count = shape[0];
  auto next = [&](LoopBuilder &inner, Value number) {
    return elementOf(k, inner, op.getNext(), number);
  };
  auto body = [&](ValueRange at, int64_t lanes) {
    Value row = rowOf(k, b, op.getIndices(), indicesOf(b, at[0], places), rows);
    Value own = arith::IndexCastOp::create(b, b.getI32Type(), at[0]);
    Value isFirst = b.equal(elementOf(k, b, op.getFirst(), row), own);
    Value end = intConstant(b, k.loc, b.getI32Type(), count);
    Value sum = RowLists::foldList(
        b, b.select(isFirst, own, end), count, next, b.f32(0, lanes),
        [&](LoopBuilder &inner, Value number,
            ValueRange sum) -> LoopBuilder::Values {
          SmallVector<Value> from = indicesOf(inner, number, places);
          llvm::append_range(from, at.drop_front());
          return {arith::AddFOp::create(
              inner, sum[0],
              elementOf(k, inner, op.getGradient(), from, lanes))};
        })[0];
    storeResult(k, b, sum, at, lanes);
  };
  forElements(b, Rows(shape, grainOf(k.kernel).elements), k.firstTile,
              k.endTile, shape.size() > 1 ? rowLanes : 1, body);
  return success();
}

const TileEmitter mpc::sumRowsEmitter = {"mpc.sum_rows", resultTiles, nullptr,
                                         emitSums};
