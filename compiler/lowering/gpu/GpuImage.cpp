#include "compiler/lowering/gpu/GpuImage.h"
#include "compiler/lowering/ToLlvm.h"
#include "compiler/lowering/gpu/LaunchAttr.h"
#include "compiler/lowering/gpu/MinMax.h"
#include "compiler/lowering/gpu/Ptxas.h"
#include "compiler/lowering/gpu/Selection.h"
#include "compiler/lowering/gpu/StreamingStores.h"
#include "compiler/lowering/gpu/WideProducts.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include <future>

using namespace mlir;
using namespace mpc;

namespace {
struct Chip {
  llvm::StringLiteral name;     ///< as LLVM and ptxas call it
  llvm::StringLiteral features; ///< the oldest PTX that has what we use
  llvm::StringLiteral isa;      ///< as the manifest calls it
};
} // namespace

static Chip chipOf(Target target) {
  switch (target.kind) {
  case Target::Kind::Sm90a:
    return {"sm_90a", "+ptx86", "sm_90a"};
  case Target::Kind::Sm80:
    return {"sm_80", "+ptx81", "sm_80"};
  case Target::Kind::Ptx:
    return {"sm_80", "+ptx81", "compute_80"};
  case Target::Kind::Cpu:
    break;
  }
  llvm_unreachable("a CPU has no chip");
}

static void passByValue(LLVM::LLVMFuncOp function, unsigned argument,
                        int64_t bytes, int64_t alignment) {
  Builder b(function);
  function.setArgAttr(
      argument, LLVM::LLVMDialect::getByValAttrName(),
      TypeAttr::get(LLVM::LLVMArrayType::get(b.getI8Type(), bytes)));
  function.setArgAttr(argument, LLVM::LLVMDialect::getAlignAttrName(),
                      b.getI64IntegerAttr(alignment));
  function.setArgAttr(argument, NVVM::NVVMDialect::getGridConstantAttrName(),
                      b.getUnitAttr());
}

static void markKernel(LLVM::LLVMFuncOp function) {
  auto launch = function->getAttrOfType<DictionaryAttr>(launchAttrName);
  if (!launch)
    return;
  function->removeAttr(launchAttrName);
  mpcrt::Kernel kernel = kernelOf(function.getSymName(), launch);
  Builder b(function);
  function->setAttr(NVVM::NVVMDialect::getKernelFuncAttrName(),
                    b.getUnitAttr());
  SmallVector<int32_t> threads(kernel.block.begin(), kernel.block.end());
  function->setAttr(NVVM::NVVMDialect::getMaxntidAttrName(),
                    b.getDenseI32ArrayAttr(threads));
  auto resident = launch.getAs<IntegerAttr>("resident");
  function->setAttr(
      NVVM::NVVMDialect::getMinctasmAttrName(),
      b.getI32IntegerAttr(resident ? int32_t(resident.getInt()) : 1));
  // The code says so itself; nothing is left to do for whoever launches it.
  if (auto cluster = launch.getAs<IntegerAttr>("cluster"))
    function->setAttr(
        NVVM::NVVMDialect::getClusterDimAttrName(),
        b.getDenseI32ArrayAttr({int32_t(cluster.getInt()), 1, 1}));
  // CUDA driver API, CUtensorMap.
  constexpr int64_t mapBytes = 128, mapAlignment = 64, pointerBytes = 8;
  for (unsigned i = 0; i < kernel.maps.size(); ++i)
    passByValue(function, i, mapBytes, mapAlignment);
  if (auto table = launch.getAs<IntegerAttr>("table"))
    passByValue(function, 0, table.getInt() * pointerBytes, pointerBytes);
}

static std::unique_ptr<llvm::TargetMachine>
createTargetMachine(Target target, std::string &error) {
  LLVMInitializeNVPTXTargetInfo();
  LLVMInitializeNVPTXTarget();
  LLVMInitializeNVPTXTargetMC();
  LLVMInitializeNVPTXAsmPrinter();
  llvm::Triple triple("nvptx64-nvidia-cuda");
  const llvm::Target *found = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!found)
    return nullptr;
  Chip chip = chipOf(target);
  return std::unique_ptr<llvm::TargetMachine>(found->createTargetMachine(
      triple, chip.name, chip.features, llvm::TargetOptions(), std::nullopt,
      std::nullopt, llvm::CodeGenOptLevel::Aggressive));
}

static FailureOr<std::string> compile(ModuleOp image, llvm::Module &module,
                                      llvm::TargetMachine &machine) {
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());
  for (llvm::Function &function : module)
    function.addFnAttr("no-builtins");
  clampByMinMax(module);
  optimize(module, machine);
  selectBeforeRounding(module);
  widenProducts(module);
  streamStores(module);
  llvm::SmallVector<char, 0> text;
  llvm::raw_svector_ostream os(text);
  llvm::legacy::PassManager pm;
  if (machine.addPassesToEmitFile(pm, os, nullptr,
                                  llvm::CodeGenFileType::AssemblyFile))
    return image.emitError("the target writes no assembly");
  pm.run(module);
  return std::string(text.begin(), text.end());
}

FailureOr<std::string> mpc::buildPtx(ModuleOp image, Target target) {
  OwningOpRef<ModuleOp> copy = image.clone();
  keepMinMax(*copy);
  if (failed(convertToLlvm(*copy, /*bf16AsIntegers=*/false)))
    return failure();
  for (auto function : copy->getOps<LLVM::LLVMFuncOp>())
    markKernel(function);
  if (failed(verify(*copy)))
    return failure();
  std::string error;
  auto machine = createTargetMachine(target, error);
  if (!machine)
    return image.emitError("no code generator for NVIDIA GPUs: ") << error;
  MLIRContext *context = image.getContext();
  registerBuiltinDialectTranslation(*context);
  registerLLVMDialectTranslation(*context);
  registerNVVMDialectTranslation(*context);
  llvm::LLVMContext llvmContext;
  auto module = translateModuleToLLVMIR(*copy, llvmContext, target.name());
  if (!module)
    return image.emitError("kernels do not translate to LLVM IR");
  return compile(image, *module, *machine);
}

static std::vector<std::byte> bytesOf(StringRef text) {
  auto *first = reinterpret_cast<const std::byte *>(text.data());
  return {first, first + text.size()};
}

static GpuImage describe(ModuleOp image, Target target) {
  GpuImage result;
  result.isa = chipOf(target).isa.str();
  for (auto function : image.getOps<func::FuncOp>())
    if (auto launch = function->getAttrOfType<DictionaryAttr>(launchAttrName))
      result.kernels[function.getSymName()] =
          kernelOf(function.getSymName(), launch);
  return result;
}

// One thread each: ptxas has threads of its own besides.
static std::vector<mpcrt::Result<std::string>>
assembleAll(ArrayRef<GpuModule> modules, ArrayRef<std::string> texts) {
  std::vector<std::future<mpcrt::Result<std::string>>> running;
  for (auto [module, ptx] : llvm::zip_equal(modules, texts))
    running.push_back(std::async(std::launch::async, [module, &ptx] {
      return assemble(ptx, chipOf(module.target).name.str());
    }));
  std::vector<mpcrt::Result<std::string>> cubins;
  for (auto &cubin : running)
    cubins.push_back(cubin.get());
  return cubins;
}

mpcrt::Result<std::vector<GpuImage>>
mpc::buildGpuImages(ArrayRef<GpuModule> modules, bool asPtx) {
  std::vector<GpuImage> images;
  std::vector<GpuModule> assembled;
  std::vector<std::string> texts;
  for (const GpuModule &module : modules) {
    FailureOr<std::string> ptx = buildPtx(module.image, module.target);
    if (failed(ptx))
      return mpcrt::Status(mpcrt::Code::Internal, "kernels do not compile");
    images.push_back(describe(module.image, module.target));
    if (asPtx || module.target.kind == Target::Kind::Ptx) {
      images.back().bytes = bytesOf(*ptx);
      images.back().bytes.push_back(std::byte(0));
      continue;
    }
    assembled.push_back(module);
    texts.push_back(std::move(*ptx));
  }
  auto cubins = assembleAll(assembled, texts);
  auto next = cubins.begin();
  for (GpuImage &image : images) {
    if (!image.bytes.empty())
      continue;
    if (!next->ok())
      return next->status();
    image.bytes = bytesOf(**next++);
  }
  return images;
}
