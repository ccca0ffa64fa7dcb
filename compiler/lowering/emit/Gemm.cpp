// mpc.gemm and mpc.batch_matmul: every tile is one block of the result of one
// matrix, packs its own operands and applies alpha, beta and C to its f32 sums.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/MatrixProduct.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mpc;

namespace {
struct GemmPlan {
  Value a, b, c, result;
  bool transA, transB;
  float alpha = 1, beta = 1;
  int64_t batches, m, n, k;
  RegisterTile registers;
  TileShape tile;

  explicit GemmPlan(Operation *root) {
    if (auto op = dyn_cast<GemmOp>(root)) {
      c = op.getC();
      alpha = op.getAlpha().convertToFloat();
      beta = op.getBeta().convertToFloat();
      plan(op);
    } else {
      plan(cast<BatchMatmulOp>(root));
    }
  }
  int64_t rowTiles() const { return llvm::divideCeil(m, tile.rows); }
  int64_t columnTiles() const { return llvm::divideCeil(n, tile.columns); }
  int64_t tiles() const { return batches * rowTiles() * columnTiles(); }

private:
  template <typename Op> void plan(Op op) {
    a = op.getA();
    b = op.getB();
    result = op.getResult();
    transA = op.getTransA();
    transB = op.getTransB();
    ArrayRef<int64_t> shape = shapeOf(result);
    batches = elementCount(shape.drop_back(2));
    m = shape.drop_back().back();
    n = shape.back();
    k = shapeOf(a).drop_back(transA ? 1 : 0).back();
    registers = RegisterTile::forResult(vectorLanes, m, n);
    tile = planTile(m, n, k, registers, batches);
  }
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

  // Indices of an element of `value`; those of gemm have no batch.
  SmallVector<Value, 3> indices(Value value, const Tile &tile, Value row,
                                Value column) {
    if (shapeOf(value).size() < 3)
      return {row, column};
    return {tile.batch, row, column};
  }

  // Element(s) of A or B, `outer` being its row (column) in A' (B').
  Value operand(Value value, const Tile &tile, bool outerFirst, Value outer,
                Value depth, int64_t lanes) {
    if (!outerFirst)
      std::swap(outer, depth);
    return k.elements.load(b, k.loc, value, indices(value, tile, outer, depth),
                           lanes);
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

  Value scaled(Value sum, Value row, Value column, int64_t lanes) {
    if (plan.alpha != 1)
      sum = arith::MulFOp::create(b, sum, b.f32(plan.alpha, lanes));
    if (!plan.c)
      return sum;
    Value c = k.elements.load(b, k.loc, plan.c, {row, column}, lanes);
    if (plan.beta == 1)
      return arith::AddFOp::create(b, sum, c);
    return math::FmaOp::create(b, b.f32(plan.beta, lanes), c, sum);
  }

  void emit() {
    b.loop(k.firstTile, k.endTile, 1, [&](Value number) {
      Tile tile = locate(number);
      sumTile(tile);
      b.loop(tile.rows, [&](Value i) {
        b.lanes(tile.columns, vectorLanes, [&](Value j, int64_t lanes) {
          Value row = b.add(tile.row, i), column = b.add(tile.column, j);
          Value sum = product.sum(i, j, lanes);
          k.elements.store(b, k.loc,
                           {{plan.result, scaled(sum, row, column, lanes)}},
                           indices(plan.result, tile, row, column), lanes);
        });
      });
    });
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  return {GemmPlan(rootOf(kernel)).tiles()};
}

static LogicalResult emitGemm(TileKernel &k) {
  GemmEmitter(k).emit();
  return success();
}

const TileEmitter mpc::gemmEmitter = {"mpc.gemm", tilesOf, nullptr, emitGemm};
const TileEmitter mpc::batchMatmulEmitter = {"mpc.batch_matmul", tilesOf,
                                             nullptr, emitGemm};
