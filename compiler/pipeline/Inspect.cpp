// What an artifact holds, for people and for scripts.
#include "compiler/pipeline/Driver.h"
#include "compiler/pipeline/InspectGpu.h"
#include "nlohmann/json.hpp"
#include "runtime/artifact/Container.h"
#include "runtime/artifact/Manifest.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mpc;
using mpcrt::Container;
using mpcrt::Manifest;
using json = nlohmann::ordered_json;

static std::string shapeText(const std::vector<int64_t> &shape) {
  std::string text;
  for (int64_t size : shape)
    text += (text.empty() ? "" : "x") + std::to_string(size);
  return text.empty() ? "scalar" : text;
}

static void printTensors(llvm::StringRef title,
                         const std::vector<mpcrt::TensorSpec> &tensors) {
  llvm::outs() << title << "\n";
  for (const mpcrt::TensorSpec &tensor : tensors)
    llvm::outs() << "  " << tensor.name << ": " << dtypeName(tensor.dtype)
                 << " " << shapeText(tensor.shape) << "\n";
}

static void printCpuTarget(const mpcrt::Target &target, const Container &file) {
  const mpcrt::ContainerTensor *image = file.find(target.image);
  llvm::outs() << llvm::formatv(
      "target {0} ({1})\n  image: {2} bytes, {3} of them code\n"
      "  arena: {4} bytes\n  launches: {5} train_step, {6} forward, "
      "{7} derive\n  kernels:\n",
      target.target, target.isa, image ? image->bytes : 0, target.codeBytes,
      target.arenaBytes, target.trainStep.size(), target.forward.size(),
      target.derive.size());
  for (const mpcrt::Kernel &kernel : target.kernels)
    llvm::outs() << "    " << kernel.name << "\n";
}

static void printText(const Manifest &manifest, const Container &file) {
  llvm::outs() << llvm::formatv(
      "{0}: model {1} ({2})\nmade by {3}\n"
      "training: {4}, {5}, loss {6}, batch {7}, {8} loss scaling, seed {9}\n",
      file.name(), manifest.model.name, manifest.model.digest,
      manifest.producer, manifest.training.precision,
      manifest.training.optimizer, manifest.training.loss,
      manifest.training.batch, manifest.training.scaled ? "with" : "without",
      manifest.training.seed);
  printTensors("inputs", manifest.inputs);
  printTensors("labels", {manifest.label});
  printTensors("outputs", manifest.outputs);
  size_t bytes = 0;
  llvm::outs() << "states\n";
  for (const mpcrt::StateSpec &state : manifest.states) {
    bytes += state.bytes();
    llvm::outs() << "  " << state.name << ": " << dtypeName(state.dtype) << " "
                 << shapeText(state.shape) << " " << roleName(state.role)
                 << "\n";
  }
  llvm::outs() << "  total: " << bytes << " bytes\n";
  for (const mpcrt::Target &target : manifest.targets) {
    if (target.isCpu())
      printCpuTarget(target, file);
    else
      printGpuTarget(manifest, target, file, llvm::outs());
  }
}

int mpc::runInspect(const std::string &artifact, bool asJson) {
  auto fail = [](const mpcrt::Status &status) {
    llvm::errs() << "error: " << status.message() << "\n";
    return static_cast<int>(status.code());
  };
  auto file = Container::open(artifact);
  if (!file.ok())
    return fail(file.status());
  auto manifest = mpcrt::readArtifact(*file);
  if (!manifest.ok())
    return fail(manifest.status());
  if (!asJson) {
    printText(*manifest, *file);
    return 0;
  }
  json document = json::parse(manifest->toJson());
  document.erase("report");
  for (size_t i = 0; i < manifest->targets.size(); ++i)
    if (!manifest->targets[i].isCpu())
      addGpuTarget(*manifest, manifest->targets[i], *file,
                   document["targets"][i]);
  llvm::outs() << document.dump(2) << "\n";
  return 0;
}
