#include "frontend/OpTable.h"

using namespace mlir;

namespace mpc::frontend {

// Reads the right-hand side of a product over `k` elements as a weight.
static Value readMatrix(NodeImport &node, bool transposed, int64_t k) {
  SlotUse use{SlotUse::Kind::Weight, k};
  if (transposed)
    return node.operand(1, use, {unknownSize, k});
  return node.operand(1, use, {k, unknownSize});
}

LogicalResult importGemm(NodeImport &node) {
  bool transA = node.intAttribute("transA", 0) != 0;
  bool transB = node.intAttribute("transB", 0) != 0;
  Value a = node.operand(0, SlotUse{SlotUse::Kind::Weight});
  if (!a)
    return failure();
  if (shapeOf(a).size() != 2)
    return node.invalid("needs an input of rank 2, found " +
                            shapeText(shapeOf(a)),
                        "put a Flatten or Reshape before it");
  int64_t k = shapeOf(a)[transA ? 0 : 1];
  Value b = readMatrix(node, transB, k);
  if (!b)
    return failure();
  ArrayRef<int64_t> shape = shapeOf(b);
  if (shape.size() != 2 || shape[transB ? 1 : 0] != k)
    return node.invalid("its input " + shapeText(shapeOf(a)) +
                        " does not fit its weight " + shapeText(shape) + ": " +
                        Twine(k) + " elements are summed");
  int64_t m = shapeOf(a)[transA ? 1 : 0];
  int64_t n = shape[transB ? 0 : 1];
  Value c;
  if (node.has(2)) {
    c = node.operand(2, SlotUse{SlotUse::Kind::Bias}, {n});
    if (!c)
      return failure();
    if (!broadcastsTo(shapeOf(c), {m, n}))
      return node.invalid("its bias " + shapeText(shapeOf(c)) +
                          " does not broadcast to " + shapeText({m, n}));
  }
  auto alpha = static_cast<float>(node.floatAttribute("alpha", 1));
  auto beta = static_cast<float>(node.floatAttribute("beta", 1));
  node.setResult(0, GemmOp::create(node.builder, node.loc, a, b, c, transA,
                                   transB, alpha, beta));
  return success();
}

// [..., K] x [K, N] is one product of the flattened rows.
LogicalResult importMatMul(NodeImport &node) {
  Value a = node.operand(0, SlotUse{SlotUse::Kind::Weight});
  if (!a)
    return failure();
  SmallVector<int64_t> shape(shapeOf(a));
  if (shape.size() < 2 || node.operandShape(1).size() != 2)
    return node.unsupported(
        "multiplies " + shapeText(shape) + " by " +
            shapeText(node.operandShape(1)),
        "use operands [..., M, K] and [K, N]; batches on the right-hand side "
        "cannot be imported");
  int64_t k = shape.back();
  Value b = readMatrix(node, /*transposed=*/false, k);
  if (!b)
    return failure();
  if (shapeOf(b)[0] != k)
    return node.invalid("its operands " + shapeText(shape) + " and " +
                        shapeText(shapeOf(b)) + " do not fit");
  Value rows = a;
  if (shape.size() > 2)
    rows =
        ReshapeOp::create(node.builder, node.loc, a,
                          {elementCount(shape) / std::max<int64_t>(k, 1), k});
  Value product = GemmOp::create(node.builder, node.loc, rows, b, Value(),
                                 /*transA=*/false, /*transB=*/false);
  if (shape.size() > 2) {
    shape.back() = shapeOf(b)[1];
    product = ReshapeOp::create(node.builder, node.loc, product, shape);
  }
  node.setResult(0, product);
  return success();
}

} // namespace mpc::frontend
