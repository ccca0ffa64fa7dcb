#include "test/lowering/ProgramRunner.h"
#include "compiler/dialect/Dialect.h"
#include "compiler/lowering/Buffers.h"
#include "compiler/lowering/Passes.h"
#include "compiler/lowering/ScalarOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "passes/schedule/Passes.h"
#include "test/lowering/gpu/EmulatedImage.h"
#include <gtest/gtest.h>
#include <sys/mman.h>

using namespace mlir;
using namespace mpc;
using namespace mpc::test;

struct ProgramRunner::Program {
  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  CpuImage image;
  std::byte *code = nullptr;
  std::unique_ptr<EmulatedImage> emulated; ///< of a GPU's program
  std::byte *arena = nullptr;
  std::vector<std::string> stateNames;
  std::map<std::string, Bytes> states;
  std::map<size_t, Bytes> constants;

  bool compile(const std::string &text, Target target);
  bool lower(Target target);
  bool mapImage();
  void runTiles(StringRef entry, int64_t tiles,
                const std::vector<void *> &buffers, bool splitTiles) const;
  void makeStates();
  void *bufferAt(size_t index, std::vector<Bytes> &inputs, Bytes &label,
                 std::vector<Bytes> &outputs, std::byte *status);
  ~Program() { std::free(arena); }
};

static size_t bytesOf(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return size_t(tensor.getNumElements()) *
         ((tensor.getElementTypeBitWidth() + 7) / 8);
}

bool ProgramRunner::Program::compile(const std::string &text, Target target) {
  DialectRegistry registry;
  registry.insert<MpcDialect, func::FuncDialect>();
  registerScalarOps(registry);
  context.appendDialectRegistry(registry);
  module = parseSourceString<ModuleOp>(text, &context);
  if (!module)
    return false;
  module->getOperation()->setAttr(targetAttrName,
                                  StringAttr::get(&context, target.name()));
  if (!lower(target))
    return false;
  makeStates();
  if (target.isGpu()) {
    emulated = std::make_unique<EmulatedImage>(
        module->lookupSymbol<ModuleOp>(target.name()));
    return true;
  }
  auto built = buildCpuImage(module->lookupSymbol<ModuleOp>(target.name()));
  if (failed(built))
    return false;
  image = std::move(*built);
  return mapImage();
}

bool ProgramRunner::Program::lower(Target target) {
  PassManager pm(&context);
  pm.addNestedPass<func::FuncOp>(createExpandCommitPass());
  pm.addNestedPass<func::FuncOp>(createFormKernelsPass());
  if (target.isGpu())
    pm.addNestedPass<func::FuncOp>(createGroupKernelsPass());
  pm.addPass(createPlanBuffersPass());
  if (target.isGpu())
    pm.addPass(createLowerToGpuPass());
  else
    pm.addPass(createLowerToCpuPass());
  return succeeded(pm.run(*module));
}

bool ProgramRunner::Program::mapImage() {
  // A program whose kernels write nothing has no code.
  if (image.bytes.empty())
    return true;
  void *memory = mmap(nullptr, image.bytes.size(), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return false;
  code = static_cast<std::byte *>(memory);
  std::memcpy(code, image.bytes.data(), image.bytes.size());
  return mprotect(memory, image.bytes.size(), PROT_READ | PROT_EXEC) == 0;
}

void ProgramRunner::Program::makeStates() {
  for (auto state : module->getOps<StateOp>()) {
    stateNames.push_back(state.getSymName().str());
    states[stateNames.back()].resize(bytesOf(state.getType()));
  }
  auto size =
      module->getOperation()->getAttrOfType<IntegerAttr>(arenaBytesName);
  size_t bytes = size_t(size.getInt() + 63) / 64 * 64 + 64;
  arena = static_cast<std::byte *>(std::aligned_alloc(64, bytes));
  std::memset(arena, 0xff, bytes);
}

void *ProgramRunner::Program::bufferAt(size_t index, std::vector<Bytes> &inputs,
                                       Bytes &label,
                                       std::vector<Bytes> &outputs,
                                       std::byte *status) {
  auto table =
      module->getOperation()->getAttrOfType<ArrayAttr>(bufferTableName);
  auto fields = cast<DictionaryAttr>(table[index]);
  auto number = [&](StringRef name) {
    return size_t(fields.getAs<IntegerAttr>(name).getInt());
  };
  StringRef kind = fields.getAs<StringAttr>("kind").getValue();
  if (kind == "arena")
    return arena + number("offset");
  if (kind == "status")
    return status + number("offset");
  if (kind == "state")
    return states[stateNames[number("index")]].data();
  if (kind == "input")
    return inputs[number("index")].data();
  if (kind == "output")
    return outputs[number("index")].data();
  if (kind == "label")
    return label.data();
  auto value = cast<DenseElementsAttr>(fields.get("value"));
  Bytes &bytes = constants[index];
  ArrayRef<char> raw = value.getRawData();
  if (bytes.empty()) {
    auto *data = reinterpret_cast<const std::byte *>(raw.data());
    bytes.assign(data, data + raw.size());
  }
  return bytes.data();
}

ProgramRunner::ProgramRunner(const std::string &text, Target target)
    : program(std::make_unique<Program>()) {
  if (!program->compile(text, target)) {
    ADD_FAILURE() << "the program does not compile";
    program.reset();
  }
}

ProgramRunner::~ProgramRunner() = default;

void ProgramRunner::Program::runTiles(StringRef entry, int64_t tiles,
                                      const std::vector<void *> &buffers,
                                      bool splitTiles) const {
  using Entry = void (*)(void *const *, int64_t, int64_t);
  auto call = reinterpret_cast<Entry>(code + image.kernels.at(entry).offset);
  if (!splitTiles)
    call(buffers.data(), 0, tiles);
  for (int64_t tile = tiles; splitTiles && tile-- > 0;)
    call(buffers.data(), tile, tile + 1);
}

std::vector<Bytes> ProgramRunner::run(const std::string &name,
                                      const std::vector<Bytes> &arguments,
                                      bool splitTiles) {
  auto function = program->module->lookupSymbol<func::FuncOp>(name);
  std::vector<Bytes> inputs, outputs;
  Bytes label;
  for (auto [i, bytes] : llvm::enumerate(arguments)) {
    EXPECT_EQ(bytes.size(), bytesOf(function.getArgumentTypes()[i]));
    if (function.getArgAttr(unsigned(i), "mpc.label"))
      label = bytes;
    else
      inputs.push_back(bytes);
  }
  for (Type type : function.getResultTypes())
    outputs.emplace_back(bytesOf(type));
  for (auto kernel : function.getOps<KernelOp>()) {
    std::vector<void *> buffers;
    ArrayRef<int64_t> indices = *kernel.getBuffers();
    for (int64_t buffer : indices)
      buffers.push_back(program->bufferAt(size_t(buffer), inputs, label,
                                          outputs, statusBlock));
    ArrayAttr entries = *kernel.getEntries();
    for (auto [entry, tiles] : llvm::zip_equal(
             entries.getAsRange<SymbolRefAttr>(), *kernel.getTiles())) {
      StringRef name = entry.getLeafReference().getValue();
      if (!program->emulated)
        program->runTiles(name, tiles, buffers, splitTiles);
      else if (!program->emulated->run(kernel, name, buffers))
        ADD_FAILURE() << "threads of " << name.str() << " wait for ever";
    }
  }
  return outputs;
}

Bytes &ProgramRunner::state(const std::string &name) {
  return program->states.at(name);
}

const CpuImage &ProgramRunner::image() const { return program->image; }
ModuleOp ProgramRunner::module() const { return *program->module; }
