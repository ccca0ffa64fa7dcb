#include "compiler/lowering/CpuImage.h"
#include "compiler/lowering/Passes.h"
#include "compiler/lowering/ToLlvm.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace mpc;

static constexpr llvm::StringLiteral bodySuffix = ".body";

//===-- To the LLVM dialect -----------------------------------------------===//

// The function that the runtime calls: loads the buffers' addresses and passes
// them on.
static void addEntry(OpBuilder &b, LLVM::LLVMFuncOp body, StringRef name) {
  MLIRContext *context = b.getContext();
  auto pointer = LLVM::LLVMPointerType::get(context);
  auto type =
      LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(context),
                                  {pointer, b.getI64Type(), b.getI64Type()});
  body.setLinkage(LLVM::Linkage::Internal);
  body.setAlwaysInline(true);
  body.setNoUnwind(true);
  b.setInsertionPointAfter(body);
  auto entry = LLVM::LLVMFuncOp::create(b, body.getLoc(), name, type);
  entry.setNoUnwind(true);
  b.setInsertionPointToStart(entry.addEntryBlock(b));
  SmallVector<Value> arguments;
  for (unsigned i = 0; i + 2 < body.getNumArguments(); ++i) {
    Value slot = LLVM::GEPOp::create(b, body.getLoc(), pointer, pointer,
                                     entry.getArgument(0),
                                     ArrayRef<LLVM::GEPArg>{int32_t(i)});
    auto load = LLVM::LoadOp::create(b, body.getLoc(), pointer, slot);
    load.setInvariant(true);
    arguments.push_back(load);
  }
  arguments.push_back(entry.getArgument(1));
  arguments.push_back(entry.getArgument(2));
  LLVM::CallOp::create(b, body.getLoc(), body, arguments);
  LLVM::ReturnOp::create(b, body.getLoc(), ValueRange());
}

static void addEntries(ModuleOp cpu) {
  OpBuilder b(cpu.getContext());
  for (auto body : llvm::make_early_inc_range(cpu.getOps<LLVM::LLVMFuncOp>())) {
    std::string name = body.getSymName().str();
    body.setSymName(name + bodySuffix.str());
    addEntry(b, body, name);
  }
}

//===-- To machine code ---------------------------------------------------===//

// What the code uses and the runtime checks before it runs the code:
// x86-64-v3, and for `native` what else the runtime knows and this CPU has.
static std::vector<std::string> featuresOf(const CpuImageOptions &options) {
  std::vector<std::string> features = {"avx",  "avx2", "bmi",   "bmi2",
                                       "f16c", "fma",  "lzcnt", "movbe"};
  if (!options.native)
    return features;
  llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  for (const char *more : {"avxvnni", "avx512f", "avx512bw", "avx512cd",
                           "avx512dq", "avx512vl", "avx512vnni"})
    if (host.lookup(more))
      features.push_back(more);
  return features;
}

static std::unique_ptr<llvm::TargetMachine>
createTargetMachine(const CpuImageOptions &options, std::string &error) {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  llvm::Triple triple("x86_64-unknown-linux-gnu");
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return nullptr;
  std::string features;
  for (const std::string &feature : featuresOf(options))
    features += (features.empty() ? "+" : ",+") + feature;
  llvm::TargetOptions targetOptions;
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      triple, "x86-64-v3", features, targetOptions, llvm::Reloc::PIC_,
      llvm::CodeModel::Small, llvm::CodeGenOptLevel::Aggressive));
}

// Makes every bf16 in memory an integer. All arithmetic on them is expanded
// into integers already, so after this no value of type bf16 survives: one that
// did, such as a splat that the vectoriser makes of a stored scalar, would be
// widened and rounded again by a library function.
static void keepBf16AsIntegers(llvm::Function &function) {
  llvm::Type *narrow = llvm::Type::getInt16Ty(function.getContext());
  auto isBf16 = [](llvm::Type *type) {
    return type->getScalarType()->isBFloatTy();
  };
  for (llvm::Instruction &i :
       llvm::make_early_inc_range(llvm::instructions(function))) {
    llvm::IRBuilder<> b(&i);
    if (auto *load = dyn_cast<llvm::LoadInst>(&i);
        load && isBf16(load->getType())) {
      auto *pattern =
          b.CreateAlignedLoad(load->getType()->getWithNewType(narrow),
                              load->getPointerOperand(), load->getAlign());
      pattern->copyMetadata(*load);
      load->replaceAllUsesWith(b.CreateBitCast(pattern, load->getType()));
      load->eraseFromParent();
    } else if (auto *store = dyn_cast<llvm::StoreInst>(&i)) {
      llvm::Value *value = store->getValueOperand();
      if (isBf16(value->getType()))
        store->setOperand(
            0,
            b.CreateBitCast(value, value->getType()->getWithNewType(narrow)));
    }
  }
}

static llvm::Expected<llvm::SmallVector<char, 0>>
compile(llvm::Module &module, llvm::TargetMachine &machine) {
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());
  for (llvm::Function &function : module) {
    keepBf16AsIntegers(function);
    function.addFnAttr("no-builtins");
    function.addFnAttr("target-cpu", machine.getTargetCPU());
    function.addFnAttr("target-features", machine.getTargetFeatureString());
  }
  optimize(module, machine);
  llvm::SmallVector<char, 0> object;
  llvm::raw_svector_ostream os(object);
  llvm::legacy::PassManager pm;
  if (machine.addPassesToEmitFile(pm, os, nullptr,
                                  llvm::CodeGenFileType::ObjectFile))
    return llvm::createStringError("the target writes no object files");
  pm.run(module);
  return object;
}

FailureOr<CpuImage> mpc::buildCpuImage(ModuleOp cpu,
                                       const CpuImageOptions &options) {
  OwningOpRef<ModuleOp> copy = cpu.clone();
  if (failed(convertToLlvm(*copy, /*bf16AsIntegers=*/true)))
    return failure();
  addEntries(*copy);
  if (failed(verify(*copy)))
    return failure();

  std::string error;
  auto machine = createTargetMachine(options, error);
  if (!machine)
    return cpu.emitError("no code generator for x86-64: ") << error;
  MLIRContext *context = cpu.getContext();
  registerBuiltinDialectTranslation(*context);
  registerLLVMDialectTranslation(*context);
  llvm::LLVMContext llvmContext;
  auto module = translateModuleToLLVMIR(*copy, llvmContext, "cpu");
  if (!module)
    return cpu.emitError("kernels do not translate to LLVM IR");
  auto object = compile(*module, *machine);
  if (!object)
    return cpu.emitError() << llvm::toString(object.takeError());
  auto image = layOutObject({object->data(), object->size()});
  if (!image)
    return cpu.emitError() << llvm::toString(image.takeError());
  image->isa = options.native ? llvm::sys::getHostCPUName().str()
                              : machine->getTargetCPU().str();
  image->features = featuresOf(options);
  return std::move(*image);
}
