#include "test/lowering/KernelRunner.h"
#include "compiler/formats/FloatFormat.h"
#include "compiler/lowering/Emitter.h"
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
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include <cstring>

using namespace mlir;
using namespace mpc;
using namespace mpc::test;

static void require(bool condition, const llvm::Twine &what) {
  if (condition)
    return;
  llvm::errs() << "kernel runner: " << what << "\n";
  abort();
}

static DialectRegistry dialects() {
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

static std::string kernelText(const std::string &root,
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

struct KernelRunner::Impl {
  MLIRContext context{dialects()};
  OwningOpRef<ModuleOp> source, code;
  std::unique_ptr<ExecutionEngine> engine;
  std::vector<int64_t> tiles, workspaceBytes;
  std::vector<std::string> results;

  void emitPhase(KernelOp kernel, const TileEmitter &emitter, int64_t phase);
  void lower();
  void compile();
};

static std::string phaseName(int64_t phase) {
  return "phase" + std::to_string(phase);
}

void KernelRunner::Impl::emitPhase(KernelOp kernel, const TileEmitter &emitter,
                                   int64_t phase) {
  OpBuilder b(&context);
  b.setInsertionPointToEnd(code->getBody());
  SmallVector<Type> types;
  for (Type type : kernel.getInputs().getTypes())
    types.push_back(memoryType(cast<RankedTensorType>(type)));
  for (Type type : kernel.getResultTypes())
    types.push_back(memoryType(cast<RankedTensorType>(type)));
  SmallVector<MemRefType> scratch;
  if (emitter.workspaces)
    scratch = emitter.workspaces(kernel);
  workspaceBytes.clear();
  for (MemRefType type : scratch) {
    types.push_back(type);
    workspaceBytes.push_back(type.getNumElements() *
                             type.getElementTypeBitWidth() / 8);
  }
  types.append(2, b.getIndexType());
  Location loc = kernel.getLoc();
  auto function = func::FuncOp::create(b, loc, phaseName(phase),
                                       b.getFunctionType(types, {}));
  Block *entry = function.addEntryBlock();
  b.setInsertionPointToStart(entry);
  auto end = func::ReturnOp::create(b, loc);
  b.setInsertionPoint(end);
  size_t inputs = kernel.getInputs().size(), outputs = kernel.getNumResults();
  auto arguments = entry->getArguments();
  Operation *root = rootOf(kernel);
  ElementAccess elements(b, kernel, root, arguments.take_front(inputs),
                         arguments.slice(inputs, outputs));
  TileKernel k{
      b,
      loc,
      kernel,
      root,
      phase,
      SmallVector<Value>(arguments.slice(inputs + outputs, scratch.size())),
      arguments[types.size() - 2],
      arguments[types.size() - 1],
      elements};
  require(succeeded(emitter.emit(k)), "emitter failed");
}

void KernelRunner::Impl::lower() {
  PassManager pm(&context);
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
  require(succeeded(pm.run(*code)), "lowering failed");
}

void KernelRunner::Impl::compile() {
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
  auto created = ExecutionEngine::create(*code, options, machine());
  if (!created)
    require(false, toString(created.takeError()));
  engine = std::move(*created);
}

KernelRunner::KernelRunner(const std::string &root,
                           const std::vector<std::string> &inputs,
                           const std::string &body,
                           const std::vector<std::string> &results)
    : impl(std::make_unique<Impl>()) {
  impl->results = results;
  impl->context.loadAllAvailableDialects();
  std::string text = kernelText(root, inputs, body, results);
  impl->source = parseSourceString<ModuleOp>(text, &impl->context);
  require(bool(impl->source), "kernel does not parse: " + text);
  KernelOp kernel;
  impl->source->walk([&](KernelOp op) { kernel = op; });
  const TileEmitter *emitter = findTileEmitter(root);
  require(emitter, "no emitter for " + root);
  impl->code = ModuleOp::create(UnknownLoc::get(&impl->context));
  for (int64_t tiles : emitter->tiles(kernel)) {
    impl->emitPhase(kernel, *emitter, int64_t(impl->tiles.size()));
    impl->tiles.push_back(tiles);
  }
  require(succeeded(verify(*impl->code)), "emitted code does not verify");
  impl->lower();
  impl->compile();
}

KernelRunner::~KernelRunner() = default;

int KernelRunner::phases() const { return int(impl->tiles.size()); }

int64_t KernelRunner::tiles(int phase) const {
  return impl->tiles[size_t(phase)];
}

std::vector<int64_t> KernelRunner::workspaceBytes() const {
  return impl->workspaceBytes;
}

void KernelRunner::call(int phase, const std::vector<void *> &buffers,
                        int64_t firstTile, int64_t endTile) const {
  SmallVector<void *> arguments;
  for (void *const &buffer : buffers)
    arguments.push_back(const_cast<void **>(&buffer));
  arguments.push_back(&firstTile);
  arguments.push_back(&endTile);
  llvm::Error error = impl->engine->invokePacked(phaseName(phase), arguments);
  require(!error, "cannot call the kernel");
}

// Bytes of an element, from the end of the type's text.
static size_t elementBytes(const std::string &type) {
  auto ends = [&](const char *name) { return StringRef(type).ends_with(name); };
  return ends("i64") ? 8 : ends("f32") || ends("i32") ? 4 : ends("f16") ? 2 : 1;
}

static std::vector<char> encode(const Tensor &tensor) {
  size_t bytes = elementBytes(tensor.type);
  std::vector<char> memory(tensor.values.size() * bytes);
  auto format = formats::parseFloatFormat(
      StringRef(tensor.type).rsplit('x').second.str());
  for (size_t i = 0; i < tensor.values.size(); ++i) {
    double value = tensor.values[i];
    uint64_t pattern = format ? formats::roundToFormat(value, *format)
                              : uint64_t(int64_t(value));
    std::memcpy(&memory[i * bytes], &pattern, bytes);
  }
  return memory;
}

static Tensor decode(const std::string &type, const std::vector<char> &memory) {
  size_t bytes = elementBytes(type);
  Tensor tensor{type, {}};
  auto format =
      formats::parseFloatFormat(StringRef(type).rsplit('x').second.str());
  require(format.has_value(), "results are floats");
  for (size_t at = 0; at < memory.size(); at += bytes) {
    uint32_t pattern = 0;
    std::memcpy(&pattern, &memory[at], bytes);
    tensor.values.push_back(formats::toDouble(pattern, *format));
  }
  return tensor;
}

std::vector<Tensor> KernelRunner::run(const std::vector<Tensor> &inputs,
                                      bool backwards) const {
  std::vector<std::vector<char>> memory;
  for (const Tensor &input : inputs)
    memory.push_back(encode(input));
  auto garbage = [&](size_t bytes) { memory.emplace_back(bytes, char(0xff)); };
  for (const std::string &type : impl->results)
    garbage(size_t(elementCount(type)) * elementBytes(type));
  for (int64_t bytes : impl->workspaceBytes)
    garbage(size_t(bytes));
  std::vector<void *> buffers;
  for (std::vector<char> &buffer : memory)
    buffers.push_back(buffer.data());
  for (int phase = 0; phase < phases(); ++phase) {
    if (!backwards)
      call(phase, buffers, 0, tiles(phase));
    for (int64_t tile = tiles(phase); backwards && tile-- > 0;)
      call(phase, buffers, tile, tile + 1);
  }
  std::vector<Tensor> results;
  for (size_t i = 0; i < impl->results.size(); ++i)
    results.push_back(decode(impl->results[i], memory[inputs.size() + i]));
  return results;
}
