#include "compiler/pipeline/InspectGpu.h"
#include "nlohmann/json.hpp"
#include "runtime/artifact/GpuCode.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mpc;
using mpcrt::Container;
using mpcrt::DeviceLayout;
using mpcrt::GpuCode;
using mpcrt::GpuFunction;
using mpcrt::Manifest;
using json = nlohmann::ordered_json;

json mpc::memoryJson(const DeviceLayout &layout) {
  const DeviceLayout::Parts &parts = layout.parts;
  return {{"states", parts.states},       {"arena", parts.arena},
          {"constants", parts.constants}, {"batches", parts.batches},
          {"outputs", parts.outputs},     {"status", parts.status},
          {"total", layout.bytes}};
}

static std::string versionText(int version) {
  return std::to_string(version / 1000) + "." +
         std::to_string(version % 1000 / 10);
}

static std::string sizeText(const std::array<int64_t, 3> &size) {
  return llvm::formatv("{0}x{1}x{2}", size[0], size[1], size[2]).str();
}

static std::optional<GpuCode> codeOf(const mpcrt::Target &target,
                                     const Container &file) {
  const mpcrt::ContainerTensor *image = file.find(target.image);
  return mpcrt::readGpuCode({image->data, image->bytes});
}

// Null where the image does not tell, as text does not.
static const GpuFunction *functionOf(const std::optional<GpuCode> &code,
                                     const mpcrt::Kernel &kernel) {
  if (!code)
    return nullptr;
  auto function = code->functions.find(kernel.name);
  return function == code->functions.end() ? nullptr : &function->second;
}

static void printKernel(const mpcrt::Kernel &kernel,
                        const GpuFunction *function, llvm::raw_ostream &os) {
  os << llvm::formatv("    {0}: grid {1}, block {2}, {3} bytes shared",
                      kernel.name, sizeText(kernel.grid),
                      sizeText(kernel.block), kernel.sharedBytes);
  if (function)
    os << llvm::formatv(", {0} registers, {1} bytes stack, {2} bytes of code",
                        function->registers, function->stackBytes,
                        function->codeBytes);
  os << "\n";
}

static size_t callsOf(const mpcrt::Target &target,
                      const mpcrt::LibraryInfo &library) {
  size_t calls = 0;
  for (const auto *launches :
       {&target.trainStep, &target.forward, &target.derive})
    for (const mpcrt::Launch &launch : *launches)
      calls += launch.library && &launch.library->library() == &library;
  return calls;
}

void mpc::printGpuTarget(const Manifest &manifest, const mpcrt::Target &target,
                         const Container &file, llvm::raw_ostream &os) {
  std::optional<GpuCode> code = codeOf(target, file);
  os << llvm::formatv("target {0} ({1})\n  image: {2} bytes", target.target,
                      target.isa, file.find(target.image)->bytes);
  if (code && code->functions.empty())
    os << ", which the driver assembles";
  else if (code)
    os << ", " << code->codeBytes << " of them code";
  os << "\n";
  if (code)
    os << "  driver: for CUDA " << versionText(code->driver) << " or later\n";
  if (auto layout = layOut(manifest, target, file))
    os << llvm::formatv(
        "  memory: {0} bytes (states {1}, arena {2}, constants {3}, batches "
        "{4}, outputs {5}, status {6})\n",
        layout->bytes, layout->parts.states, layout->parts.arena,
        layout->parts.constants, layout->parts.batches, layout->parts.outputs,
        layout->parts.status);
  for (const mpcrt::LibraryInfo *library : mpcrt::libraries)
    if (size_t calls = callsOf(target, *library))
      os << llvm::formatv("  library: {0} ({1}), {2} calls; where it is not "
                          "found, generated kernels run\n",
                          library->name, library->files, calls);
  os << llvm::formatv(
      "  launches: {0} train_step, {1} forward, {2} derive\n  kernels:\n",
      target.trainStep.size(), target.forward.size(), target.derive.size());
  for (const mpcrt::Kernel &kernel : target.kernels)
    printKernel(kernel, functionOf(code, kernel), os);
}

void mpc::addGpuTarget(const Manifest &manifest, const mpcrt::Target &target,
                       const Container &file, json &entry) {
  std::optional<GpuCode> code = codeOf(target, file);
  entry["image_bytes"] = file.find(target.image)->bytes;
  entry["libraries"] = json::array();
  for (const mpcrt::LibraryInfo *library : mpcrt::libraries)
    if (callsOf(target, *library))
      entry["libraries"].push_back(library->name);
  if (code)
    entry["driver"] = versionText(code->driver);
  if (code && !code->functions.empty())
    entry["code_bytes"] = code->codeBytes;
  if (auto layout = layOut(manifest, target, file))
    entry["memory"] = memoryJson(*layout);
  for (size_t i = 0; i < target.kernels.size(); ++i) {
    const GpuFunction *function = functionOf(code, target.kernels[i]);
    if (!function)
      continue;
    json &kernel = entry["kernels"][i];
    kernel["code_bytes"] = function->codeBytes;
    kernel["registers"] = function->registers;
    kernel["stack_bytes"] = function->stackBytes;
  }
}
