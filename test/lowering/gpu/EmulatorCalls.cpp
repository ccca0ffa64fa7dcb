// From NVVM ops to calls of the emulator.
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"
#include "test/lowering/gpu/Emulator.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace {
struct Calls {
  ModuleOp module;

  Value call(ImplicitLocOpBuilder &b, StringRef name, Type result,
             ValueRange arguments) {
    Type type = result ? result : LLVM::LLVMVoidType::get(b.getContext());
    auto function = module.lookupSymbol<LLVM::LLVMFuncOp>(name);
    if (!function) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(module.getBody());
      function = LLVM::LLVMFuncOp::create(
          b, name,
          LLVM::LLVMFunctionType::get(type,
                                      SmallVector<Type>(arguments.getTypes())));
    }
    auto op = LLVM::CallOp::create(b, function, arguments);
    return result ? op.getResult() : Value();
  }

  // A struct of the values.
  static Value packed(ImplicitLocOpBuilder &b, Type type, ValueRange values) {
    Value result = LLVM::UndefOp::create(b, type);
    for (auto [i, value] : llvm::enumerate(values))
      result = LLVM::InsertValueOp::create(b, result, value, int64_t(i));
    return result;
  }

  static Value number(ImplicitLocOpBuilder &b, int64_t value) {
    return arith::ConstantIntOp::create(b, b.getI32Type(), value);
  }

  // Memory that is there once per call of the function.
  static Value scratch(ImplicitLocOpBuilder &b, Operation *op, Type type) {
    OpBuilder::InsertionGuard guard(b);
    auto function = op->getParentOfType<func::FuncOp>();
    b.setInsertionPointToStart(&function.front());
    auto pointer = LLVM::LLVMPointerType::get(b.getContext());
    return LLVM::AllocaOp::create(b, pointer, type, number(b, 1));
  }

  void replaceLoadMatrix(ImplicitLocOpBuilder &b, NVVM::LdMatrixOp op) {
    Type type = op.getRes().getType();
    Value memory = scratch(b, op, type);
    bool transposed = op.getLayout() == NVVM::MMALayout::col;
    call(b, "emu_ldmatrix", {}, {op.getPtr(), number(b, transposed), memory});
    op->replaceAllUsesWith(
        ValueRange{LLVM::LoadOp::create(b, type, memory).getResult()});
  }

  void replaceMma(ImplicitLocOpBuilder &b, NVVM::MmaOp op) {
    SmallVector<Value> pairs;
    for (Value pair : llvm::concat<Value>(SmallVector<Value>(op.getOperandA()),
                                          SmallVector<Value>(op.getOperandB())))
      pairs.push_back(LLVM::BitcastOp::create(b, b.getI32Type(), pair));
    SmallVector<Type> types(pairs.size(), b.getI32Type());
    auto operandType = LLVM::LLVMStructType::getLiteral(b.getContext(), types);
    Type type = op.getRes().getType();
    Value operands = scratch(b, op, operandType), sums = scratch(b, op, type);
    LLVM::StoreOp::create(b, packed(b, operandType, pairs), operands);
    LLVM::StoreOp::create(b, packed(b, type, op.getOperandC()), sums);
    bool bf16 = op.getMultiplicandAPtxType() == NVVM::MMATypes::bf16;
    call(b, "emu_mma", {}, {operands, sums, number(b, bf16)});
    op->replaceAllUsesWith(
        ValueRange{LLVM::LoadOp::create(b, type, sums).getResult()});
  }

  // The sums go through memory.
  void replaceWgmma(ImplicitLocOpBuilder &b, NVVM::WgmmaMmaAsyncOp op) {
    Type type = op.getInouts().getType();
    Value memory = scratch(b, op, type);
    LLVM::StoreOp::create(b, op.getInouts(), memory);
    bool left = op.getLayoutA() == NVVM::MMALayout::row;
    bool right = op.getLayoutB() == NVVM::MMALayout::col;
    bool bf16 = op.getTypeA() == NVVM::WGMMATypes::bf16;
    bool adds = op.getScaleD() == NVVM::WGMMAScaleOut::one;
    call(b, "emu_wgmma", {},
         {memory, op.getDescriptorA(), op.getDescriptorB(),
          number(b, op.getShape().getN()), number(b, left), number(b, right),
          number(b, bf16), number(b, adds)});
    op->replaceAllUsesWith(
        ValueRange{LLVM::LoadOp::create(b, type, memory).getResult()});
  }

  // Of the kinds, those between all lanes of a warp that emitters use.
  void replaceShuffle(ImplicitLocOpBuilder &b, NVVM::ShflOp op) {
    bool butterfly = op.getKind() == NVVM::ShflKind::bfly;
    assert(butterfly || op.getKind() == NVVM::ShflKind::idx);
    Type type = op.getVal().getType();
    Value pattern = op.getVal();
    if (!type.isInteger(32))
      pattern = arith::BitcastOp::create(b, b.getI32Type(), pattern);
    Value result = call(b, "emu_shuffle", b.getI32Type(),
                        {pattern, op.getOffset(), number(b, butterfly)});
    if (!type.isInteger(32))
      result = arith::BitcastOp::create(b, type, result);
    op->replaceAllUsesWith(ValueRange{result});
  }

  // All functions take pointers to any block's memory as such to this one's.
  void replaceCopy(ImplicitLocOpBuilder &b,
                   NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp op) {
    Value to = op.getDstMem(), blocks = number(b, 1);
    if (auto cast = to.getDefiningOp<LLVM::AddrSpaceCastOp>())
      to = cast.getArg();
    APInt mask;
    if (op.getMulticastMask() &&
        matchPattern(op.getMulticastMask(), m_ConstantInt(&mask)))
      blocks = number(b, mask.popcount());
    SmallVector<Value> arguments = {to, op.getTmaDescriptor(), op.getMbar(),
                                    blocks};
    llvm::append_range(arguments, op.getCoordinates());
    arguments.resize(7, number(b, 0));
    call(b, "emu_copy_box", {}, arguments);
  }

  static bool isShared(unsigned space) {
    return space == unsigned(NVVM::NVVMMemorySpace::Shared);
  }

  static StringRef functionOf(StringRef intrinsic) {
    return StringSwitch<StringRef>(intrinsic)
        .Case("llvm.nvvm.ex2.approx.ftz", "emu_exp2")
        .Case("llvm.nvvm.sqrt.approx.f", "emu_sqrt")
        .Case("llvm.nvvm.sqrt.approx.ftz.f", "emu_sqrt_flushed")
        .Case("llvm.nvvm.rsqrt.approx.ftz.f", "emu_rsqrt_flushed")
        .Case("llvm.nvvm.lg2.approx.f", "emu_log2")
        .Case("llvm.nvvm.lg2.approx.ftz.f", "emu_log2_flushed");
  }

  // What stands for `op`, or null if it is not an op of a GPU.
  bool replace(Operation *op) {
    ImplicitLocOpBuilder b(op->getLoc(), op);
    auto number = [&](int64_t value) { return Calls::number(b, value); };
    if (isa<NVVM::ThreadIdXOp>(op)) {
      op->replaceAllUsesWith(
          ValueRange{call(b, "emu_tid", b.getI32Type(), {})});
    } else if (isa<NVVM::BlockIdXOp>(op)) {
      op->replaceAllUsesWith(
          ValueRange{call(b, "emu_ctaid", b.getI32Type(), {})});
    } else if (auto address = dyn_cast<LLVM::AddressOfOp>(op)) {
      if (!isShared(address.getType().getAddressSpace()))
        return false;
      op->replaceAllUsesWith(
          ValueRange{call(b, "emu_shared", address.getType(), {})});
    } else if (auto global = dyn_cast<LLVM::GlobalOp>(op)) {
      return isShared(global.getAddrSpace());
    } else if (auto send = dyn_cast<NVVM::InlinePtxOp>(op)) {
      call(b, "emu_send", {}, send.getReadOnlyArgs());
    } else if (auto barrier = dyn_cast<NVVM::BarrierOp>(op)) {
      Value id = barrier.getBarrierId(), threads = barrier.getNumberOfThreads();
      call(b, "emu_barrier", {},
           {id ? id : number(0), threads ? threads : number(0)});
    } else if (auto shuffle = dyn_cast<NVVM::ShflOp>(op)) {
      replaceShuffle(b, shuffle);
    } else if (auto redux = dyn_cast<NVVM::ReduxOp>(op)) {
      assert(redux.getKind() == NVVM::ReduxKind::MIN);
      op->replaceAllUsesWith(
          ValueRange{call(b, "emu_least", b.getI32Type(), redux.getVal())});
    } else if (isa<NVVM::ElectSyncOp>(op)) {
      Value lane = call(b, "emu_lane", b.getI32Type(), {});
      op->replaceAllUsesWith(ValueRange{
          arith::CmpIOp::create(b, arith::CmpIPredicate::eq, lane, number(0))});
    } else if (auto init = dyn_cast<NVVM::MBarrierInitOp>(op)) {
      call(b, "emu_mbarrier_init", {}, {init.getAddr(), init.getCount()});
    } else if (auto arrive = dyn_cast<NVVM::MBarrierArriveOp>(op)) {
      Value address = arrive.getAddr();
      bool isOwn =
          cast<LLVM::LLVMPointerType>(address.getType()).getAddressSpace() ==
          unsigned(NVVM::NVVMMemorySpace::Shared);
      call(b, isOwn ? "emu_mbarrier_arrive" : "emu_mbarrier_arrive_there", {},
           {address, number(0)});
    } else if (auto expect = dyn_cast<NVVM::MBarrierArriveExpectTxOp>(op)) {
      call(b, "emu_mbarrier_arrive", {},
           {expect.getAddr(), expect.getTxcount()});
    } else if (auto wait = dyn_cast<NVVM::MBarrierTryWaitParityOp>(op)) {
      call(b, "emu_mbarrier_wait", {}, {wait.getAddr(), wait.getPhase()});
    } else if (auto copy =
                   dyn_cast<NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp>(
                       op)) {
      replaceCopy(b, copy);
    } else if (auto copy =
                   dyn_cast<NVVM::CpAsyncBulkGlobalToSharedClusterOp>(op)) {
      call(
          b, "emu_copy_bytes", {},
          {copy.getDstMem(), copy.getSrcMem(), copy.getSize(), copy.getMbar()});
    } else if (auto fetch = dyn_cast<NVVM::CpAsyncBulkPrefetchOp>(op)) {
      call(b, "emu_fetch_bytes", {}, {fetch.getSrcMem(), fetch.getSize()});
    } else if (auto intrinsic = dyn_cast<LLVM::CallIntrinsicOp>(op)) {
      op->replaceAllUsesWith(
          ValueRange{call(b, functionOf(intrinsic.getIntrin()), b.getF32Type(),
                          intrinsic.getArgs())});
    } else if (auto inverse = dyn_cast<NVVM::RcpApproxFtzF32Op>(op)) {
      op->replaceAllUsesWith(ValueRange{
          call(b, "emu_reciprocal", b.getF32Type(), inverse.getArg())});
    } else if (isa<NVVM::SyncWarpOp>(op)) {
      call(b, "emu_sync_warp", {}, {});
    } else if (isa<NVVM::ClusterWaitOp>(op)) {
      call(b, "emu_sync_cluster", {}, {});
    } else if (auto map = dyn_cast<NVVM::MapaOp>(op)) {
      op->replaceAllUsesWith(ValueRange{
          call(b, "emu_in_block", map.getType(), {map.getA(), map.getB()})});
    } else if (auto product = dyn_cast<NVVM::WgmmaMmaAsyncOp>(op)) {
      replaceWgmma(b, product);
    } else if (auto chunk = dyn_cast<NVVM::CpAsyncOp>(op)) {
      Value bytes = number(chunk.getSize()), read = chunk.getCpSize();
      call(b, "emu_copy_chunk", {},
           {chunk.getDst(), chunk.getSrc(), bytes, read ? read : bytes});
    } else if (isa<NVVM::CpAsyncCommitGroupOp>(op)) {
      call(b, "emu_end_copies", {}, {});
    } else if (auto wait = dyn_cast<NVVM::CpAsyncWaitGroupOp>(op)) {
      call(b, "emu_wait_copies", {}, {number(wait.getN())});
    } else if (auto load = dyn_cast<NVVM::LdMatrixOp>(op)) {
      replaceLoadMatrix(b, load);
    } else if (auto product = dyn_cast<NVVM::MmaOp>(op)) {
      replaceMma(b, product);
    } else if (auto pin = dyn_cast<LLVM::InlineAsmOp>(op)) {
      op->replaceAllUsesWith(
          ValueRange{packed(b, pin.getResult(0).getType(), pin.getOperands())});
    } else if (isa<NVVM::ClusterArriveOp, NVVM::ClusterArriveRelaxedOp,
                   NVVM::FenceProxyOp, NVVM::FenceMbarrierInitOp,
                   NVVM::GriddepcontrolOp, NVVM::PrefetchOp,
                   NVVM::SetMaxRegisterOp, NVVM::WgmmaFenceAlignedOp,
                   NVVM::WgmmaGroupSyncAlignedOp, NVVM::WgmmaWaitGroupSyncOp>(
                   op)) {
      // Nothing is asynchronous here.
    } else {
      return false;
    }
    return true;
  }
};
} // namespace

void mpc::test::callEmulator(ModuleOp module) {
  Calls calls{module};
  SmallVector<Operation *> done;
  module.walk([&](Operation *op) {
    if (calls.replace(op))
      done.push_back(op);
  });
  for (Operation *op : done)
    op->erase();
}
