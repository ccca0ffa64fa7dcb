#include "compiler/lowering/emit/gpu/TensorCores.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mpc;

static NVVM::MemScopeKindAttr blockScope(ThreadBuilder &b) {
  return NVVM::MemScopeKindAttr::get(b.getContext(), NVVM::MemScopeKind::CTA);
}

/// Shared memory of any block of the cluster.
static LLVM::LLVMPointerType clusterPointer(ThreadBuilder &b) {
  return LLVM::LLVMPointerType::get(
      b.getContext(), unsigned(NVVM::NVVMMemorySpace::SharedCluster));
}

Value TensorCores::uniform(Value x) {
  Value all = arith::ConstantIntOp::create(b, b.getI32Type(), -1);
  return NVVM::ShflOp::create(b, b.getI32Type(), all, x, b.number(0),
                              b.number(31), NVVM::ShflKind::idx, UnitAttr());
}

Value TensorCores::elect() {
  return NVVM::ElectSyncOp::create(b, b.getI1Type(), Value());
}

void TensorCores::syncWarp() {
  Value all = arith::ConstantIntOp::create(b, b.getI32Type(), -1);
  NVVM::SyncWarpOp::create(b, all);
}

void TensorCores::setRegisters(int64_t count, bool more) {
  auto action = more ? NVVM::SetMaxRegisterAction::increase
                     : NVVM::SetMaxRegisterAction::decrease;
  NVVM::SetMaxRegisterOp::create(
      b, b.getI32IntegerAttr(int32_t(count)),
      NVVM::SetMaxRegisterActionAttr::get(b.getContext(), action));
}

void TensorCores::initBarrier(Value barrier, int64_t arrivals) {
  NVVM::MBarrierInitOp::create(b, barrier, b.number(arrivals), Value());
}

void TensorCores::publishBarriers() { NVVM::FenceMbarrierInitOp::create(b); }

void TensorCores::arrive(Value barrier) {
  // Another block's barrier tells nothing back. A wider scope would make this
  // thread wait for all that it has written.
  if (barrier.getType() == clusterPointer(b)) {
    NVVM::MBarrierArriveOp::create(b, Type(), barrier, Value(), blockScope(b));
    return;
  }
  NVVM::MBarrierArriveOp::create(b, b.getI64Type(), barrier, Value(),
                                 blockScope(b));
}

void TensorCores::arriveExpecting(Value barrier, int64_t bytes) {
  arriveExpecting(barrier, b.number(bytes));
}

void TensorCores::arriveExpecting(Value barrier, Value bytes) {
  NVVM::MBarrierArriveExpectTxOp::create(
      b, Type(), barrier, bytes, blockScope(b), b.getBoolAttr(false), Value());
}

void TensorCores::wait(Value barrier, Value parity) {
  // A hint in ns of how long to sleep; the op tries until the phase is over.
  constexpr int64_t patience = 10000000;
  NVVM::MBarrierTryWaitParityOp::create(b, barrier, parity, b.number(patience));
}

void TensorCores::copyBox(Value to, Value map, ValueRange indices,
                          Value barrier, int64_t blocks) {
  auto mode =
      NVVM::TMALoadModeAttr::get(b.getContext(), NVVM::TMALoadMode::TILE);
  Value mask;
  if (blocks > 1) {
    mask = arith::ConstantIntOp::create(b, b.getI16Type(), (1 << blocks) - 1);
    to = LLVM::AddrSpaceCastOp::create(b, clusterPointer(b), to);
  }
  NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp::create(
      b, to, map, indices, barrier, ValueRange(), mask, Value(), mode,
      /*isCTAOnly=*/b.getBoolAttr(blocks == 1), NVVM::CTAGroupKindAttr(),
      Value());
}

void TensorCores::copyBytes(Value to, Value from, Value bytes, Value barrier) {
  NVVM::CpAsyncBulkGlobalToSharedClusterOp::create(b, to, from, barrier, bytes,
                                                   Value(), Value());
}

void TensorCores::prefetch(Value map) {
  NVVM::PrefetchOp::create(b, NVVM::PrefetchCacheLevelAttr(),
                           NVVM::CacheEvictionPriorityAttr(), map, Value(),
                           /*tensormap=*/b.getUnitAttr());
}

void TensorCores::syncCluster() {
  NVVM::ClusterArriveOp::create(b, UnitAttr());
  NVVM::ClusterWaitOp::create(b, UnitAttr());
}

void TensorCores::send(Value value, Value place, Value barrier) {
  if (!value.getType().isInteger())
    value = arith::BitcastOp::create(b, b.getI32Type(), value);
  NVVM::InlinePtxOp::create(
      b, TypeRange(), ValueRange{place, value, barrier}, ValueRange(),
      "st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.b32 "
      "[%0], %1, [%2];",
      Value());
}

void TensorCores::fenceCopies() {
  NVVM::FenceProxyOp::create(
      b,
      NVVM::ProxyKindAttr::get(b.getContext(), NVVM::ProxyKind::async_shared),
      NVVM::SharedSpaceAttr::get(b.getContext(),
                                 NVVM::SharedSpace::shared_cta));
}

Value TensorCores::inBlock(Value pointer, Value rank) {
  return NVVM::MapaOp::create(b, clusterPointer(b), pointer, rank);
}

Value TensorCores::sharedAddress(Value pointer) {
  return LLVM::PtrToIntOp::create(b, b.getI32Type(), pointer);
}

Value TensorCores::descriptor(Value address, uint64_t layout) {
  // 18 bits in units of 16 bytes.
  Value low = arith::AndIOp::create(b, address, b.number(0x3FFFF));
  Value field = arith::ExtUIOp::create(b, b.getI64Type(), b.div(low, 16));
  return arith::OrIOp::create(b, field, b.wide(int64_t(layout)));
}

static Value undefinedSums(ThreadBuilder &b, int64_t count) {
  SmallVector<Type> types(size_t(count), b.getF32Type());
  return LLVM::UndefOp::create(
      b, LLVM::LLVMStructType::getLiteral(b.getContext(), types));
}

void TensorCores::beginProducts() { NVVM::WgmmaFenceAlignedOp::create(b); }

Value TensorCores::multiply64(Value sums, Value left, Value right,
                              int64_t columns, Type element,
                              bool leftDepthFirst, bool rightDepthFirst) {
  MLIRContext *context = b.getContext();
  using Layout = NVVM::MMALayout;
  auto type = element.isBF16() ? NVVM::WGMMATypes::bf16 : NVVM::WGMMATypes::f16;
  auto scale = sums ? NVVM::WGMMAScaleOut::one : NVVM::WGMMAScaleOut::zero;
  if (!sums)
    sums = undefinedSums(b, columns / 2);
  // The op writes A as [rows, depth] and B as [depth, columns].
  return NVVM::WgmmaMmaAsyncOp::create(
      b, sums.getType(), sums, left, right,
      NVVM::MMAShapeAttr::get(context, 64, int(columns), 16), type, type,
      NVVM::WGMMATypes::f32, scale, NVVM::WGMMAScaleIn::one,
      NVVM::WGMMAScaleIn::one, leftDepthFirst ? Layout::row : Layout::col,
      rightDepthFirst ? Layout::col : Layout::row, NVVM::MMAIntOverflowAttr());
}

void TensorCores::endProducts() { NVVM::WgmmaGroupSyncAlignedOp::create(b); }

void TensorCores::waitForProducts(int64_t unfinished) {
  NVVM::WgmmaWaitGroupSyncOp::create(b, uint64_t(unfinished));
}

Value TensorCores::pinSums(Value sums, int64_t count) {
  SmallVector<Value> each;
  std::string outputs, inputs;
  for (int64_t i = 0; i < count; ++i) {
    each.push_back(LLVM::ExtractValueOp::create(b, sums, i));
    outputs += "=f,";
    inputs += std::to_string(i) + ",";
  }
  auto dialect =
      LLVM::AsmDialectAttr::get(b.getContext(), LLVM::AsmDialect::AD_ATT);
  auto fence = LLVM::InlineAsmOp::create(
      b, TypeRange(sums.getType()), each, "", outputs + inputs + "~{memory}",
      /*hasSideEffects=*/true, /*isAlignStack=*/false, LLVM::TailCallKind::None,
      dialect, ArrayAttr());
  return fence.getResult(0);
}

Value TensorCores::pair(Value sums, int64_t first) {
  Value x = LLVM::ExtractValueOp::create(b, sums, first);
  Value y = LLVM::ExtractValueOp::create(b, sums, first + 1);
  return vector::FromElementsOp::create(b, VectorType::get({2}, b.getF32Type()),
                                        ValueRange{x, y});
}

void TensorCores::copyChunk(Value to, Value from, Value isInside) {
  constexpr int64_t bytes = 16;
  Value read;
  if (isInside)
    read = b.select(isInside, b.number(bytes), b.number(0));
  NVVM::CpAsyncOp::create(b, to, from, uint32_t(bytes),
                          NVVM::LoadCacheModifierKind::CG, read);
}

void TensorCores::endCopies() { NVVM::CpAsyncCommitGroupOp::create(b); }

void TensorCores::waitForCopies(int64_t unfinished) {
  NVVM::CpAsyncWaitGroupOp::create(b, uint32_t(unfinished));
}

static LLVM::LLVMStructType structOf4(ThreadBuilder &b, Type element) {
  SmallVector<Type> types(4, element);
  return LLVM::LLVMStructType::getLiteral(b.getContext(), types);
}

static TensorCores::Fragment fieldsOf(ThreadBuilder &b, Value values) {
  TensorCores::Fragment fields;
  for (int64_t i = 0; i < 4; ++i)
    fields[size_t(i)] = LLVM::ExtractValueOp::create(b, values, i);
  return fields;
}

TensorCores::Fragment TensorCores::loadMatrices(Value row, bool transposed) {
  MLIRContext *context = b.getContext();
  auto layout = transposed ? NVVM::MMALayout::col : NVVM::MMALayout::row;
  Value loaded = NVVM::LdMatrixOp::create(
      b, structOf4(b, b.getI32Type()), row, /*num=*/4, layout,
      NVVM::LdStMatrixShapeAttr::get(context, 8, 8),
      NVVM::LdStMatrixEltType::B16);
  return fieldsOf(b, loaded);
}

TensorCores::Fragment TensorCores::multiply16(const Fragment &sums,
                                              const Fragment &left,
                                              std::array<Value, 2> right,
                                              Type element) {
  // Pairs of f16 are vectors, those of bf16 are integers.
  auto pairs = [&](ArrayRef<Value> values) {
    SmallVector<Value> result(values);
    if (element.isF16())
      for (Value &value : result)
        value =
            LLVM::BitcastOp::create(b, VectorType::get({2}, element), value);
    return result;
  };
  auto type = element.isBF16() ? NVVM::MMATypes::bf16 : NVVM::MMATypes::f16;
  Value next = NVVM::MmaOp::create(
      b, structOf4(b, b.getF32Type()), pairs(left), pairs(right),
      ValueRange(sums), ArrayRef<int64_t>{16, 8, 16}, std::nullopt,
      std::nullopt, std::array{type, type},
      std::array{NVVM::MMALayout::row, NVVM::MMALayout::col});
  return fieldsOf(b, next);
}
