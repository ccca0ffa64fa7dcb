// mpc.gemm: every tile is one block of the result, packs its own operands and
// applies alpha, beta and C to its f32 sums.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/MatrixProduct.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mpc;

namespace {
struct GemmPlan {
  int64_t m, n, k;
  RegisterTile registers = RegisterTile::forLanes(vectorLanes);
  TileShape tile;

  explicit GemmPlan(GemmOp op) {
    ArrayRef<int64_t> a = shapeOf(op.getA()), result = shapeOf(op.getResult());
    m = result[0];
    n = result[1];
    k = a[op.getTransA() ? 0 : 1];
    tile = planTile(m, n, k, registers, 1);
  }
  int64_t columnTiles() const { return llvm::divideCeil(n, tile.columns); }
  int64_t tiles() const {
    return llvm::divideCeil(m, tile.rows) * columnTiles();
  }
};

struct GemmEmitter {
  CpuKernel &k;
  GemmOp op;
  GemmPlan plan;
  LoopBuilder b;
  MatrixProduct product;

  explicit GemmEmitter(CpuKernel &k)
      : k(k), op(cast<GemmOp>(k.root)), plan(op), b(k.loc, k.b),
        product(b, plan.registers, plan.tile) {}

  // Element(s) of A or B, `outer` being its row (column) in A' (B').
  Value operand(Value value, bool outerFirst, Value outer, Value depth,
                int64_t lanes) {
    SmallVector<Value, 2> at = {outer, depth};
    if (!outerFirst)
      std::swap(at[0], at[1]);
    return k.elements.load(b, k.loc, value, at, lanes);
  }

  void sumTile(Value row, Value column, Value rows, Value columns) {
    bool rowsFirst = !op.getTransA(), columnsFirst = op.getTransB();
    b.loop(b.index(0), b.index(plan.k), productDepth, [&](Value base) {
      Value depth = b.min(b.sub(b.index(plan.k), base), productDepth);
      product.packA(rows, depth, rowsFirst,
                    [&](Value at, Value d, int64_t lanes) {
                      return operand(op.getA(), rowsFirst, b.add(row, at),
                                     b.add(base, d), lanes);
                    });
      product.packB(columns, depth, columnsFirst,
                    [&](Value at, Value d, int64_t lanes) {
                      return operand(op.getB(), columnsFirst, b.add(column, at),
                                     b.add(base, d), lanes);
                    });
      product.multiply(rows, columns, depth, b.equal(base, b.index(0)));
    });
  }

  Value scaled(Value sum, Value row, Value column, int64_t lanes) {
    float alpha = op.getAlpha().convertToFloat();
    float beta = op.getBeta().convertToFloat();
    if (alpha != 1)
      sum = arith::MulFOp::create(b, sum, b.f32(alpha, lanes));
    if (!op.getC())
      return sum;
    Value c = k.elements.load(b, k.loc, op.getC(), {row, column}, lanes);
    if (beta == 1)
      return arith::AddFOp::create(b, sum, c);
    return math::FmaOp::create(b, b.f32(beta, lanes), c, sum);
  }

  void emit() {
    b.loop(k.firstTile, k.endTile, 1, [&](Value tile) {
      Value row = b.mul(b.div(tile, plan.columnTiles()), plan.tile.rows);
      Value column = b.mul(b.rem(tile, plan.columnTiles()), plan.tile.columns);
      Value rows = b.min(b.sub(b.index(plan.m), row), plan.tile.rows);
      Value columns = b.min(b.sub(b.index(plan.n), column), plan.tile.columns);
      sumTile(row, column, rows, columns);
      b.loop(rows, [&](Value i) {
        b.lanes(columns, vectorLanes, [&](Value j, int64_t lanes) {
          Value atRow = b.add(row, i), atColumn = b.add(column, j);
          Value sum = product.sum(i, j, lanes);
          k.elements.store(
              b, k.loc, {{op.getResult(), scaled(sum, atRow, atColumn, lanes)}},
              {atRow, atColumn}, lanes);
        });
      });
    });
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  return {GemmPlan(cast<GemmOp>(rootOf(kernel))).tiles()};
}

static LogicalResult emitGemm(CpuKernel &k) {
  GemmEmitter(k).emit();
  return success();
}

const CpuEmitter mpc::gemmEmitter = {"mpc.gemm", tilesOf, nullptr, emitGemm};
