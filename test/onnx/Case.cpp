#include "test/onnx/Case.h"
#include "compiler/formats/FloatFormat.h"
#include "frontend/model/FileMap.h"
#include "frontend/model/OnnxTensor.h"
#include "runtime/train/Npz.h"
#include "tools/mpc/EvalModel.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace mpc::test {
namespace {

namespace fs = std::filesystem;
using mpcrt::DType;
using mpcrt::train::Array;
using mpcrt::train::Element;

// The element type of NumPy that files have for it; bf16, which NumPy lacks, is
// stored as f32. Nothing for types that mpc does not read.
std::optional<Element> elementOf(DType dtype) {
  switch (dtype) {
  case DType::F32:
  case DType::BF16:
    return Element::F4;
  case DType::F16:
    return Element::F2;
  case DType::F64:
    return Element::F8;
  case DType::I64:
    return Element::I8;
  case DType::I32:
    return Element::I4;
  case DType::I8:
    return Element::I1;
  case DType::U8:
    return Element::U1;
  case DType::Bool:
    return Element::B1;
  default:
    return std::nullopt;
  }
}

std::vector<std::byte> widenBf16(const std::vector<std::byte> &bytes) {
  std::vector<std::byte> wide(2 * bytes.size());
  for (size_t i = 0; i < bytes.size() / 2; ++i) {
    uint16_t bits;
    std::memcpy(&bits, &bytes[2 * i], 2);
    auto value =
        static_cast<float>(formats::toDouble(bits, formats::FloatFormat::BF16));
    std::memcpy(&wide[4 * i], &value, 4);
  }
  return wide;
}

// Reads a TensorProto; nothing if it is none that NumPy's types hold. Patterns
// of a value that the model declares as bf16 are stored as uint16.
std::optional<Array> readTensor(const std::string &path,
                                const frontend::ValueInfo &value) {
  auto file = frontend::FileMap::open(path);
  if (!file.ok())
    return std::nullopt;
  auto tensor = frontend::scanTensor(file->bytes(), file->bytes());
  if (!tensor.ok() || !tensor->dtype)
    return std::nullopt;
  if (value.dtype == DType::BF16 && tensor->dtype == DType::U16)
    tensor->dtype = DType::BF16;
  if (!elementOf(*tensor->dtype))
    return std::nullopt;
  auto bytes = frontend::decodeTensor(file->bytes(), *tensor);
  if (!bytes.ok())
    return std::nullopt;
  if (tensor->dtype == DType::BF16)
    *bytes = widenBf16(*bytes);
  return Array{*elementOf(*tensor->dtype), tensor->shape, std::move(*bytes)};
}

void writeNpy(const std::string &path, const Array &array) {
  std::ofstream out(path, std::ios::binary);
  out << mpcrt::train::npyHeaderBytes(array.element, array.shape);
  out.write(reinterpret_cast<const char *>(array.bytes.data()),
            static_cast<std::streamsize>(array.bytes.size()));
}

template <typename T> T load(const Array &array, size_t index) {
  T value;
  std::memcpy(&value, &array.bytes[index * sizeof(T)], sizeof(T));
  return value;
}

double floatAt(const Array &array, size_t index) {
  if (array.element == Element::F2)
    return formats::toDouble(load<uint16_t>(array, index),
                             formats::FloatFormat::F16);
  if (array.element == Element::F4)
    return static_cast<double>(load<float>(array, index));
  return load<double>(array, index);
}

// ONNX's runner takes rtol 1e-3 and atol 1e-7 (onnx/onnx,
// onnx/backend/test/runner/__init__.py). The data's bf16 patterns were cut off
// instead of rounded, which is up to one unit in the last place away, 2^-7 of
// the value.
double toleranceOf(const frontend::ValueInfo &output) {
  return output.dtype == DType::BF16 ? 0x1p-7 : 1e-3;
}

// NaN equals NaN.
bool isClose(double found, double expected, double tolerance) {
  if (std::isnan(found) || std::isnan(expected))
    return std::isnan(found) && std::isnan(expected);
  if (std::isinf(found) || std::isinf(expected))
    return found == expected;
  return std::fabs(found - expected) <= 1e-7 + tolerance * std::fabs(expected);
}

// Says how `found` differs from `expected`, or nothing. Integers and booleans
// must be equal.
std::string difference(const Array &found, const Array &expected,
                       double tolerance) {
  if (found.element != expected.element || found.shape != expected.shape)
    return std::string("is ") + mpcrt::train::elementName(found.element) + " " +
           mpcrt::train::shapeText(found.shape) + "; expected " +
           mpcrt::train::elementName(expected.element) + " " +
           mpcrt::train::shapeText(expected.shape);
  bool floats = found.element == Element::F2 || found.element == Element::F4 ||
                found.element == Element::F8;
  if (!floats)
    return found.bytes == expected.bytes ? "" : "has other integers";
  size_t count = found.bytes.size() / mpcrt::train::elementBytes(found.element);
  for (size_t i = 0; i < count; ++i)
    if (double a = floatAt(found, i), b = floatAt(expected, i);
        !isClose(a, b, tolerance))
      return "has " + std::to_string(a) + " at element " + std::to_string(i) +
             "; expected " + std::to_string(b);
  return "";
}

int compareOutputs(const frontend::Graph &graph, const std::string &data,
                   const std::string &file) {
  mpcrt::train::NpzReader npz;
  if (!npz.open(file).ok()) {
    std::cerr << "error: no outputs were written\n";
    return wrongOutputs;
  }
  for (size_t i = 0; i < graph.outputs.size(); ++i) {
    const std::string &name = graph.outputs[i].name;
    std::string path = data + "/output_" + std::to_string(i) + ".pb";
    if (!fs::exists(path))
      continue;
    std::optional<Array> expected = readTensor(path, graph.outputs[i]);
    Array found;
    std::string wrong = "is missing";
    if (expected && npz.has(name) && npz.read(name, 1u << 30, found).ok())
      wrong = difference(found, *expected, toleranceOf(graph.outputs[i]));
    if (!wrong.empty()) {
      std::cerr << "error: output '" << name << "' " << wrong << "\n";
      return wrongOutputs;
    }
  }
  return 0;
}

} // namespace

int runCase(const std::string &folder, const std::string &work) {
  mpcrt::train::EvalOptions options;
  options.artifact = folder + "/model.onnx";
  options.output = work + "/outputs.npz";
  options.threads = 1;
  options.allowNonfinite = true;
  frontend::Problems problems;
  auto graph = frontend::readModel(options.artifact, problems);
  std::string data = folder + "/test_data_set_0";
  for (size_t i = 0; graph && i < graph->inputs.size(); ++i) {
    auto array = readTensor(data + "/input_" + std::to_string(i) + ".pb",
                            graph->inputs[i]);
    if (!array)
      continue;
    std::string file = work + "/input_" + std::to_string(i) + ".npy";
    writeNpy(file, *array);
    options.inputs.push_back(graph->inputs[i].name + "=" + file);
  }
  if (int code = evalModelOrArtifact(options))
    return code;
  return graph ? compareOutputs(*graph, data, options.output) : wrongOutputs;
}

} // namespace mpc::test
