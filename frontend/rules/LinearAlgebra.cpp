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
  if (!isa<FloatType>(elementTypeOf(a)) || !isa<FloatType>(elementTypeOf(b)))
    return node.unsupported("multiplies integers", "use floats");
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

// The product of [..., M, K] and [K, N], as one of the flattened rows.
static Value multiplyRows(NodeImport &node, Value a, Value b) {
  Shape shape(shapeOf(a));
  int64_t rows = elementCount(ArrayRef<int64_t>(shape).drop_back());
  Value product = GemmOp::create(node.builder, node.loc,
                                 node.reshaped(a, {rows, shape.back()}), b,
                                 Value(), /*transA=*/false, /*transB=*/false);
  shape.back() = shapeOf(b)[1];
  return node.reshaped(product, shape);
}

// Repeats the matrices of `value` to `batch`, flattened to one dimension.
static Value batchOf(NodeImport &node, Value value, ArrayRef<int64_t> batch) {
  ArrayRef<int64_t> matrix = shapeOf(value).take_back(2);
  Shape shape(batch);
  llvm::append_range(shape, matrix);
  if (shapeOf(value) != ArrayRef<int64_t>(shape))
    value = BroadcastOp::create(node.builder, node.loc, typeLike(value, shape),
                                value);
  return node.reshaped(value, {elementCount(batch), matrix[0], matrix[1]});
}

// The products of [..., M, K] and [..., K, N] with broadcasting of what is in
// front; null if that does not broadcast.
static Value multiplyMatrices(NodeImport &node, Value a, Value b) {
  ArrayRef<int64_t> shapeOfA = shapeOf(a), shapeOfB = shapeOf(b);
  if (elementCount(shapeOfB.drop_back(2)) == 1 &&
      shapeOfB.size() <= shapeOfA.size())
    return multiplyRows(node, a, node.reshaped(b, shapeOfB.take_back(2)));
  auto batch = broadcastShapes(shapeOfA.drop_back(2), shapeOfB.drop_back(2));
  if (!batch)
    return nullptr;
  Value product = BatchMatmulOp::create(
      node.builder, node.loc, batchOf(node, a, *batch),
      batchOf(node, b, *batch), /*transA=*/false, /*transB=*/false);
  llvm::append_range(*batch, shapeOf(product).drop_front());
  return node.reshaped(product, *batch);
}

// As NumPy's matmul: a vector on the left is a row, one on the right a column,
// and the dimension that makes it a matrix goes again.
LogicalResult importMatMul(NodeImport &node) {
  Value a = node.operand(0, SlotUse{SlotUse::Kind::Weight});
  if (!a)
    return failure();
  if (shapeOf(a).empty() || node.operandShape(1).empty())
    return node.invalid("multiplies a scalar", "use Mul");
  int64_t k = shapeOf(a).back();
  Value b = node.operandShape(1).size() == 2
                ? readMatrix(node, /*transposed=*/false, k)
                : node.operand(1, SlotUse{SlotUse::Kind::Weight, k});
  if (!b)
    return failure();
  if (!isa<FloatType>(elementTypeOf(a)) || !isa<FloatType>(elementTypeOf(b)))
    return node.unsupported("multiplies integers", "use floats");
  Shape shapeOfA(shapeOf(a)), shapeOfB(shapeOf(b));
  bool isRow = shapeOfA.size() == 1, isColumn = shapeOfB.size() == 1;
  if (isRow)
    shapeOfA.insert(shapeOfA.begin(), 1);
  if (isColumn)
    shapeOfB.push_back(1);
  Value product;
  if (shapeOfA.back() == ArrayRef<int64_t>(shapeOfB).drop_back().back())
    product = multiplyMatrices(node, node.reshaped(a, shapeOfA),
                               node.reshaped(b, shapeOfB));
  if (!product)
    return node.invalid("its operands " + shapeText(shapeOf(a)) + " and " +
                        shapeText(shapeOf(b)) + " do not fit");
  Shape result(shapeOf(product));
  if (isRow)
    result.erase(result.end() - 2);
  if (isColumn)
    result.pop_back();
  node.setResult(0, node.reshaped(product, result));
  return success();
}

} // namespace mpc::frontend
