#include "compiler/lowering/gpu/StreamingStores.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"

using namespace llvm;

static void stream(StoreInst &store) {
  IRBuilder<> b(&store);
  Type *word = b.getInt32Ty();
  Value *words =
      b.CreateBitCast(store.getValueOperand(), FixedVectorType::get(word, 4));
  auto *global = b.getPtrTy(unsigned(mlir::NVVM::NVVMMemorySpace::Global));
  SmallVector<Value *> operands = {
      b.CreateAddrSpaceCast(store.getPointerOperand(), global)};
  for (uint64_t i = 0; i < 4; ++i)
    operands.push_back(b.CreateExtractElement(words, i));
  auto *type = FunctionType::get(
      b.getVoidTy(), {global, word, word, word, word}, /*isVarArg=*/false);
  b.CreateCall(InlineAsm::get(type,
                              "st.global.cs.v4.b32 [$0], {$1, $2, $3, $4};",
                              "l,r,r,r,r,~{memory}", /*hasSideEffects=*/true),
               operands);
  store.eraseFromParent();
}

void mpc::streamStores(Module &module) {
  constexpr uint64_t bits = 128;
  for (Function &function : module)
    for (Instruction &instruction :
         make_early_inc_range(instructions(function))) {
      auto *store = dyn_cast<StoreInst>(&instruction);
      if (store && store->hasMetadata(LLVMContext::MD_nontemporal) &&
          store->getAlign() >= bits / 8 &&
          module.getDataLayout().getTypeSizeInBits(
              store->getValueOperand()->getType()) == bits)
        stream(*store);
    }
}
