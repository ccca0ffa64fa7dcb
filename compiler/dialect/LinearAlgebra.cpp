#include "compiler/dialect/Dialect.h"

using namespace mlir;
using namespace mpc;

void GemmOp::build(OpBuilder &builder, OperationState &state, Value a, Value b,
                   Value c, bool transA, bool transB, float alpha, float beta) {
  int64_t m = shapeOf(a)[transA ? 1 : 0], n = shapeOf(b)[transB ? 0 : 1];
  build(builder, state, typeLike(a, {m, n}), a, b, c,
        builder.getF32FloatAttr(alpha), builder.getF32FloatAttr(beta),
        transA ? builder.getUnitAttr() : UnitAttr(),
        transB ? builder.getUnitAttr() : UnitAttr());
}

LogicalResult GemmOp::verify() {
  ArrayRef<int64_t> a = shapeOf(getA()), b = shapeOf(getB());
  // gemm-g1
  if (a.size() != 2 || b.size() != 2)
    return emitOpError("needs matrices, but A is ")
           << getA().getType() << " and B is " << getB().getType();
  int64_t m = a[getTransA() ? 1 : 0], kOfA = a[getTransA() ? 0 : 1];
  int64_t n = b[getTransB() ? 0 : 1], kOfB = b[getTransB() ? 1 : 0];
  if (kOfA != kOfB)
    return emitOpError("sums over ")
           << kOfA << " elements of A but " << kOfB << " of B";
  // gemm-g2
  if (getType().getShape() != ArrayRef<int64_t>{m, n})
    return emitOpError("gives ")
           << m << "x" << n << ", but the result is " << getType();
  // gemm-g3
  if (getC() && !broadcastsTo(shapeOf(getC()), {m, n}))
    return emitOpError("cannot broadcast C of type ")
           << getC().getType() << " to " << m << "x" << n;
  return success();
}

void BatchMatmulOp::build(OpBuilder &builder, OperationState &state, Value a,
                          Value b, bool transA, bool transB) {
  int64_t m = shapeOf(a)[transA ? 2 : 1], n = shapeOf(b)[transB ? 1 : 2];
  build(builder, state, typeLike(a, {shapeOf(a)[0], m, n}), a, b,
        transA ? builder.getUnitAttr() : UnitAttr(),
        transB ? builder.getUnitAttr() : UnitAttr());
}

LogicalResult BatchMatmulOp::verify() {
  ArrayRef<int64_t> a = shapeOf(getA()), b = shapeOf(getB());
  // batch_matmul-b1
  if (a.size() != 3 || b.size() != 3)
    return emitOpError("needs batches of matrices, but A is ")
           << getA().getType() << " and B is " << getB().getType();
  int64_t m = a[getTransA() ? 2 : 1], kOfA = a[getTransA() ? 1 : 2];
  int64_t n = b[getTransB() ? 1 : 2], kOfB = b[getTransB() ? 2 : 1];
  if (kOfA != kOfB || a[0] != b[0])
    return emitOpError("cannot multiply ")
           << getA().getType() << " and " << getB().getType();
  // batch_matmul-b2
  if (getType().getShape() != ArrayRef<int64_t>{a[0], m, n})
    return emitOpError("gives ") << a[0] << "x" << m << "x" << n
                                 << ", but the result is " << getType();
  return success();
}

static int64_t multiplyAdds(const GemmExtents &extents) {
  return extents.batches * extents.m * extents.n * extents.k;
}

int64_t GemmOp::getMultiplyAdds() { return multiplyAdds(getExtents()); }

int64_t BatchMatmulOp::getMultiplyAdds() { return multiplyAdds(getExtents()); }

Value GemmOp::makeAddend(OpBuilder &builder) {
  if (!getC() || getAddendFactor() == 1)
    return getC();
  auto type = typeLike(getC(), {});
  auto beta = DenseElementsAttr::get(
      type, builder.getFloatAttr(type.getElementType(), getAddendFactor()));
  return MulOp::create(builder, getLoc(), getC(),
                       ConstantOp::create(builder, getLoc(), beta));
}

#define GET_OP_CLASSES
#include "compiler/dialect/LinearAlgebra.cpp.inc"

void MpcDialect::addLinearAlgebraOps() {
  addOperations<
#define GET_OP_LIST
#include "compiler/dialect/LinearAlgebra.cpp.inc"
      >();
}
