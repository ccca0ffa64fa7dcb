#include "compiler/pipeline/Modules.h"
#include "compiler/pipeline/InspectGpu.h"
#include "nlohmann/json.hpp"
#include "runtime/artifact/ContainerWriter.h"
#include "runtime/artifact/DeviceLayout.h"
#include "runtime/artifact/WholeFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mpc;
using mpcrt::Code;
using mpcrt::Status;
using json = nlohmann::ordered_json;
namespace fs = llvm::sys::fs;

static constexpr int planFormat = 1;
static constexpr llvm::StringLiteral dataFile = "data.safetensors";

static std::string pathOf(const CompileOptions &options, llvm::StringRef file) {
  llvm::SmallString<128> path(options.output);
  llvm::sys::path::append(path, file);
  return path.str().str();
}

static std::string fileOf(const CompileOptions &options,
                          const mpcrt::Target &target) {
  return target.target + "." + options.emit;
}

Status mpc::checkModules(const CompileOptions &options) {
  for (const std::string &target : options.targets)
    if (target == "cpu" || (target == "ptx" && options.emit == "cubin"))
      return Status(Code::Usage, "--emit " + options.emit +
                                     " has nothing for target " + target +
                                     "; pass --target sm_90a or sm_80" +
                                     (options.emit == "ptx" ? " or ptx" : ""));
  if (fs::exists(options.output) && !fs::is_directory(options.output))
    return Status(Code::File, "'" + options.output + "' is no folder; --emit " +
                                  options.emit +
                                  " writes several files to -o DIR");
  return Status();
}

// Bytes that stand in no module, by name.
static uint64_t sizeOf(const Program &program, const std::string &tensor) {
  for (const Program::Tensor &known : program.tensors)
    if (known.name == tensor)
      return known.bytes.size();
  return 0;
}

static bool isImage(const Program &program, const Program::Tensor &tensor) {
  return llvm::any_of(
      program.manifest.targets,
      [&](const mpcrt::Target &target) { return target.image == tensor.name; });
}

// The manifest, with files in place of tensors that hold code.
static json planOf(const Program &program, const CompileOptions &options,
                   bool hasData) {
  json plan = json::parse(program.manifest.toJson());
  plan["format"] = planFormat;
  plan.erase("report");
  if (hasData)
    plan["data"] = dataFile;
  for (size_t i = 0; i < program.manifest.targets.size(); ++i) {
    const mpcrt::Target &target = program.manifest.targets[i];
    json &entry = plan["targets"][i];
    entry.erase("image");
    entry["module"] = fileOf(options, target);
    auto layout =
        layOut(program.manifest, target,
               [&](const std::string &name) { return sizeOf(program, name); });
    if (layout)
      entry["memory"] = memoryJson(*layout);
  }
  return plan;
}

static Status writeFile(const std::string &path, llvm::StringRef bytes) {
  mpcrt::WholeFile file(path);
  Status status = file.append(bytes.data(), bytes.size());
  return status.ok() ? file.commit() : status;
}

static Status writeImages(const Program &program,
                          const CompileOptions &options) {
  for (const mpcrt::Target &target : program.manifest.targets) {
    auto image = llvm::find_if(program.tensors, [&](const auto &tensor) {
      return tensor.name == target.image;
    });
    llvm::StringRef bytes(reinterpret_cast<const char *>(image->bytes.data()),
                          image->bytes.size());
    // In a file the text ends where the file ends.
    if (options.emit == "ptx")
      bytes.consume_back(llvm::StringRef("\0", 1));
    Status status = writeFile(pathOf(options, fileOf(options, target)), bytes);
    if (!status.ok())
      return status;
  }
  return Status();
}

static Status writeData(const Program &program, const CompileOptions &options,
                        bool &hasData) {
  mpcrt::ContainerWriter writer;
  hasData = false;
  for (const Program::Tensor &tensor : program.tensors) {
    if (isImage(program, tensor))
      continue;
    writer.add(tensor.name, tensor.dtype, tensor.shape, tensor.bytes.data(),
               tensor.bytes.size());
    hasData = true;
  }
  return hasData ? writer.write(pathOf(options, dataFile)) : Status();
}

Status mpc::writeModules(const Program &program,
                         const CompileOptions &options) {
  if (std::error_code error = fs::create_directories(options.output))
    return Status(Code::File, "cannot make the folder '" + options.output +
                                  "': " + error.message());
  // The plan goes first and comes last: where it stands, all that it names is
  // there, and of the same program.
  const std::string plan = pathOf(options, "plan.json");
  if (std::error_code error = fs::remove(plan))
    return Status(Code::File,
                  "cannot replace '" + plan + "': " + error.message());
  bool hasData = false;
  Status status = writeImages(program, options);
  if (status.ok())
    status = writeData(program, options, hasData);
  if (status.ok())
    status = writeFile(plan, planOf(program, options, hasData).dump(2) + "\n");
  return status;
}
