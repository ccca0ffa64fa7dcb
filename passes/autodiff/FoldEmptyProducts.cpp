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
  static void fold(ProductOpInterface product) {
    OpBuilder b(product);
    auto node = cast<NodeOpInterface>(product.getOperation());
    DirectionAttr direction = node.getDirectionAttr();
    OriginScope origin(b, node,
                       direction ? direction.getValue() : Direction::Forward);
    auto type = cast<RankedTensorType>(product->getResult(0).getType());
    Value result = number(b, product->getLoc(), type, 0);
    if (Value added = product.makeAddend(b))
      result = AddOp::create(b, product->getLoc(), result, added);
    product->getResult(0).replaceAllUsesWith(result);
    product->erase();
  }
};
} // namespace
