#include "test/lowering/gpu/GpuRunner.h"
#include "compiler/lowering/Emitter.h"
#include "compiler/lowering/gpu/GpuImage.h"
#include "compiler/lowering/gpu/LaunchAttr.h"
#include "compiler/lowering/gpu/ProductTiles.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "test/lowering/KernelJit.h"
#include "test/lowering/gpu/Emulator.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::test;

static DialectRegistry dialects() {
  DialectRegistry registry = kernelDialects();
  registry.insert<NVVM::NVVMDialect>();
  return registry;
}

namespace {
/// Memory that begins where buffers of the runtime may begin.
struct Buffer {
  explicit Buffer(size_t bytes)
      : bytes(bytes), memory(new char[bytes + mpcrt::bufferAlignment]) {
    std::memset(data(), 0xff, bytes);
  }
  explicit Buffer(const std::vector<char> &content) : Buffer(content.size()) {
    std::memcpy(data(), content.data(), bytes);
  }
  char *data() const {
    return reinterpret_cast<char *>(
        llvm::alignAddr(memory.get(), llvm::Align(mpcrt::bufferAlignment)));
  }
  size_t bytes;
  std::unique_ptr<char[]> memory;
};
} // namespace

struct GpuRunner::Impl {
  const GpuEmitter &emitter;
  Target target;
  KernelSource text;
  MLIRContext context{dialects()};
  OwningOpRef<ModuleOp> source, code;
  KernelOp kernel;
  SmallVector<GpuPhase> phases;
  std::vector<Buffer> memory; ///< inputs, results, workspaces

  Impl(const GpuEmitter &emitter, Target target, const KernelSource &text)
      : emitter(emitter), target(target), text(text) {}

  SmallVector<MemRefType> workspaces() {
    return emitter.workspaces ? emitter.workspaces(kernel, target)
                              : SmallVector<MemRefType>();
  }
  void emit();
  func::FuncOp emitPhase(int64_t phase);
  void allocate(const std::vector<Tensor> &inputs);
  EmulatedMap map(const mpcrt::TensorMap &map);
  bool runPhase(ExecutionEngine &engine, int64_t phase);
};

static constexpr llvm::StringLiteral sharedName = "dynamic_shared";

static std::string phaseName(int64_t phase) {
  return "phase" + std::to_string(phase);
}

GpuRunner::GpuRunner(const GpuEmitter &emitter, Target target,
                     const KernelSource &source)
    : impl(std::make_unique<Impl>(emitter, target, source)) {
  impl->context.loadAllAvailableDialects();
  std::string text =
      kernelText(source.root, source.inputs, source.body, source.results);
  impl->source = parseSourceString<ModuleOp>(text, &impl->context);
  require(bool(impl->source), "kernel does not parse: " + text);
  impl->source->getOperation()->setAttr(
      targetAttrName, StringAttr::get(&impl->context, target.name()));
  impl->source->walk([&](KernelOp op) { impl->kernel = op; });
  if (!source.tile.empty())
    impl->kernel->setAttr(tileAttrName,
                          DenseI64ArrayAttr::get(&impl->context, source.tile));
  if (suits())
    impl->phases = emitter.phases(impl->kernel, target);
}

GpuRunner::~GpuRunner() = default;

bool GpuRunner::suits() const {
  return impl->emitter.suits(impl->kernel, impl->target);
}

const SmallVector<GpuPhase> &GpuRunner::phases() const { return impl->phases; }

// As the pass that lowers to GPUs does it, but with this emitter.
func::FuncOp GpuRunner::Impl::emitPhase(int64_t phase) {
  OpBuilder b(&context);
  b.setInsertionPointToEnd(code->getBody());
  size_t maps = phases[size_t(phase)].maps.size();
  SmallVector<Type> types(maps, LLVM::LLVMPointerType::get(&context));
  for (Type type : kernel->getOperandTypes())
    types.push_back(memoryType(cast<RankedTensorType>(type)));
  for (Type type : kernel.getResultTypes())
    types.push_back(memoryType(cast<RankedTensorType>(type)));
  llvm::append_range(types, workspaces());
  Location loc = kernel.getLoc();
  auto function = func::FuncOp::create(b, loc, phaseName(phase),
                                       b.getFunctionType(types, {}));
  function->setAttr(launchAttrName,
                    launchAttr(&context, phases[size_t(phase)]));
  for (size_t i = maps; i < types.size(); ++i)
    function.setArgAttr(unsigned(i), LLVM::LLVMDialect::getNoAliasAttrName(),
                        b.getUnitAttr());
  b.setInsertionPointToStart(function.addEntryBlock());
  b.setInsertionPoint(func::ReturnOp::create(b, loc));
  Value shared = LLVM::AddressOfOp::create(
      b, loc, LLVM::LLVMPointerType::get(&context, 3), sharedName);
  ValueRange all = function.getArguments();
  ValueRange buffers = all.drop_front(maps);
  size_t inputs = kernel->getNumOperands(), results = kernel.getNumResults();
  Operation *root = kernel.getRootOp();
  ElementAccess elements(b, kernel, root, buffers.take_front(inputs),
                         buffers.slice(inputs, results));
  GpuKernel k{b,
              loc,
              kernel,
              root,
              phase,
              target,
              SmallVector<Value>(all.take_front(maps)),
              SmallVector<Value>(buffers.drop_front(inputs + results)),
              shared,
              elements};
  require(succeeded(emitter.emit(k)), "emitter failed");
  return function;
}

void GpuRunner::Impl::emit() {
  code = ModuleOp::create(UnknownLoc::get(&context));
  auto b = OpBuilder::atBlockEnd(code->getBody());
  LLVM::GlobalOp::create(b, code->getLoc(),
                         LLVM::LLVMArrayType::get(b.getI8Type(), 0), false,
                         LLVM::Linkage::External, sharedName, Attribute(),
                         /*alignment=*/1024, /*addrSpace=*/3);
  for (size_t phase = 0; phase < phases.size(); ++phase)
    emitPhase(int64_t(phase));
  require(succeeded(verify(*code)), "emitted code does not verify");
}

std::string GpuRunner::ptx() {
  impl->emit();
  FailureOr<std::string> text = buildPtx(*impl->code, impl->target);
  require(succeeded(text), "the code does not translate to PTX");
  return *text;
}

void GpuRunner::Impl::allocate(const std::vector<Tensor> &inputs) {
  memory.clear();
  for (const Tensor &input : inputs)
    memory.emplace_back(encode(input));
  for (const std::string &type : text.results)
    memory.emplace_back(size_t(elementCount(type)) * elementBytes(type));
  for (MemRefType type : workspaces())
    memory.emplace_back(
        size_t(type.getNumElements() * type.getElementTypeBitWidth() / 8));
}

EmulatedMap GpuRunner::Impl::map(const mpcrt::TensorMap &map) {
  EmulatedMap result{memory[size_t(map.arg)].data(),
                     int64_t(mpcrt::byteWidth(map.dtype)),
                     int64_t(map.extents.size()),
                     map.swizzle,
                     {},
                     {},
                     {}};
  for (size_t d = 0; d < map.extents.size(); ++d) {
    result.extents[d] = map.extents[d];
    result.pitches[d] = d ? map.pitches[d - 1] : result.elementBytes;
    result.box[d] = map.box[d];
  }
  return result;
}

bool GpuRunner::Impl::runPhase(ExecutionEngine &engine, int64_t phase) {
  const GpuPhase &launch = phases[size_t(phase)];
  std::vector<EmulatedMap> maps;
  for (const mpcrt::TensorMap &one : launch.maps)
    maps.push_back(map(one));
  std::vector<void *> values;
  for (EmulatedMap &one : maps)
    values.push_back(&one);
  for (const Buffer &buffer : memory)
    values.push_back(buffer.data());
  std::vector<void *> arguments;
  for (void *&value : values)
    arguments.push_back(&value);
  auto function = engine.lookupPacked(phaseName(phase));
  require(bool(function), "no code for a phase");
  require(launch.sharedBytes <= emulatedSharedBytes, "too much shared memory");
  return emulate(
      launch.grid[0], launch.block[0], [&] { (*function)(arguments.data()); },
      launch.cluster);
}

std::vector<Tensor> GpuRunner::run(const std::vector<Tensor> &inputs) {
  impl->emit();
  callEmulator(*impl->code);
  lowerToLlvm(*impl->code);
  auto engine = compile(*impl->code);
  engine->registerSymbols(emulatorSymbols);
  impl->allocate(inputs);
  for (size_t phase = 0; phase < phases().size(); ++phase)
    if (!impl->runPhase(*engine, int64_t(phase)))
      return {};
  std::vector<Tensor> results;
  for (size_t i = 0; i < impl->text.results.size(); ++i) {
    const Buffer &buffer = impl->memory[inputs.size() + i];
    results.push_back(decode(impl->text.results[i],
                             {buffer.data(), buffer.data() + buffer.bytes}));
  }
  return results;
}
