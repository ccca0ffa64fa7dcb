#include "compiler/pipeline/Registration.h"
#include "compiler/dialect/Dialect.h"
#include "compiler/lowering/Passes.h"
#include "compiler/lowering/ScalarOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/autodiff/Passes.h"
#include "passes/cast/Passes.h"
#include "passes/layout/Passes.h"
#include "passes/optimizer/Passes.h"
#include "passes/precision/Passes.h"
#include "passes/scaling/Passes.h"
#include "passes/schedule/Passes.h"
#include "passes/simplify/Passes.h"

using namespace mlir;

void mpc::registerDialects(DialectRegistry &registry) {
  registerDerivatives(registry);
  registry.insert<MpcDialect, arith::ArithDialect, func::FuncDialect,
                  LLVM::LLVMDialect, math::MathDialect, memref::MemRefDialect,
                  NVVM::NVVMDialect, scf::SCFDialect, vector::VectorDialect>();
  registerScalarOps(registry);
}

void mpc::registerPasses() {
  registerSimplifyPasses();
  registerAutodiffPasses();
  registerOptimizerPasses();
  registerPrecisionPasses();
  registerScalingPasses();
  registerCastPasses();
  registerLayoutPasses();
  registerSchedulePasses();
  registerLoweringPasses();
}
