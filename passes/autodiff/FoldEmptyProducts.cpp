#include "compiler/dialect/Dialect.h"
#include "passes/autodiff/Passes.h"

namespace mpc {
#define GEN_PASS_DEF_FOLDEMPTYPRODUCTSPASS
#include "passes/autodiff/Passes.h.inc"
} // namespace mpc

using namespace mlir;
using namespace mpc;

static Value number(OpBuilder &b, Location loc, RankedTensorType type,
                    double value) {
  auto element = b.getFloatAttr(type.getElementType(), value);
  return ConstantOp::create(b, loc, DenseElementsAttr::get(type, element));
}

// What is added to the sums of `product`, in a shape that broadcasts to the
// result, or null.
static Value addend(OpBuilder &b, Operation *product) {
  Location loc = product->getLoc();
  if (auto gemm = dyn_cast<GemmOp>(product)) {
    Value c = gemm.getC();
    double beta = gemm.getBeta().convertToDouble();
    if (!c || beta == 1)
      return c;
    return MulOp::create(b, loc, c, number(b, loc, typeLike(c, {}), beta));
  }
  if (auto conv = dyn_cast<ConvOp>(product))
    if (Value bias = conv.getBias())
      return ReshapeOp::create(b, loc, bias,
                               ArrayRef<int64_t>{shapeOf(bias)[0], 1, 1});
  return nullptr;
}

namespace {
struct FoldEmptyProducts
    : mpc::impl::FoldEmptyProductsPassBase<FoldEmptyProducts> {
  void runOnOperation() override {
    SmallVector<ProductOpInterface> products;
    getOperation()->walk([&](ProductOpInterface product) {
      if (product.getMultiplyAdds() == 0 &&
          elementCount(shapeOf(product->getResult(0))) > 0)
        products.push_back(product);
    });
    for (ProductOpInterface product : products)
      fold(product);
  }

  // 0 + C, not C: the sum that C is added to is 0, and 0 + -0 is 0.
  static void fold(Operation *product) {
    OpBuilder b(product);
    auto node = cast<NodeOpInterface>(product);
    DirectionAttr direction = node.getDirectionAttr();
    OriginScope origin(b, node,
                       direction ? direction.getValue() : Direction::Forward);
    auto type = cast<RankedTensorType>(product->getResult(0).getType());
    Value result = number(b, product->getLoc(), type, 0);
    if (Value added = addend(b, product))
      result = AddOp::create(b, product->getLoc(), result, added);
    product->getResult(0).replaceAllUsesWith(result);
    product->erase();
  }
};
} // namespace
