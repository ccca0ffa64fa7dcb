#include "compiler/lowering/gpu/MinMax.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace llvm::PatternMatch;

template <typename From, typename To> static void replace(From op) {
  mlir::OpBuilder b(op);
  mlir::Value result =
      To::create(b, op.getLoc(), op.getType(), op.getLhs(), op.getRhs());
  op.replaceAllUsesWith(result);
  op.erase();
}

void mpc::keepMinMax(mlir::ModuleOp image) {
  namespace arith = mlir::arith;
  image.walk([](arith::MaximumFOp op) {
    replace<arith::MaximumFOp, mlir::LLVM::MaximumOp>(op);
  });
  image.walk([](arith::MinimumFOp op) {
    replace<arith::MinimumFOp, mlir::LLVM::MinimumOp>(op);
  });
}

// The intrinsic that `select` is, or none.
static Intrinsic::ID boundOf(SelectInst &select) {
  Value *x = select.getFalseValue(), *bound = select.getTrueValue();
  const APFloat *number;
  CmpPredicate predicate;
  if (!select.getType()->getScalarType()->isFloatTy() ||
      !match(bound, m_APFloat(number)) || number->isZero() ||
      !match(select.getCondition(),
             m_FCmp(predicate, m_Specific(x), m_Specific(bound))))
    return Intrinsic::not_intrinsic;
  switch (CmpInst::Predicate(predicate)) {
  case CmpInst::FCMP_OLT:
    return Intrinsic::maximum;
  case CmpInst::FCMP_OGT:
    return Intrinsic::minimum;
  default:
    return Intrinsic::not_intrinsic;
  }
}

void mpc::clampByMinMax(Module &module) {
  for (Function &function : module)
    for (Instruction &instruction :
         make_early_inc_range(instructions(function))) {
      auto *select = dyn_cast<SelectInst>(&instruction);
      Intrinsic::ID bound =
          select ? boundOf(*select) : Intrinsic::not_intrinsic;
      if (bound == Intrinsic::not_intrinsic)
        continue;
      IRBuilder<> b(select);
      select->replaceAllUsesWith(b.CreateBinaryIntrinsic(
          bound, select->getFalseValue(), select->getTrueValue()));
      select->eraseFromParent();
    }
}
