// What stands before and behind a matrix product and is part of it.
#include "passes/simplify/Simplification.h"

using namespace mlir;
using namespace mpc;

// The transpose that makes `operand`, if it swaps the two dimensions of its
// matrices.
static TransposeOp matrixTranspose(Value operand) {
  auto transpose = operand.getDefiningOp<TransposeOp>();
  if (!transpose)
    return nullptr;
  SmallVector<int64_t> swapped =
      llvm::to_vector(llvm::seq<int64_t>(transpose.getPerm().size()));
  std::swap(swapped.back(), swapped[swapped.size() - 2]);
  return transpose.getPerm() == ArrayRef<int64_t>(swapped) ? transpose
                                                           : nullptr;
}

namespace {
// a * transpose(b) is the product that reads b transposed, and likewise for a.
template <typename Op> struct JoinTransposes : Simplification<Op> {
  using Simplification<Op>::Simplification;
  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    TransposeOp a = matrixTranspose(op.getA()), b = matrixTranspose(op.getB());
    if (!a && !b)
      return rewriter.notifyMatchFailure(op, "reads no transposed matrix");
    this->say(op, "joined with the transpose before it");
    for (TransposeOp transpose : {a, b})
      if (transpose)
        mergeNames(transpose, op, rewriter);
    rewriter.modifyOpInPlace(op, [&] {
      if (a) {
        op.getAMutable().assign(a.getInput());
        op.setTransA(!op.getTransA());
      }
      if (b) {
        op.getBMutable().assign(b.getInput());
        op.setTransB(!op.getTransB());
      }
    });
    return success();
  }
};
} // namespace

// Whether `bias` has one number per column, or one for all.
static bool isRow(Value bias) {
  ArrayRef<int64_t> shape = shapeOf(bias);
  return shape.empty() || llvm::all_of(shape.drop_back(), [](int64_t extent) {
           return extent == 1;
         });
}

// The product behind `value`, which may be a reshape that keeps the columns, if
// nobody else reads either and it has no bias yet.
static GemmOp matchProduct(Value value) {
  if (auto reshape = value.getDefiningOp<ReshapeOp>()) {
    ArrayRef<int64_t> from = shapeOf(reshape.getInput()), to = shapeOf(value);
    if (!reshape->hasOneUse() || from.empty() || to.empty() ||
        from.back() != to.back())
      return nullptr;
    value = reshape.getInput();
  }
  auto gemm = value.getDefiningOp<GemmOp>();
  bool isFree =
      gemm && !gemm.getC() && gemm->hasOneUse() && elementTypeOf(value).isF32();
  return isFree ? gemm : nullptr;
}

namespace {
// gemm(a, b) + c is gemm(a, b, c): the product is rounded to f32 before c is
// added in either form. So is reshape(gemm(a, b)) + c, where c is one row.
struct JoinBias : Simplification<AddOp> {
  using Simplification::Simplification;
  LogicalResult matchAndRewrite(AddOp op,
                                PatternRewriter &rewriter) const override {
    for (auto [product, bias] : {std::pair(op.getLhs(), op.getRhs()),
                                 std::pair(op.getRhs(), op.getLhs())}) {
      GemmOp gemm = matchProduct(product);
      bool isReshaped = gemm && gemm.getResult() != product;
      if (!gemm || product.getType() != op.getType() ||
          (isReshaped && !isRow(bias)))
        continue;
      say(op, "joined as bias with the gemm before it");
      join(op, gemm, product, bias, rewriter);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "adds to no f32 product of its own");
  }

private:
  static void join(AddOp op, GemmOp gemm, Value product, Value bias,
                   PatternRewriter &rewriter) {
    auto reshape = product.getDefiningOp<ReshapeOp>();
    rewriter.setInsertionPoint(op);
    if (reshape && shapeOf(bias).size() > 1)
      bias = ReshapeOp::create(
          rewriter, op.getLoc(), typeLike(bias, shapeOf(bias).take_back()),
          bias, op.getNodeAttr(), op.getOpTypeAttr(), op.getDirectionAttr());
    auto joined = GemmOp::create(
        rewriter, gemm.getLoc(), gemm.getType(), gemm.getA(), gemm.getB(), bias,
        gemm.getAlphaAttr(), rewriter.getF32FloatAttr(1), gemm.getTransAAttr(),
        gemm.getTransBAttr(), gemm.getNodeAttr(), gemm.getOpTypeAttr(),
        gemm.getDirectionAttr());
    mergeNames(op, joined, rewriter);
    Value result = joined;
    if (reshape)
      result =
          ReshapeOp::create(rewriter, reshape.getLoc(), op.getType(), result,
                            reshape.getNodeAttr(), reshape.getOpTypeAttr(),
                            reshape.getDirectionAttr());
    rewriter.replaceOp(op, result);
  }
};
} // namespace

void mpc::addProductPatterns(RewritePatternSet &patterns, bool report) {
  patterns.add<JoinTransposes<GemmOp>, JoinTransposes<BatchMatmulOp>, JoinBias>(
      patterns.getContext(), report);
}
