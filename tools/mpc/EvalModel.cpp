#include "tools/mpc/EvalModel.h"
#include "compiler/pipeline/Driver.h"
#include "runtime/train/Convert.h"
#include "tools/mpc/TemporaryFolder.h"
#include <algorithm>
#include <filesystem>

namespace mpc {
namespace {

using mpcrt::train::Array;
using mpcrt::train::Element;
using mpcrt::train::EvalOptions;
using mpcrt::train::NpyHeader;
using mpcrt::train::Status;

// Arrays of more elements are data and never say a shape.
constexpr int64_t mostKnown = 4096;

bool isModel(const std::string &path) {
  std::string extension = std::filesystem::path(path).extension().string();
  return extension == ".onnx" || extension == ".json";
}

bool isFloat(Element element) {
  return element == Element::F2 || element == Element::F4 ||
         element == Element::F8;
}

// Whether the array may say a shape: few integers, or a number per dimension,
// such as scales.
bool isCandidate(const NpyHeader &header) {
  constexpr int64_t mostDimensions = 16;
  int64_t count = mpcrt::train::elementCount(header.shape);
  return count <= (isFloat(header.element) ? mostDimensions : mostKnown);
}

mpcrt_dtype dtypeOf(Element element) {
  switch (element) {
  case Element::F2:
    return MPCRT_F16;
  case Element::F4:
  case Element::F8:
    return MPCRT_F32;
  case Element::I4:
    return MPCRT_I32;
  case Element::I8:
    return MPCRT_I64;
  case Element::I1:
    return MPCRT_I8;
  case Element::U1:
  case Element::B1:
    return MPCRT_U8;
  }
  return MPCRT_U8;
}

frontend::KnownValue valueOf(const Array &array) {
  frontend::KnownValue value;
  value.shape = array.shape;
  mpcrt_dtype dtype = dtypeOf(array.element);
  std::vector<std::byte> bytes;
  std::string note;
  (void)convertArray(array, "", dtype, {/*allowNonfinite=*/true}, bytes, note);
  size_t count = size_t(mpcrt::train::elementCount(array.shape));
  for (size_t i = 0; i < count; ++i) {
    if (isFloat(array.element))
      value.numbers.push_back(
          mpcrt::train::elementAsDouble(dtype, bytes.data(), i));
    else
      value.integers.push_back(
          mpcrt::train::elementAsInteger(dtype, bytes.data(), i));
  }
  return value;
}

// The arrays that are given, by name: their headers, and the values of those
// that may say shapes.
class GivenArrays {
public:
  Status read(const EvalOptions &options) {
    if (!options.data.empty())
      if (Status status = readNpz(options.data); !status.ok())
        return status;
    for (const std::string &input : options.inputs) {
      std::string name, path;
      if (mpcrt::train::splitSetting(input, name, path))
        if (Status status = readNpy(name, path); !status.ok())
          return status;
    }
    return {};
  }

  std::map<std::string, NpyHeader> headers;
  std::map<std::string, frontend::KnownValue> known;

private:
  Status readNpz(const std::string &path) {
    mpcrt::train::NpzReader npz;
    Status status = npz.open(path);
    if (!status.ok())
      return status;
    for (const std::string &name : npz.names()) {
      // What cannot be read may be nobody's input.
      NpyHeader header;
      Array array;
      if (!npz.header(name, header).ok())
        continue;
      headers[name] = header;
      if (isCandidate(header) &&
          npz.read(name, mostKnown * sizeof(double), array).ok())
        known[name] = valueOf(array);
    }
    return {};
  }

  Status readNpy(const std::string &name, const std::string &path) {
    Array array;
    Status status = readNpyFileHeader(path, headers[name]);
    if (!status.ok() || !isCandidate(headers[name]))
      return status;
    status = readNpyFile(path, mostKnown * sizeof(double), array);
    if (status.ok())
      known[name] = valueOf(array);
    return status;
  }
};

// Whether there are labels; an input of the model is none.
bool hasLabels(const EvalOptions &options, const GivenArrays &arrays) {
  std::vector<std::string> inputs = modelInputs(options.artifact);
  return arrays.headers.count(options.labelName) > 0 &&
         std::find(inputs.begin(), inputs.end(), options.labelName) ==
             inputs.end();
}

// Compiles the model for these arrays. Only where there are labels does it take
// a loss, which says how they are compared.
int compileFor(const EvalOptions &options, const std::string &output) {
  GivenArrays arrays;
  Status status = arrays.read(options);
  if (!status.ok()) {
    std::cerr << "error: " << status.message << "\n";
    return status.code;
  }
  CompileOptions compile;
  compile.model = options.artifact;
  compile.output = output;
  compile.precision = "fp32";
  compile.cpu = "native";
  compile.evaluateOnly = !hasLabels(options, arrays);
  compile.known = std::move(arrays.known);
  for (const auto &[name, header] : arrays.headers)
    compile.arrayShapes[name] = header.shape;
  return runCompile(compile);
}

} // namespace

int evalModelOrArtifact(const EvalOptions &given) {
  if (!isModel(given.artifact))
    return mpcrt::train::runEval(given);
  TemporaryFolder temporary;
  if (temporary.folder.empty()) {
    std::cerr << "error: no temporary folder can be made in "
              << doctor::temporaryFolder().string()
              << "; set TMPDIR to a writable folder\n";
    return 5;
  }
  std::string program = (temporary.folder / "model.mpx").string();
  if (int code = compileFor(given, program))
    return code;
  EvalOptions options = given;
  options.artifact = program;
  return mpcrt::train::runEval(options);
}

} // namespace mpc
