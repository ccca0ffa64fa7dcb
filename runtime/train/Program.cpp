#include "runtime/train/Program.h"

namespace mpcrt::train {
namespace {

TensorSpec specOf(const mpcrt_tensor_info &info) {
  return {info.name, info.dtype, info.role,
          std::vector<int64_t>(info.shape, info.shape + info.rank), info.bytes};
}

using Getter = mpcrt_code (*)(const mpcrt_program *, int, mpcrt_tensor_info *);

mpcrt_code readSpecs(const mpcrt_program *program, int count, Getter get,
                     std::vector<TensorSpec> &specs) {
  specs.clear();
  for (int i = 0; i < count; ++i) {
    mpcrt_tensor_info info = {};
    if (mpcrt_code code = get(program, i, &info); code != MPCRT_OK)
      return code;
    specs.push_back(specOf(info));
  }
  return MPCRT_OK;
}

mpcrt_options toC(const OpenOptions &options) {
  mpcrt_options out = {};
  out.threads = options.threads;
  out.device = options.device.empty() ? nullptr : options.device.c_str();
  out.seed_given = options.seed ? 1 : 0;
  out.seed = options.seed.value_or(0);
  return out;
}

} // namespace

Status Program::open(const std::string &path, const OpenOptions &options) {
  mpcrt_options c = toC(options);
  mpcrt_program *program = nullptr;
  mpcrt_code code = mpcrt_open(path.c_str(), &c, &program);
  handle.reset(program);
  return describe(code, path);
}

Status Program::openMemory(std::span<const std::byte> bytes,
                           const OpenOptions &options) {
  mpcrt_options c = toC(options);
  mpcrt_program *program = nullptr;
  mpcrt_code code = mpcrt_open_memory(bytes.data(), bytes.size(), &c, &program);
  handle.reset(program);
  return describe(code, "the compiled model");
}

Status Program::check(mpcrt_code code, const std::string &doing) const {
  if (code == MPCRT_OK)
    return {};
  const char *message = handle ? mpcrt_last_error(handle.get()) : "";
  std::string why = *message ? message : "no message was given";
  return {code, doing.empty() ? why : text(doing, ": ", why)};
}

bool Program::isOnGpu() const {
  return std::string_view(deviceInfo.device) != "cpu";
}

uint64_t Program::savedBytes() const {
  uint64_t bytes = 0;
  for (const TensorSpec &state : stateSpecs)
    if (state.role != MPCRT_ROLE_DERIVED)
      bytes += state.bytes;
  return bytes;
}

Status Program::describe(mpcrt_code code, const std::string &name) {
  if (!handle)
    return failure(code == MPCRT_OK ? MPCRT_INTERNAL : code, "cannot open '",
                   name, "': out of memory");
  if (code != MPCRT_OK)
    return check(code);
  const mpcrt_program *program = get();
  code =
      readSpecs(program, mpcrt_input_count(program), &mpcrt_input, inputSpecs);
  if (code == MPCRT_OK)
    code = readSpecs(program, mpcrt_output_count(program), &mpcrt_output,
                     outputSpecs);
  if (code == MPCRT_OK)
    code = readSpecs(program, mpcrt_tensor_count(program), &mpcrt_tensor,
                     stateSpecs);
  if (code == MPCRT_OK)
    code = mpcrt_training(program, &trainingInfo);
  if (code == MPCRT_OK)
    code = mpcrt_device(program, &deviceInfo);
  if (code != MPCRT_OK)
    return check(code);
  labelSpec.reset();
  mpcrt_tensor_info info = {};
  if (mpcrt_label(program, &info) != MPCRT_OK || !info.name || !*info.name)
    return {};
  LabelSpec label;
  label.tensor = specOf(info);
  code = mpcrt_label_classes(program, &label.classes, &label.classAxis,
                             &label.ignoreIndex);
  if (code == MPCRT_OK)
    labelSpec = std::move(label);
  return check(code);
}

} // namespace mpcrt::train
