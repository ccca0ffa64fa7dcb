#include "compiler/lowering/gpu/WideProducts.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace llvm::PatternMatch;

static bool usesBothHalves(Instruction &product) {
  bool low = false, high = false;
  for (User *user : product.users()) {
    bool isHigh = match(user, m_LShr(m_Specific(&product), m_SpecificInt(32)));
    high |= isHigh;
    low |= !isHigh;
  }
  return low && high;
}

static Value *widened(IRBuilder<> &b, Value *x, uint64_t factor) {
  Type *word = b.getInt32Ty();
  auto *type = FunctionType::get(b.getInt64Ty(), {word, word}, false);
  return b.CreateCall(
      InlineAsm::get(type, "mul.wide.u32 $0, $1, $2;", "=l,r,r", false),
      {x, b.getInt32(uint32_t(factor))});
}

static Value *widened(Instruction &product, Value *x, uint64_t factor) {
  IRBuilder<> b(&product);
  auto *type = dyn_cast<FixedVectorType>(product.getType());
  if (!type)
    return widened(b, x, factor);
  Value *result = PoisonValue::get(type);
  for (uint64_t i = 0; i < type->getNumElements(); ++i)
    result = b.CreateInsertElement(
        result, widened(b, b.CreateExtractElement(x, i), factor), i);
  return result;
}

void mpc::widenProducts(Module &module) {
  for (Function &function : module)
    for (Instruction &instruction :
         make_early_inc_range(instructions(function))) {
      Value *x;
      const APInt *factor;
      if (!instruction.getType()->getScalarType()->isIntegerTy(64) ||
          !match(&instruction, m_Mul(m_ZExt(m_Value(x)), m_APInt(factor))) ||
          !x->getType()->getScalarType()->isIntegerTy(32) ||
          !factor->isIntN(32) || !usesBothHalves(instruction))
        continue;
      instruction.replaceAllUsesWith(
          widened(instruction, x, factor->getZExtValue()));
      instruction.eraseFromParent();
    }
}
