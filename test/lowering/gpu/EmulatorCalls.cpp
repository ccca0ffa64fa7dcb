// From NVVM ops to calls of the emulator.
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "test/lowering/gpu/Emulator.h"

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

  // The sums go through memory.
  void replaceWgmma(ImplicitLocOpBuilder &b, NVVM::WgmmaMmaAsyncOp op) {
    auto number = [&](int64_t value) -> Value {
      return arith::ConstantIntOp::create(b, b.getI32Type(), value);
    };
    auto pointer = LLVM::LLVMPointerType::get(b.getContext());
    Type type = op.getInouts().getType();
    Value memory;
    {
      OpBuilder::InsertionGuard guard(b);
      auto function = op->getParentOfType<func::FuncOp>();
      b.setInsertionPointToStart(&function.front());
      memory = LLVM::AllocaOp::create(b, pointer, type, number(1));
    }
    LLVM::StoreOp::create(b, op.getInouts(), memory);
    bool left = op.getLayoutA() == NVVM::MMALayout::row;
    bool right = op.getLayoutB() == NVVM::MMALayout::col;
    bool bf16 = op.getTypeA() == NVVM::WGMMATypes::bf16;
    call(b, "emu_wgmma", {},
         {memory, op.getDescriptorA(), op.getDescriptorB(),
          number(op.getShape().getN()), number(left), number(right),
          number(bf16)});
    op->replaceAllUsesWith(
        ValueRange{LLVM::LoadOp::create(b, type, memory).getResult()});
  }

  // What stands for `op`, or null if it is not an op of a GPU.
  bool replace(Operation *op) {
    ImplicitLocOpBuilder b(op->getLoc(), op);
    auto number = [&](int64_t value) -> Value {
      return arith::ConstantIntOp::create(b, b.getI32Type(), value);
    };
    if (isa<NVVM::ThreadIdXOp>(op)) {
      op->replaceAllUsesWith(
          ValueRange{call(b, "emu_tid", b.getI32Type(), {})});
    } else if (isa<NVVM::BlockIdXOp>(op)) {
      op->replaceAllUsesWith(
          ValueRange{call(b, "emu_ctaid", b.getI32Type(), {})});
    } else if (isa<LLVM::AddressOfOp>(op)) {
      op->replaceAllUsesWith(
          ValueRange{call(b, "emu_shared", op->getResult(0).getType(), {})});
    } else if (isa<LLVM::GlobalOp>(op)) {
      // The dynamic shared memory is the only one.
    } else if (auto barrier = dyn_cast<NVVM::BarrierOp>(op)) {
      Value id = barrier.getBarrierId(), threads = barrier.getNumberOfThreads();
      call(b, "emu_barrier", {},
           {id ? id : number(0), threads ? threads : number(0)});
    } else if (auto shuffle = dyn_cast<NVVM::ShflOp>(op)) {
      op->replaceAllUsesWith(
          ValueRange{call(b, "emu_lane0", b.getI32Type(), shuffle.getVal())});
    } else if (isa<NVVM::ElectSyncOp>(op)) {
      Value lane = call(b, "emu_lane", b.getI32Type(), {});
      op->replaceAllUsesWith(ValueRange{
          arith::CmpIOp::create(b, arith::CmpIPredicate::eq, lane, number(0))});
    } else if (auto init = dyn_cast<NVVM::MBarrierInitOp>(op)) {
      call(b, "emu_mbarrier_init", {}, {init.getAddr(), init.getCount()});
    } else if (auto arrive = dyn_cast<NVVM::MBarrierArriveOp>(op)) {
      call(b, "emu_mbarrier_arrive", {}, {arrive.getAddr(), number(0)});
    } else if (auto expect = dyn_cast<NVVM::MBarrierArriveExpectTxOp>(op)) {
      call(b, "emu_mbarrier_arrive", {},
           {expect.getAddr(), expect.getTxcount()});
    } else if (auto wait = dyn_cast<NVVM::MBarrierTryWaitParityOp>(op)) {
      call(b, "emu_mbarrier_wait", {}, {wait.getAddr(), wait.getPhase()});
    } else if (auto copy =
                   dyn_cast<NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp>(
                       op)) {
      SmallVector<Value> arguments = {copy.getDstMem(), copy.getTmaDescriptor(),
                                      copy.getMbar()};
      llvm::append_range(arguments, copy.getCoordinates());
      arguments.resize(6, number(0));
      call(b, "emu_copy_box", {}, arguments);
    } else if (auto product = dyn_cast<NVVM::WgmmaMmaAsyncOp>(op)) {
      replaceWgmma(b, product);
    } else if (auto pin = dyn_cast<LLVM::InlineAsmOp>(op)) {
      op->replaceAllUsesWith(
          ValueRange{packed(b, pin.getResult(0).getType(), pin.getOperands())});
    } else if (isa<NVVM::FenceMbarrierInitOp, NVVM::PrefetchOp,
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
