#include "test/lowering/KernelRunner.h"
#include "compiler/analysis/Target.h"
#include "compiler/lowering/Emitter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "test/lowering/KernelJit.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::test;

struct KernelRunner::Impl {
  MLIRContext context{kernelDialects()};
  OwningOpRef<ModuleOp> source, code;
  std::unique_ptr<ExecutionEngine> engine;
  std::vector<int64_t> tiles, workspaceBytes;
  std::vector<std::string> results;

  void emitPhase(KernelOp kernel, const TileEmitter &emitter, int64_t phase);
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
  Operation *root = kernel.getRootOp();
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

KernelRunner::KernelRunner(const std::string &root,
                           const std::vector<std::string> &inputs,
                           const std::string &body,
                           const std::vector<std::string> &results,
                           const std::string &target)
    : impl(std::make_unique<Impl>()) {
  impl->results = results;
  impl->context.loadAllAvailableDialects();
  std::string text = kernelText(root, inputs, body, results);
  impl->source = parseSourceString<ModuleOp>(text, &impl->context);
  require(bool(impl->source), "kernel does not parse: " + text);
  impl->source->getOperation()->setAttr(
      targetAttrName, StringAttr::get(&impl->context, target));
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
  lowerToLlvm(*impl->code);
  impl->engine = compile(*impl->code);
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
