#include "tools/mpc/EvalModel.h"
#include "compiler/pipeline/Driver.h"
#include <filesystem>

namespace mpc {
namespace {

// A folder of its own that disappears with everything in it.
class TemporaryFolder {
public:
  TemporaryFolder() {
    std::string name =
        (std::filesystem::temp_directory_path() / "mpc-XXXXXX").string();
    if (const char *made = mkdtemp(name.data()))
      folder = made;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!folder.empty())
      std::filesystem::remove_all(folder, ignored);
  }
  std::filesystem::path folder; ///< empty if it could not be made
};

bool isModel(const std::string &path) {
  std::string extension = std::filesystem::path(path).extension().string();
  return extension == ".onnx" || extension == ".json";
}

} // namespace

int evalModelOrArtifact(const mpcrt::train::EvalOptions &options) {
  if (!isModel(options.artifact))
    return mpcrt::train::runEval(options);
  TemporaryFolder temporary;
  if (temporary.folder.empty()) {
    std::cerr << "error: no temporary folder can be made in "
              << std::filesystem::temp_directory_path()
              << "; set TMPDIR to a writable folder\n";
    return 5;
  }
  CompileOptions compile;
  compile.model = options.artifact;
  compile.output = (temporary.folder / "model.mpx").string();
  compile.precision = "fp32";
  compile.cpu = "native";
  if (int code = runCompile(compile))
    return code;
  mpcrt::train::EvalOptions evaluate = options;
  evaluate.artifact = compile.output;
  return mpcrt::train::runEval(evaluate);
}

} // namespace mpc
