#include "compiler/lowering/emit/gpu/ThreadBuilder.h"
#include "compiler/lowering/ScalarOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mpc;

Value ThreadBuilder::number(int64_t value) {
  return arith::ConstantIntOp::create(*this, getI32Type(), value);
}

Value ThreadBuilder::wide(int64_t value) {
  return arith::ConstantIntOp::create(*this, getI64Type(), value);
}

Value ThreadBuilder::add(Value x, Value y) {
  return createOrFold<arith::AddIOp>(x, y);
}

Value ThreadBuilder::sub(Value x, Value y) {
  return createOrFold<arith::SubIOp>(x, y);
}

Value ThreadBuilder::mul(Value x, int64_t y) {
  return createOrFold<arith::MulIOp>(x, number(y));
}

Value ThreadBuilder::div(Value x, int64_t y) {
  return createOrFold<arith::DivUIOp>(x, number(y));
}

Value ThreadBuilder::rem(Value x, int64_t y) {
  return createOrFold<arith::RemUIOp>(x, number(y));
}

Value ThreadBuilder::exclusiveOr(Value x, Value y) {
  return createOrFold<arith::XOrIOp>(x, y);
}

Value ThreadBuilder::less(Value x, Value y) {
  return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::ult, x, y);
}

Value ThreadBuilder::equal(Value x, Value y) {
  return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::eq, x, y);
}

Value ThreadBuilder::both(Value x, Value y) {
  return createOrFold<arith::AndIOp>(x, y);
}

Value ThreadBuilder::select(Value condition, Value x, Value y) {
  return createOrFold<arith::SelectOp>(condition, x, y);
}

Value ThreadBuilder::index(Value x) {
  return createOrFold<arith::IndexCastUIOp>(getIndexType(), x);
}

Value ThreadBuilder::thread() {
  return NVVM::ThreadIdXOp::create(*this, getI32Type());
}

Value ThreadBuilder::block() {
  return NVVM::BlockIdXOp::create(*this, getI32Type());
}

void ThreadBuilder::barrier() { NVVM::BarrierOp::create(*this); }

void ThreadBuilder::barrier(Value id, int64_t threads) {
  NVVM::BarrierOp::create(*this, TypeRange(), id, number(threads),
                          NVVM::BarrierReductionAttr(), Value());
}

ThreadBuilder::Values
ThreadBuilder::loop(Value begin, Value end, int64_t step, ValueRange carried,
                    llvm::function_ref<Values(Value, ValueRange)> body) {
  return countedLoop(begin, end, number(step), carried, body);
}

void ThreadBuilder::loop(Value begin, Value end, int64_t step,
                         llvm::function_ref<void(Value)> body) {
  loop(begin, end, step, {}, [&](Value i, ValueRange) -> Values {
    body(i);
    return {};
  });
}

Value ThreadBuilder::at(Value base, Value bytes) {
  return LLVM::GEPOp::create(*this, base.getType(), getI8Type(), base,
                             ArrayRef<LLVM::GEPArg>{bytes});
}

Value ThreadBuilder::load(Value address, Type element, int64_t lanes) {
  unsigned bytes = element.getIntOrFloatBitWidth() / 8 * unsigned(lanes);
  return LLVM::LoadOp::create(*this, withLanes(element, lanes), address, bytes);
}

void ThreadBuilder::store(Value value, Value address) {
  Type element = getElementTypeOrSelf(value.getType());
  unsigned bytes =
      element.getIntOrFloatBitWidth() / 8 * unsigned(lanesOf(value));
  LLVM::StoreOp::create(*this, value, address, bytes);
}

Value ThreadBuilder::zero(Type type) {
  return arith::ConstantOp::create(*this, cast<TypedAttr>(getZeroAttr(type)));
}

Value ThreadBuilder::extract(Value vector, int64_t lane) {
  if (!isa<VectorType>(vector.getType()))
    return vector;
  return vector::ExtractOp::create(*this, vector, lane);
}
