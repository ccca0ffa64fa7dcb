#include "compiler/lowering/gpu/Selection.h"
#include "llvm/Analysis/ConstantFolding.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace llvm::PatternMatch;

// What `rounded` is the rounding of, or null.
static Value *beforeRounding(Value *rounded, const DataLayout &layout) {
  Type *element = rounded->getType()->getScalarType();
  Type *wide = rounded->getType()->getWithNewType(
      Type::getFloatTy(element->getContext()));
  if (auto *constant = dyn_cast<Constant>(rounded))
    return ConstantFoldCastOperand(Instruction::FPExt, constant, wide, layout);
  Value *x;
  bool isRounding = match(rounded, m_OneUse(m_FPTrunc(m_Value(x))));
  return isRounding && x->getType() == wide ? x : nullptr;
}

void mpc::selectBeforeRounding(Module &module) {
  for (Function &function : module)
    for (Instruction &instruction :
         make_early_inc_range(instructions(function))) {
      auto *select = dyn_cast<SelectInst>(&instruction);
      if (!select || !select->getType()->getScalarType()->is16bitFPTy() ||
          (isa<Constant>(select->getTrueValue()) &&
           isa<Constant>(select->getFalseValue())))
        continue;
      const DataLayout &layout = module.getDataLayout();
      Value *x = beforeRounding(select->getTrueValue(), layout);
      Value *y = beforeRounding(select->getFalseValue(), layout);
      if (!x || !y)
        continue;
      IRBuilder<> b(select);
      select->replaceAllUsesWith(b.CreateFPTrunc(
          b.CreateSelect(select->getCondition(), x, y), select->getType()));
      select->eraseFromParent();
    }
}
