#include "compiler/lowering/emit/LoopBuilder.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mpc;

Value LoopBuilder::index(int64_t value) {
  return arith::ConstantIndexOp::create(*this, value);
}

Value LoopBuilder::add(Value a, Value b) {
  return createOrFold<arith::AddIOp>(a, b);
}

Value LoopBuilder::sub(Value a, Value b) {
  return createOrFold<arith::SubIOp>(a, b);
}

Value LoopBuilder::mul(Value a, Value b) {
  return createOrFold<arith::MulIOp>(a, b);
}

Value LoopBuilder::div(Value a, int64_t b) {
  return createOrFold<arith::DivUIOp>(a, index(b));
}

Value LoopBuilder::rem(Value a, int64_t b) {
  return createOrFold<arith::RemUIOp>(a, index(b));
}

Value LoopBuilder::min(Value a, Value b) {
  return createOrFold<arith::MinSIOp>(a, b);
}

Value LoopBuilder::max(Value a, int64_t b) {
  return createOrFold<arith::MaxSIOp>(a, index(b));
}

Value LoopBuilder::compare(arith::CmpIPredicate predicate, Value a, Value b) {
  return createOrFold<arith::CmpIOp>(predicate, a, b);
}

Value LoopBuilder::select(Value condition, Value a, Value b) {
  return createOrFold<arith::SelectOp>(condition, a, b);
}

Value LoopBuilder::f32(double value, int64_t lanes) {
  FloatAttr number = getF32FloatAttr(value);
  if (lanes == 1)
    return arith::ConstantOp::create(*this, number);
  auto type = cast<VectorType>(f32Type(lanes));
  return arith::ConstantOp::create(
      *this, DenseElementsAttr::get(type, number.getValue()));
}

Type LoopBuilder::f32Type(int64_t lanes) {
  if (lanes == 1)
    return getF32Type();
  return VectorType::get({lanes}, getF32Type());
}

void LoopBuilder::loop(Value begin, Value end, int64_t step,
                       llvm::function_ref<void(Value)> body) {
  loop(begin, end, step, {}, [&](Value i, ValueRange) -> Values {
    body(i);
    return {};
  });
}

LoopBuilder::Values
LoopBuilder::loop(Value begin, Value end, int64_t step, ValueRange carried,
                  llvm::function_ref<Values(Value, ValueRange)> body) {
  return countedLoop(begin, end, index(step), carried, body);
}

void LoopBuilder::lanes(Value count, int64_t lanes,
                        llvm::function_ref<void(Value, int64_t)> body) {
  Value whole = mul(div(count, lanes), lanes);
  if (lanes > 1)
    loop(index(0), whole, lanes, [&](Value i) { body(i, lanes); });
  else
    whole = index(0);
  loop(whole, count, 1, [&](Value i) { body(i, 1); });
}

Value LoopBuilder::scratch(int64_t elements) {
  return memref::AllocaOp::create(
      *this, MemRefType::get({elements}, getF32Type()), getI64IntegerAttr(64));
}

Value LoopBuilder::load(Value scratch, Value position, int64_t lanes) {
  if (lanes == 1)
    return memref::LoadOp::create(*this, scratch, position);
  return vector::LoadOp::create(*this, cast<VectorType>(f32Type(lanes)),
                                scratch, position);
}

void LoopBuilder::store(Value value, Value scratch, Value position) {
  if (isa<VectorType>(value.getType()))
    vector::StoreOp::create(*this, value, scratch, position);
  else
    memref::StoreOp::create(*this, value, scratch, position);
}
