// From NVVM ops to calls of the emulator.
#include "mlir/Dialect/Arith/IR/Arith.h"
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
