#include "test/lowering/gpu/EmulatedImage.h"
#include "compiler/lowering/ToLlvm.h"
#include "compiler/lowering/gpu/GroupCode.h"
#include "compiler/lowering/gpu/LaunchAttr.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "test/lowering/KernelJit.h"
#include "test/lowering/gpu/Emulator.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::test;

EmulatedImage::EmulatedImage(ModuleOp image) {
  OwningOpRef<ModuleOp> code = image.clone();
  code->walk([&](func::FuncOp function) {
    auto launch = function->getAttrOfType<DictionaryAttr>(launchAttrName);
    if (!launch)
      return;
    mpcrt::Kernel kernel = kernelOf(function.getSymName(), launch);
    require(kernel.maps.empty(), "a program's tensor maps are not emulated");
    require(kernel.sharedBytes <= emulatedSharedBytes,
            "too much shared memory");
    auto cluster = launch.getAs<IntegerAttr>("cluster");
    launches[function.getSymName().str()] = {kernel.grid[0], kernel.block[0],
                                             cluster ? cluster.getInt() : 1,
                                             launch.contains("table")};
    function->removeAttr(launchAttrName);
  });
  callEmulator(*code);
  require(succeeded(convertToLlvm(*code, /*bf16AsIntegers=*/true)),
          "lowering failed");
  registerBuiltinDialectTranslation(*image.getContext());
  registerLLVMDialectTranslation(*image.getContext());
  engine = compile(*code);
  engine->registerSymbols(emulatorSymbols);
}

bool EmulatedImage::run(KernelOp kernel, StringRef entry,
                        ArrayRef<void *> buffers) const {
  const Launch &launch = launches.find(entry)->second;
  auto function = engine->lookupPacked(entry);
  require(bool(function), "no code for " + entry);
  std::vector<void *> table, values(buffers.begin(), buffers.end()), arguments;
  if (launch.hasTable) {
    for (size_t buffer : groupTable(kernel))
      table.push_back(buffers[buffer]);
    values = {table.data()};
  }
  for (void *&value : values)
    arguments.push_back(&value);
  return emulate(
      launch.blocks, launch.threads, [&] { (*function)(arguments.data()); },
      launch.cluster);
}
