#include "compiler/pipeline/Emit.h"
#include "compiler/dialect/Dialect.h"
#include "compiler/lowering/Artifact.h"
#include "compiler/pipeline/Modules.h"
#include "frontend/model/WeightSource.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "runtime/artifact/Digest.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <map>

using namespace mlir;
using namespace mpc;

// The bytes of initialisers; each model file is opened once.
namespace {
class Weights {
public:
  std::optional<std::vector<std::byte>> read(const std::string &path,
                                             const std::string &tensor) {
    auto [entry, isNew] = sources.try_emplace(path, mpcrt::Status());
    if (isNew)
      entry->second = frontend::WeightSource::open(path);
    if (!entry->second.ok())
      return fail(entry->second.status());
    const frontend::Tensor *found = entry->second->find(tensor);
    if (!found || !found->dtype)
      return std::nullopt;
    auto size = mpcrt::tensorBytes(*found->dtype, found->shape);
    if (!size)
      return std::nullopt;
    std::vector<std::byte> bytes(*size);
    if (mpcrt::Status status = entry->second->copy(tensor, bytes); !status.ok())
      return fail(status);
    return bytes;
  }
  const mpcrt::Status &status() const { return failure; }

private:
  std::optional<std::vector<std::byte>> fail(mpcrt::Status status) {
    if (failure.ok())
      failure = std::move(status);
    return std::nullopt;
  }

  std::map<std::string, mpcrt::Result<frontend::WeightSource>> sources;
  mpcrt::Status failure; ///< the first one
};
} // namespace

static mpcrt::ModelInfo describeModel(const std::string &path) {
  mpcrt::Digest digest;
  if (auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                              /*RequiresNullTerminator=*/false))
    digest.update((*file)->getBufferStart(), (*file)->getBufferSize());
  return {llvm::sys::path::stem(path).str(), digest.hex()};
}

// The first extent of the first input; 1 where there is none.
static int64_t batchOf(ModuleOp module) {
  auto forward = module.lookupSymbol<func::FuncOp>(forwardName);
  if (forward.getNumArguments() == 0)
    return 1;
  auto input = cast<RankedTensorType>(forward.getArgumentTypes().front());
  return input.getRank() ? std::max<int64_t>(input.getDimSize(0), 1) : 1;
}

static mpcrt::TrainingInfo describeTraining(ModuleOp module,
                                            const CompileOptions &options) {
  mpcrt::TrainingInfo training;
  training.precision = options.precision;
  training.seed = options.seed;
  training.batch = batchOf(module);
  if (options.evaluateOnly)
    return training;
  training.optimizer = options.optimizer;
  training.loss = StringRef(options.loss).rsplit('=').second.str();
  if (training.loss.empty())
    training.loss = options.loss;
  training.labelSmoothing = options.labelSmoothing;
  training.scaled = module.lookupSymbol("good_steps") != nullptr;
  return training;
}

static mpcrt::Status write(ArrayRef<ModuleOp> targets,
                           const CompileOptions &options,
                           const EmitOptions &emission) {
  if (!options.emitsModules())
    return emitArtifact(targets, emission, options.output);
  mpcrt::Result<Program> program = buildProgram(targets, emission);
  return program.ok() ? writeModules(*program, options) : program.status();
}

int mpc::emit(ArrayRef<ModuleOp> targets, const CompileOptions &options,
              const std::string &report) {
  Weights weights;
  EmitOptions emission;
  emission.model = describeModel(options.model);
  emission.training = describeTraining(targets.front(), options);
  emission.report = report;
  emission.cpu.native = options.cpu == "native";
  emission.weights = [&](const std::string &path, const std::string &tensor) {
    return weights.read(path, tensor);
  };
  emission.asPtx = options.emit == "ptx";
  mpcrt::Status status = write(targets, options, emission);
  if (!weights.status().ok())
    status = weights.status();
  if (status.ok())
    return 0;
  llvm::errs() << "error: " << status.message() << "\n";
  return static_cast<int>(status.code());
}

mpcrt::Result<mpcrt::Manifest> mpc::readManifest(const std::string &artifact) {
  auto file = mpcrt::Container::open(artifact);
  if (!file.ok())
    return file.status();
  return mpcrt::readArtifact(*file);
}
