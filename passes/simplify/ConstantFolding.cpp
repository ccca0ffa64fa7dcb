#include "passes/simplify/ConstantFolding.h"

using namespace mlir;
using namespace mpc;

Shape mpc::walk(ArrayRef<int64_t> shape, ArrayRef<int64_t> strides,
                int64_t start) {
  Shape result{start};
  for (auto [size, stride] : llvm::zip(shape, strides)) {
    Shape finer;
    for (int64_t base : result)
      for (int64_t i = 0; i < size; ++i)
        finer.push_back(base + i * stride);
    result = std::move(finer);
  }
  return result;
}

Shape mpc::rowMajorStrides(ArrayRef<int64_t> shape) {
  Shape strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * shape[i];
  return strides;
}

Shape mpc::broadcastStrides(ArrayRef<int64_t> from, ArrayRef<int64_t> to) {
  Shape strides(to.size(), 0);
  Shape own = rowMajorStrides(from);
  size_t leading = to.size() - from.size();
  for (size_t i = 0; i < from.size(); ++i)
    strides[leading + i] = from[i] == 1 ? 0 : own[i];
  return strides;
}

DenseElementsAttr mpc::foldToConstant(Operation *op) {
  if (op->getNumResults() != 1 || op->getNumOperands() == 0 ||
      !isa<NodeOpInterface>(op))
    return {};
  SmallVector<DenseElementsAttr> operands;
  bool isSmall = elementCount(shapeOf(op->getResult(0))) <= maxFoldedElements;
  bool isSplat = true;
  for (Value operand : op->getOperands()) {
    auto constant = operand.getDefiningOp<ConstantOp>();
    auto value =
        constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : nullptr;
    if (!value)
      return {};
    isSmall = isSmall && value.getNumElements() <= maxFoldedElements;
    isSplat = isSplat && value.isSplat();
    operands.push_back(value);
  }
  if (!isSmall && !isSplat)
    return {};
  if (op->hasTrait<trait::MovesElements>())
    return foldMove(op, operands);
  return op->hasTrait<trait::Elementwise>() ? foldElementwise(op, operands)
                                            : DenseElementsAttr();
}
