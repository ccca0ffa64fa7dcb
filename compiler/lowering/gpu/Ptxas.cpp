#include "compiler/lowering/gpu/Ptxas.h"
#include "runtime/artifact/Digest.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using llvm::SmallString;
using llvm::StringRef;
using mpcrt::Code;
using mpcrt::Result;
using mpcrt::Status;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

static std::string environment(const char *name) {
  const char *value = std::getenv(name);
  return value ? value : "";
}

static std::optional<std::string> readFile(StringRef name) {
  auto file = llvm::MemoryBuffer::getFile(name, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false);
  if (!file)
    return std::nullopt;
  return (*file)->getBuffer().str();
}

// Empty where there is no cache.
static std::string cacheFolder() {
  if (const char *given = std::getenv("MPC_CACHE_DIR"))
    return given;
  SmallString<128> folder(environment("XDG_CACHE_HOME"));
  if (folder.empty()) {
    if (!path::home_directory(folder))
      return "";
    path::append(folder, ".cache");
  }
  path::append(folder, "mpc");
  return folder.str().str();
}

static constexpr StringRef optimization = "-O3";
// One per CPU; the image does not depend on how many there are.
static constexpr StringRef threads = "-split-compile=0";

namespace {
/// Cubins by what they were made of.
class Cache {
public:
  Cache(StringRef ptx, StringRef chip, StringRef ptxas) {
    std::string folder = cacheFolder();
    if (folder.empty() || fs::create_directories(folder))
      return;
    mpcrt::Digest digest;
    // A ptxas of another version is another file.
    fs::file_status status;
    fs::status(ptxas, status);
    std::string version =
        std::to_string(status.getSize()) + " " +
        std::to_string(llvm::sys::toTimeT(status.getLastModificationTime()));
    for (StringRef part :
         {chip, StringRef(version), optimization, threads, ptx})
      digest.update(part.data(), part.size());
    SmallString<128> file(folder);
    path::append(file, digest.hex() + ".cubin");
    name = file.str().str();
  }

  std::optional<std::string> read() const {
    return name.empty() ? std::nullopt : readFile(name);
  }
  // Whole or not at all; a cache that cannot be written is no error.
  void write(StringRef cubin) const {
    if (!name.empty())
      llvm::consumeError(llvm::writeToOutput(name, [&](llvm::raw_ostream &os) {
        os << cubin;
        return llvm::Error::success();
      }));
  }

private:
  std::string name; ///< empty: no cache
};

/// A file that is removed at the end.
struct TemporaryFile {
  SmallString<128> name;
  llvm::FileRemover remover;

  explicit TemporaryFile(StringRef suffix) {
    if (!fs::createTemporaryFile("mpc", suffix, name))
      remover.setFile(name);
  }
};
} // namespace

static Result<std::string> runPtxas(const std::string &ptxas,
                                    const std::string &ptx,
                                    const std::string &chip) {
  TemporaryFile input("ptx"), output("cubin"), log("log");
  std::error_code error;
  {
    llvm::raw_fd_ostream os(input.name, error);
    os << ptx;
  }
  if (error)
    return Status(Code::File, "'" + input.name.str().str() +
                                  "' cannot be written: " + error.message());
  std::string arch = "-arch=" + chip;
  std::vector<StringRef> arguments = {ptxas, optimization, arch,      threads,
                                      "-o",  output.name,  input.name};
  std::optional<StringRef> redirects[] = {StringRef(), StringRef(log.name),
                                          StringRef(log.name)};
  int code =
      llvm::sys::ExecuteAndWait(ptxas, arguments, std::nullopt, redirects);
  std::optional<std::string> cubin = readFile(output.name);
  if (code != 0 || !cubin)
    return Status(Code::Internal, "'" + ptxas + "' refuses kernels for " +
                                      chip + ":\n" +
                                      readFile(log.name).value_or(""));
  return *cubin;
}

Result<std::string> mpc::assemble(const std::string &ptx,
                                  const std::string &chip) {
  std::string ptxas = findPtxas().string();
  if (ptxas.empty())
    return Status(Code::File,
                  "no ptxas for target " + chip + ": it is not in " +
                      ptxasPlaces +
                      "; install the CUDA Toolkit, or use "
                      "--target ptx, which the driver assembles, or --emit "
                      "ptx");
  Cache cache(ptx, chip, ptxas);
  if (auto known = cache.read())
    return *known;
  Result<std::string> cubin = runPtxas(ptxas, ptx, chip);
  if (cubin.ok())
    cache.write(*cubin);
  return cubin;
}
