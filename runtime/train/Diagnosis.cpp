#include "runtime/train/Diagnosis.h"

#include <cmath>

namespace mpcrt::train {
namespace {

bool isFloat(mpcrt_dtype dtype) {
  return dtype == MPCRT_F32 || dtype == MPCRT_F16 || dtype == MPCRT_BF16;
}

/// The index of the first element that is not finite, or the number of
/// elements.
size_t firstBad(const TensorSpec &spec, const std::byte *data) {
  size_t count = size_t(elementCount(spec.shape)), i = 0;
  if (!isFloat(spec.dtype))
    return count;
  while (i < count && std::isfinite(elementAsDouble(spec.dtype, data, i)))
    ++i;
  return i;
}

/// "nan at sample 7, element 2"; empty if all is finite.
std::string describe(const TensorSpec &spec, const void *data,
                     const Program &program, const Dataset &batch) {
  const std::byte *bytes = static_cast<const std::byte *>(data);
  size_t count = size_t(elementCount(spec.shape)), bad = firstBad(spec, bytes);
  if (bad == count)
    return "";
  double value = elementAsDouble(spec.dtype, bytes, bad);
  std::string what = std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  size_t samples = size_t(program.batch());
  if (count % samples != 0)
    return text(what, " at element ", bad);
  size_t each = count / samples;
  return text(what, " at sample ", batch.sampleAt(bad / each), ", element ",
              bad % each);
}

} // namespace

std::string firstNonfinite(Program &program, const Dataset &data) {
  for (size_t i = 0; i < program.inputs().size(); ++i) {
    const TensorSpec &spec = program.inputs()[i];
    std::string bad = describe(spec, data.inputs()[i], program, data);
    if (!bad.empty())
      return text("input '", spec.name, "' has ", bad, "; clean the data");
  }
  if (const std::optional<LabelSpec> &label = program.label();
      label && data.hasLabels()) {
    std::string bad = describe(label->tensor, data.labels(), program, data);
    if (!bad.empty())
      return text("label '", label->tensor.name, "' has ", bad,
                  "; clean the data");
  }
  std::vector<std::vector<std::byte>> buffers;
  std::vector<void *> outputs;
  for (const TensorSpec &spec : program.outputs())
    outputs.push_back(buffers.emplace_back(spec.bytes).data());
  if (mpcrt_eval(program.get(), data.inputs(), outputs.data()) != MPCRT_OK)
    return "";
  for (size_t i = 0; i < outputs.size(); ++i) {
    const TensorSpec &spec = program.outputs()[i];
    std::string bad = describe(spec, outputs[i], program, data);
    if (!bad.empty())
      return text("the inputs are finite, output '", spec.name, "' has ", bad,
                  ": the forward part overflows; scale the data, lower lr or "
                  "keep ops in f32 with --deny");
  }
  return "inputs and outputs are finite: the backward part overflows; lower "
         "lr or keep ops in f32 with --deny";
}

} // namespace mpcrt::train
