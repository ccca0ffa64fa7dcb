#include "compiler/lowering/ElementMemory.h"
#include "compiler/lowering/ScalarOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mpc;

// Row-major strides over an empty dimension are 0, which MLIR does not lower;
// where there are no elements, any strides do.
MemRefType mpc::memoryType(RankedTensorType type) {
  Type element = type.getElementType();
  if (element.isInteger(1))
    element = IntegerType::get(type.getContext(), 8);
  if (elementCount(type.getShape()) > 0)
    return MemRefType::get(type.getShape(), element);
  SmallVector<int64_t> strides(size_t(type.getRank()), 1);
  return MemRefType::get(type.getShape(), element,
                         StridedLayoutAttr::get(type.getContext(), 0, strides));
}

// The element in memory, as arithmetic sees it.
static Value fromMemory(OpBuilder &b, Location loc, Value raw, Type element) {
  int64_t lanes = lanesOf(raw);
  if (isa<FloatType>(element) && !element.isF32())
    return arith::ExtFOp::create(b, loc, withLanes(b.getF32Type(), lanes), raw);
  if (element.isInteger(1))
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, raw,
                                 intConstant(b, loc, b.getI8Type(), 0, lanes));
  return raw;
}

Value mpc::toMemory(OpBuilder &b, Location loc, Value value, Type element) {
  int64_t lanes = lanesOf(value);
  if (isa<FloatType>(element) && !element.isF32())
    return arith::TruncFOp::create(b, loc, withLanes(element, lanes), value);
  if (element.isInteger(1))
    return arith::ExtUIOp::create(b, loc, withLanes(b.getI8Type(), lanes),
                                  value);
  return value;
}

Value mpc::loadElement(OpBuilder &b, Location loc, Value memory, Type element,
                       ValueRange indices, int64_t lanes,
                       llvm::MaybeAlign alignment) {
  Type stored = cast<MemRefType>(memory.getType()).getElementType();
  Value raw = lanes == 1
                  ? Value(memref::LoadOp::create(b, loc, memory, indices))
                  : Value(vector::LoadOp::create(
                        b, loc, cast<VectorType>(withLanes(stored, lanes)),
                        memory, indices, /*nontemporal=*/false, alignment));
  return fromMemory(b, loc, raw, element);
}

Value mpc::loadShifted(OpBuilder &b, Location loc, Value memory, Type element,
                       ValueRange indices, int64_t lanes, Value begin) {
  constexpr int64_t step = 4;
  assert(lanes % step == 0);
  int64_t bits = cast<MemRefType>(memory.getType()).getElementTypeBitWidth();
  llvm::Align aligned(uint64_t(std::min<int64_t>(step * bits / 8, 16)));
  Value shift =
      arith::AndIOp::create(b, loc, begin, indexConstant(b, loc, step - 1));
  SmallVector<Value> at(indices);
  at.back() = arith::SubIOp::create(b, loc, at.back(), shift);
  SmallVector<Value> elements;
  for (int64_t i = 0; i < lanes + step; i += step) {
    Value vector = loadElement(b, loc, memory, element, at, step, aligned);
    for (int64_t lane = 0; lane < step; ++lane)
      elements.push_back(vector::ExtractOp::create(b, loc, vector, lane));
    at.back() =
        arith::AddIOp::create(b, loc, at.back(), indexConstant(b, loc, step));
  }
  for (int64_t distance = step / 2; distance > 0; distance /= 2) {
    Value isFar = arith::CmpIOp::create(
        b, loc, arith::CmpIPredicate::ne,
        arith::AndIOp::create(b, loc, shift, indexConstant(b, loc, distance)),
        indexConstant(b, loc, 0));
    ArrayRef<Value> all = elements, further = all.drop_front(size_t(distance));
    elements =
        llvm::map_to_vector(llvm::zip(further, all), [&](auto both) -> Value {
          auto [far, near] = both;
          return arith::SelectOp::create(b, loc, isFar, far, near);
        });
  }
  elements.resize(size_t(lanes));
  return vector::FromElementsOp::create(
      b, loc, VectorType::get({lanes}, elements[0].getType()), elements);
}

Value mpc::reshapeMemory(OpBuilder &b, Location loc, Value buffer,
                         ArrayRef<int64_t> shape) {
  auto type = MemRefType::get(
      shape, cast<MemRefType>(buffer.getType()).getElementType());
  SmallVector<int64_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * shape[i];
  return memref::ReinterpretCastOp::create(b, loc, type, buffer, 0, shape,
                                           strides);
}
