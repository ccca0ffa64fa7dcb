// mpc.gemm and mpc.batch_matmul: every tile is one block of the result of one
// matrix, packs its own operands and applies alpha, beta and C to its f32 sums.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/GemmProblem.h"
#include "compiler/lowering/emit/MatrixProduct.h"

using namespace mlir;
using namespace mpc;

namespace {
struct GemmPlan : GemmProblem {
  RegisterTile registers;
  TileShape tile;

  explicit GemmPlan(Operation *root)
      : GemmProblem(root),
        registers(RegisterTile::forResult(vectorLanes, m, n)),
        tile(planTile(m, n, k, registers, batches)) {}
  int64_t rowTiles() const { return llvm::divideCeil(m, tile.rows); }
  int64_t columnTiles() const { return llvm::divideCeil(n, tile.columns); }
  int64_t tiles() const { return batches * rowTiles() * columnTiles(); }
};

struct GemmEmitter {
  TileKernel &k;
  GemmPlan plan;
  LoopBuilder b;
  MatrixProduct product;

  explicit GemmEmitter(TileKernel &k)
      : k(k), plan(k.root), b(k.loc, k.b),
        product(b, plan.registers, plan.tile) {}

  /// The block that one tile computes.
  struct Tile {
    Value batch, row, column, rows, columns;
  };

  Tile locate(Value tile) {
    Tile at;
    at.column = b.mul(b.rem(tile, plan.columnTiles()), plan.tile.columns);
    tile = b.div(tile, plan.columnTiles());
    at.row = b.mul(b.rem(tile, plan.rowTiles()), plan.tile.rows);
    at.batch = b.div(tile, plan.rowTiles());
    at.rows = b.min(b.sub(b.index(plan.m), at.row), plan.tile.rows);
    at.columns = b.min(b.sub(b.index(plan.n), at.column), plan.tile.columns);
    return at;
  }

  // Element(s) of A or B, `outer` being its row (column) in A' (B').
  Value operand(Value value, const Tile &tile, bool outerFirst, Value outer,
                Value depth, int64_t lanes) {
    if (!outerFirst)
      std::swap(outer, depth);
    return k.elements.load(
        b, k.loc, value, plan.indices(value, tile.batch, outer, depth), lanes);
  }

  void sumTile(const Tile &tile) {
    bool rowsFirst = !plan.transA, columnsFirst = plan.transB;
    b.loop(b.index(0), b.index(plan.k), productDepth, [&](Value base) {
      Value depth = b.min(b.sub(b.index(plan.k), base), productDepth);
      product.packA(
          tile.rows, depth, rowsFirst, [&](Value at, Value d, int64_t lanes) {
            return operand(plan.a, tile, rowsFirst, b.add(tile.row, at),
                           b.add(base, d), lanes);
          });
      product.packB(tile.columns, depth, columnsFirst,
                    [&](Value at, Value d, int64_t lanes) {
                      return operand(plan.b, tile, columnsFirst,
                                     b.add(tile.column, at), b.add(base, d),
                                     lanes);
                    });
      product.multiply(tile.rows, tile.columns, depth,
                       b.equal(base, b.index(0)));
    });
  }

  void emit() {
    b.loop(k.firstTile, k.endTile, 1, [&](Value number) {
      Tile tile = locate(number);
      sumTile(tile);
      b.loop(tile.rows, [&](Value i) {
        b.lanes(tile.columns, vectorLanes, [&](Value j, int64_t lanes) {
          Value row = b.add(tile.row, i), column = b.add(tile.column, j);
          Value sum = plan.scaled(b, k.elements, product.sum(i, j, lanes), row,
                                  column, lanes);
          k.elements.store(b, k.loc, {{plan.result, sum}},
                           plan.indices(plan.result, tile.batch, row, column),
                           lanes);
        });
      });
    });
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  return {GemmPlan(kernel.getRootOp()).tiles()};
}

static LogicalResult emitGemm(TileKernel &k) {
  GemmEmitter(k).emit();
  return success();
}

const TileEmitter mpc::gemmEmitter = {"mpc.gemm", tilesOf, nullptr, emitGemm};
const TileEmitter mpc::batchMatmulEmitter = {"mpc.batch_matmul", tilesOf,
                                             nullptr, emitGemm};
