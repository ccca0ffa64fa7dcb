#include "test/lowering/KernelJit.h"
#include "compiler/lowering/ScalarOps.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVMPass.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::test;

void mpc::test::require(bool condition, const llvm::Twine &what) {
  if (condition)
    return;
  llvm::errs() << "kernel runner: " << what << "\n";
  abort();
}

DialectRegistry mpc::test::kernelDialects() {
  DialectRegistry registry;
  registry.insert<MpcDialect, affine::AffineDialect, arith::ArithDialect,
                  cf::ControlFlowDialect, func::FuncDialect, LLVM::LLVMDialect,
                  math::MathDialect, memref::MemRefDialect, scf::SCFDialect,
                  ub::UBDialect, vector::VectorDialect>();
  registerScalarOps(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  return registry;
}

std::string mpc::test::kernelText(const std::string &root,
                                  const std::vector<std::string> &inputs,
                                  const std::string &body,
                                  const std::vector<std::string> &results) {
  std::string outer, arguments, names, types, outputs;
  for (size_t i = 0; i < inputs.size(); ++i) {
    std::string comma = i ? ", " : "", number = std::to_string(i);
    std::string type = "tensor<" + inputs[i] + ">";
    outer += comma + "%in" + number + ": " + type;
    arguments += comma + "%" + number + ": " + type;
    names += comma + "%in" + number;
    types += comma + type;
  }
  for (size_t i = 0; i < results.size(); ++i)
    outputs += (i ? ", tensor<" : "tensor<") + results[i] + ">";
  return "func.func @step(" + outer +
         ") {\n  %r:" + std::to_string(results.size()) + " = mpc.kernel \"" +
         root + "\" provider \"generated\"(" + names + " : " + types + ") -> " +
         outputs + " {\n  ^bb0(" + arguments + "):\n" + body +
         "\n  }\n  return\n}\n";
}

void mpc::test::lowerToLlvm(ModuleOp code) {
  PassManager pm(code.getContext());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createLoopInvariantCodeMotionPass());
  arith::ArithExpandOpsPassOptions expand;
  expand.includeBf16 = true;
  pm.addPass(arith::createArithExpandOpsPass(expand));
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  ConvertFuncToLLVMPassOptions functions;
  functions.useBarePtrCallConv = true;
  pm.addPass(createConvertFuncToLLVMPass(functions));
  pm.addPass(createReconcileUnrealizedCastsPass());
  require(succeeded(pm.run(code)), "lowering failed");
}

std::unique_ptr<ExecutionEngine> mpc::test::compile(ModuleOp code) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  llvm::Triple triple(llvm::sys::getDefaultTargetTriple());
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  require(target, error);
  auto machine = [&] {
    return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
        triple, "x86-64-v3", "", {}, llvm::Reloc::PIC_, std::nullopt,
        llvm::CodeGenOptLevel::Aggressive));
  };
  auto optimizer = machine();
  auto optimize = [&](llvm::Module *module) {
    module->setDataLayout(optimizer->createDataLayout());
    module->setTargetTriple(triple);
    for (llvm::Function &function : *module)
      function.addFnAttr("target-cpu", "x86-64-v3");
    return makeOptimizingTransformer(3, 0, optimizer.get())(module);
  };
  ExecutionEngineOptions options;
  options.transformer = optimize;
  auto created = ExecutionEngine::create(code, options, machine());
  if (!created)
    require(false, toString(created.takeError()));
  return std::move(*created);
}
