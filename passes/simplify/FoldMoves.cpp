// Constants that are moved: every element of the result is one of an operand's.
#include "passes/simplify/ConstantFolding.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mpc;

// Elements of `value` at `places`, as a tensor of `type`.
static DenseElementsAttr take(DenseElementsAttr value, RankedTensorType type,
                              ArrayRef<int64_t> places) {
  auto all = llvm::to_vector(value.getValues<Attribute>());
  SmallVector<Attribute> elements;
  for (int64_t place : places)
    elements.push_back(all[place]);
  return DenseElementsAttr::get(type, elements);
}

static DenseElementsAttr foldTranspose(TransposeOp op,
                                       DenseElementsAttr value) {
  Shape own = rowMajorStrides(value.getType().getShape()), strides;
  for (int64_t dim : op.getPerm())
    strides.push_back(own[dim]);
  auto type = cast<RankedTensorType>(op.getType());
  return take(value, type, walk(type.getShape(), strides));
}

static DenseElementsAttr foldSlice(SliceOp op, DenseElementsAttr value) {
  Shape strides = rowMajorStrides(value.getType().getShape());
  int64_t start = 0;
  for (auto [stride, first, step] :
       llvm::zip(strides, op.getStarts(), op.getSteps())) {
    start += first * stride;
    stride *= step;
  }
  auto type = cast<RankedTensorType>(op.getType());
  return take(value, type, walk(type.getShape(), strides, start));
}

static DenseElementsAttr foldConcat(ConcatOp op,
                                    ArrayRef<DenseElementsAttr> operands) {
  auto type = cast<RankedTensorType>(op.getType());
  SmallVector<Attribute> elements(type.getNumElements());
  Shape strides = rowMajorStrides(type.getShape());
  int64_t axis = int64_t(op.getAxis()), start = 0;
  for (DenseElementsAttr value : operands) {
    ArrayRef<int64_t> shape = value.getType().getShape();
    Shape places = walk(shape, strides, start);
    for (auto [place, element] :
         llvm::zip(places, value.getValues<Attribute>()))
      elements[place] = element;
    start += shape[axis] * strides[axis];
  }
  return DenseElementsAttr::get(type, elements);
}

// An index below 0 counts from the end; what lies outside then is taken for the
// nearest inside.
static DenseElementsAttr foldGather(GatherOp op, DenseElementsAttr data,
                                    DenseElementsAttr indices) {
  ArrayRef<int64_t> shape = data.getType().getShape();
  int64_t axis = int64_t(op.getAxis()), extent = shape[axis];
  int64_t inner = elementCount(shape.drop_front(axis + 1));
  int64_t outer = elementCount(shape.take_front(axis));
  Shape places;
  for (int64_t o = 0; o < outer; ++o)
    for (const APInt &index : indices.getValues<APInt>()) {
      int64_t at = index.getSExtValue();
      at = std::clamp<int64_t>(at < 0 ? at + extent : at, 0, extent - 1);
      for (int64_t i = 0; i < inner; ++i)
        places.push_back((o * extent + at) * inner + i);
    }
  return take(data, cast<RankedTensorType>(op.getType()), places);
}

DenseElementsAttr mpc::foldMove(Operation *op,
                                ArrayRef<DenseElementsAttr> operands) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  DenseElementsAttr first = operands[0];
  if (isa<ReshapeOp>(op))
    return first.reshape(type);
  if (first.isSplat() && isa<BroadcastOp, TransposeOp, SliceOp, GatherOp>(op))
    return DenseElementsAttr::get(type, first.getSplatValue<Attribute>());
  if (type.getNumElements() > maxFoldedElements)
    return {};
  return llvm::TypeSwitch<Operation *, DenseElementsAttr>(op)
      .Case<BroadcastOp>([&](auto) {
        ArrayRef<int64_t> from = first.getType().getShape();
        ArrayRef<int64_t> to = type.getShape();
        return take(first, type, walk(to, broadcastStrides(from, to)));
      })
      .Case<TransposeOp>([&](TransposeOp transpose) {
        return foldTranspose(transpose, first);
      })
      .Case<SliceOp>([&](SliceOp slice) { return foldSlice(slice, first); })
      .Case<ConcatOp>(
          [&](ConcatOp concat) { return foldConcat(concat, operands); })
      .Case<GatherOp>([&](GatherOp gather) {
        return foldGather(gather, first, operands[1]);
      })
      .Default(DenseElementsAttr());
}
