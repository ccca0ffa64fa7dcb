#include "passes/simplify/ConstantFolding.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mpc;

static constexpr int64_t maxElements = 4096;

// For each element of `shape` in row-major order, the offset that a walk with
// `strides` (one per dimension of `shape`) reaches.
static SmallVector<int64_t> offsets(ArrayRef<int64_t> shape,
                                    ArrayRef<int64_t> strides) {
  SmallVector<int64_t> result{0};
  for (auto [size, stride] : llvm::zip(shape, strides)) {
    SmallVector<int64_t> finer;
    for (int64_t base : result)
      for (int64_t i = 0; i < size; ++i)
        finer.push_back(base + i * stride);
    result = std::move(finer);
  }
  return result;
}

static SmallVector<int64_t> rowMajorStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * shape[i];
  return strides;
}

// Strides with which `from` is read under the shape it broadcasts to.
static SmallVector<int64_t> broadcastStrides(ArrayRef<int64_t> from,
                                             ArrayRef<int64_t> to) {
  SmallVector<int64_t> strides(to.size(), 0);
  SmallVector<int64_t> own = rowMajorStrides(from);
  size_t leading = to.size() - from.size();
  for (size_t i = 0; i < from.size(); ++i)
    strides[leading + i] = from[i] == 1 ? 0 : own[i];
  return strides;
}

// Elements of `value` at `places`, as a tensor of `type`.
static DenseElementsAttr gather(DenseElementsAttr value, RankedTensorType type,
                                ArrayRef<int64_t> places) {
  auto all = llvm::to_vector(value.getValues<Attribute>());
  SmallVector<Attribute> elements;
  for (int64_t place : places)
    elements.push_back(all[place]);
  return DenseElementsAttr::get(type, elements);
}

template <typename T, typename Compute>
static DenseElementsAttr combine(DenseElementsAttr lhs, DenseElementsAttr rhs,
                                 RankedTensorType type, Compute compute) {
  auto left = llvm::to_vector(lhs.getValues<T>());
  auto right = llvm::to_vector(rhs.getValues<T>());
  ArrayRef<int64_t> shape = type.getShape();
  auto leftAt =
      offsets(shape, broadcastStrides(lhs.getType().getShape(), shape));
  auto rightAt =
      offsets(shape, broadcastStrides(rhs.getType().getShape(), shape));
  SmallVector<T> result;
  for (auto [i, j] : llvm::zip(leftAt, rightAt))
    result.push_back(compute(left[i], right[j]));
  return DenseElementsAttr::get(type, ArrayRef<T>(result));
}

// IEEE arithmetic of the host in f32, to nearest, which is what the ops mean;
// integers wrap.
static DenseElementsAttr foldBinary(Operation *op, DenseElementsAttr lhs,
                                    DenseElementsAttr rhs) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  auto dispatch = [&](auto compute, bool ofIntegers) -> DenseElementsAttr {
    for (Type operand : {lhs.getElementType(), rhs.getElementType()})
      if (operand != type.getElementType())
        return {};
    if (type.getElementType().isF32())
      return combine<float>(lhs, rhs, type, compute);
    if (type.getElementType().isInteger(64) && ofIntegers)
      return combine<uint64_t>(lhs, rhs, type, compute);
    return {};
  };
  return llvm::TypeSwitch<Operation *, DenseElementsAttr>(op)
      .Case<AddOp>([&](auto) { return dispatch(std::plus<>(), true); })
      .Case<SubOp>([&](auto) { return dispatch(std::minus<>(), true); })
      .Case<MulOp>([&](auto) { return dispatch(std::multiplies<>(), true); })
      .Case<DivOp>([&](auto) { return dispatch(std::divides<>(), false); })
      .Default(DenseElementsAttr());
}

static DenseElementsAttr foldMove(Operation *op, DenseElementsAttr value) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  ArrayRef<int64_t> from = value.getType().getShape(), to = type.getShape();
  return llvm::TypeSwitch<Operation *, DenseElementsAttr>(op)
      .Case<ReshapeOp>([&](auto) { return value.reshape(type); })
      .Case<BroadcastOp>([&](auto) {
        return gather(value, type, offsets(to, broadcastStrides(from, to)));
      })
      .Case<TransposeOp>([&](TransposeOp transpose) {
        SmallVector<int64_t> own = rowMajorStrides(from), strides;
        for (int64_t dim : transpose.getPerm())
          strides.push_back(own[dim]);
        return gather(value, type, offsets(to, strides));
      })
      .Default(DenseElementsAttr());
}

DenseElementsAttr mpc::foldToConstant(Operation *op) {
  if (op->getNumResults() != 1 || op->getNumOperands() == 0 ||
      !isa<NodeOpInterface>(op) ||
      elementCount(shapeOf(op->getResult(0))) > maxElements)
    return {};
  SmallVector<DenseElementsAttr> values;
  for (Value operand : op->getOperands()) {
    auto constant = operand.getDefiningOp<ConstantOp>();
    auto value =
        constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : nullptr;
    if (!value || value.getNumElements() > maxElements)
      return {};
    values.push_back(value);
  }
  return values.size() == 1   ? foldMove(op, values[0])
         : values.size() == 2 ? foldBinary(op, values[0], values[1])
                              : DenseElementsAttr();
}
