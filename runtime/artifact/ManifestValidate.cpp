// What a manifest says must hold together: whoever runs a program relies on
// these checks and repeats none of them.
#include "runtime/artifact/GpuKernel.h"
#include "runtime/artifact/Manifest.h"
#include "runtime/artifact/Seal.h"

#include <cmath>
#include <set>

namespace mpcrt {

namespace {
Status wrong(const std::string &what) {
  return Status(Code::Damaged, "manifest: " + what);
}

std::string at(const std::string &list, size_t index) {
  return list + "[" + std::to_string(index) + "]";
}

Status checkTensor(const TensorSpec &spec, const std::string &where) {
  if (!isProgramDType(spec.dtype))
    return wrong(where + " has type " + std::string(dtypeName(spec.dtype)) +
                 ", which no program holds");
  if (spec.shape.size() > maxRank)
    return wrong(where + " has rank " + std::to_string(spec.shape.size()) +
                 ", expected at most " + std::to_string(maxRank));
  if (!tensorBytes(spec.dtype, spec.shape))
    return wrong(where + " has a shape whose size overflows");
  return Status();
}

Status checkTensors(const std::vector<TensorSpec> &specs,
                    const std::string &list) {
  for (size_t i = 0; i < specs.size(); ++i) {
    Status status = checkTensor(specs[i], at(list, i));
    if (!status.ok())
      return status;
  }
  return Status();
}

Status checkLabel(const LabelSpec &label) {
  Status status = checkTensor(label, "label");
  if (!status.ok() || !label.isClass)
    return status;
  if (label.dtype != DType::I64)
    return wrong("label is " + std::string(dtypeName(label.dtype)) +
                 ", but class labels are I64");
  if (label.classes < 1 || label.classAxis < 0)
    return wrong("label has " + std::to_string(label.classes) +
                 " classes on axis " + std::to_string(label.classAxis) +
                 ", expected at least 1 on an axis from 0");
  return Status();
}

Status checkStates(const std::vector<StateSpec> &states) {
  std::set<std::string> names;
  for (const StateSpec &state : states)
    if (!names.insert(state.name).second)
      return wrong("state '" + state.name + "' stands twice in the list");
  for (const StateSpec &state : states) {
    std::string where = "state '" + state.name + "'";
    Status status = checkTensor(state, where);
    if (!status.ok())
      return status;
    bool derived = state.role == Role::Derived;
    if (derived != !state.derivedFrom.empty() ||
        derived != (state.init.kind == Init::Kind::Derive))
      return wrong(where + ": the role 'derived', a source and the recipe "
                           "'derive' come only together");
    if (derived && !names.contains(state.derivedFrom))
      return wrong(where + " is derived from '" + state.derivedFrom +
                   "', which is no state");
    if (!state.parameter.empty() && !names.contains(state.parameter))
      return wrong(where + " belongs to parameter '" + state.parameter +
                   "', which is no state");
    if (!std::isfinite(state.init.value))
      return wrong(where + " has an initial value that is not finite");
    bool random = state.init.kind == Init::Kind::Uniform ||
                  state.init.kind == Init::Kind::Normal;
    if (random && (state.dtype != DType::F32 || state.init.value < 0))
      return wrong(where +
                   ": random recipes need F32 and a scale of at least "
                   "0, found " +
                   std::string(dtypeName(state.dtype)) + " and " +
                   std::to_string(state.init.value));
    if (state.role == Role::Hyper &&
        (state.dtype != DType::F32 || state.elements() != 1))
      return wrong(where + " is " + typeText(state.dtype, state.shape) +
                   ", but hyper-parameters are F32 scalars");
  }
  return Status();
}

Status checkRange(int64_t offset, int64_t bytes, int64_t size,
                  int64_t alignment, const std::string &where) {
  if (offset < 0 || bytes < 0 || bytes > size || offset > size - bytes)
    return wrong(where + " covers " + std::to_string(bytes) +
                 " bytes at offset " + std::to_string(offset) +
                 ", but there are " + std::to_string(size));
  if (offset % alignment)
    return wrong(where + " has offset " + std::to_string(offset) +
                 ", expected a multiple of " + std::to_string(alignment));
  return Status();
}

Status checkBuffer(const Manifest &manifest, const Target &target,
                   const Buffer &buffer, const std::string &where) {
  auto checkIndex = [&](size_t count, const char *what) {
    if (buffer.index < 0 || uint64_t(buffer.index) >= count)
      return wrong(where + " is " + what + " " + std::to_string(buffer.index) +
                   ", but there are " + std::to_string(count));
    return Status();
  };
  switch (buffer.kind) {
  case Buffer::Kind::State:
    return checkIndex(manifest.states.size(), "state");
  case Buffer::Kind::Input:
    return checkIndex(manifest.inputs.size(), "input");
  case Buffer::Kind::Output:
    return checkIndex(manifest.outputs.size(), "output");
  case Buffer::Kind::Arena:
    return checkRange(buffer.offset, buffer.bytes, target.arenaBytes,
                      bufferAlignment, where);
  case Buffer::Kind::Status:
    return checkRange(buffer.offset, buffer.bytes, statusBytes, 4, where);
  case Buffer::Kind::Label:
  case Buffer::Kind::Constant:
    return Status();
  }
  return wrong(where + " is of an unknown kind");
}

// Which buffers an entry may touch besides states, arena and constants.
struct EntryRules {
  const char *name;
  bool takesInputs, takesLabel, takesStatus, takesOutputs;
};

Status checkEntry(const Manifest &manifest, const Target &target,
                  const std::vector<Launch> &launches, const EntryRules &rules,
                  const std::string &where) {
  for (size_t i = 0; i < launches.size(); ++i) {
    const Launch &launch = launches[i];
    std::string here = at(where + "." + rules.name + ".launches", i);
    if (launch.kernel < 0 || uint64_t(launch.kernel) >= target.kernels.size())
      return wrong(here + " runs kernel " + std::to_string(launch.kernel) +
                   ", but there are " + std::to_string(target.kernels.size()));
    if (launch.tiles < 0)
      return wrong(here + " has " + std::to_string(launch.tiles) + " tiles");
    for (int64_t arg : launch.args) {
      if (arg < 0 || uint64_t(arg) >= target.buffers.size())
        return wrong(here + " takes buffer " + std::to_string(arg) +
                     ", but there are " +
                     std::to_string(target.buffers.size()));
      Buffer::Kind kind = target.buffers[size_t(arg)].kind;
      if ((kind == Buffer::Kind::Input && !rules.takesInputs) ||
          (kind == Buffer::Kind::Label && !rules.takesLabel) ||
          (kind == Buffer::Kind::Status && !rules.takesStatus) ||
          (kind == Buffer::Kind::Output && !rules.takesOutputs))
        return wrong(here + " takes buffer " + std::to_string(arg) +
                     ", which '" + rules.name + "' does not have");
    }
    if (target.isCpu())
      continue;
    Status fits = checkMappedArguments(manifest, target, launch, here);
    if (fits.ok())
      fits = checkAccess(target, launch, here);
    if (fits.ok() && launch.library)
      fits = checkLibraryCall(manifest, target, launches, i, here);
    if (!fits.ok())
      return fits;
  }
  return Status();
}

Status checkTarget(const Manifest &manifest, const Target &target,
                   const std::string &where) {
  if (target.codeBytes < 0 || target.arenaBytes < 0)
    return wrong(where + " has a negative size");
  for (size_t i = 0; i < target.buffers.size(); ++i) {
    Status status = checkBuffer(manifest, target, target.buffers[i],
                                at(where + ".buffers", i));
    if (!status.ok())
      return status;
  }
  for (size_t i = 0; i < target.kernels.size(); ++i) {
    const Kernel &kernel = target.kernels[i];
    const std::string here = at(where + ".kernels", i);
    if (!target.isCpu()) {
      if (Status status = checkGpuKernel(kernel, here); !status.ok())
        return status;
      if (kernel.waits && target.target != "sm_90a")
        return wrong(here + " waits, which only code for sm_90a can");
    } else if (kernel.offset < 0 || kernel.offset >= target.codeBytes)
      return wrong(here + " starts at byte " + std::to_string(kernel.offset) +
                   ", but the code has " + std::to_string(target.codeBytes));
  }
  Status status = checkEntry(manifest, target, target.trainStep,
                             {"train_step", true, true, true, false}, where);
  if (status.ok())
    status = checkEntry(manifest, target, target.forward,
                        {"forward", true, false, false, true}, where);
  if (status.ok())
    status = checkEntry(manifest, target, target.derive,
                        {"derive", false, false, false, false}, where);
  return status;
}
} // namespace

Status Manifest::validate() const {
  Status status = checkTensors(inputs, "inputs");
  if (status.ok())
    status = checkLabel(label);
  if (status.ok())
    status = checkTensors(outputs, "outputs");
  if (status.ok())
    status = checkStates(states);
  for (size_t i = 0; i < targets.size() && status.ok(); ++i)
    status = checkTarget(*this, targets[i], at("targets", i));
  return status;
}

Status Manifest::validateAgainst(const Container &container) const {
  for (const StateSpec &state : states) {
    if (state.init.kind != Init::Kind::Data)
      continue;
    const ContainerTensor *tensor = container.find(state.init.tensor);
    if (!tensor)
      return wrong("state '" + state.name + "' needs tensor '" +
                   state.init.tensor + "', which the file lacks");
    if (tensor->dtype != state.dtype || tensor->shape != state.shape)
      return wrong("state '" + state.name + "' is " +
                   typeText(state.dtype, state.shape) + ", but tensor '" +
                   state.init.tensor + "' is " +
                   typeText(tensor->dtype, tensor->shape));
  }
  for (size_t i = 0; i < targets.size(); ++i) {
    const Target &target = targets[i];
    const ContainerTensor *image = container.find(target.image);
    const int64_t least = target.isCpu() ? target.codeBytes : 1;
    if (!image || image->dtype != DType::U8 || uint64_t(least) > image->bytes)
      return wrong(at("targets", i) + " needs a U8 tensor '" + target.image +
                   "' of at least " + std::to_string(least) +
                   " bytes, which the file lacks");
    // The driver reads text up to its zero.
    if (target.target == "ptx" && image->data[image->bytes - 1] != std::byte(0))
      return wrong(at("targets", i) + " needs text that ends in a zero in '" +
                   target.image + "'");
    for (const Buffer &buffer : target.buffers)
      if (buffer.kind == Buffer::Kind::Constant &&
          !container.find(buffer.tensor))
        return wrong(at("targets", i) + " needs tensor '" + buffer.tensor +
                     "', which the file lacks");
  }
  return Status();
}

Result<Manifest> readArtifact(const Container &container) {
  const std::string *kind = container.metadata(kindKey);
  const std::string *text = container.metadata(manifestKey);
  auto damaged = [&](const std::string &what) {
    return Status(Code::Damaged, "'" + container.name() + "': " + what);
  };
  if (!kind || *kind != artifactKind)
    return damaged("is " + (kind ? "a " + *kind : "a plain safetensors file") +
                   ", expected an artifact; pass a file that mpc compile "
                   "wrote");
  if (!text)
    return damaged("has no manifest; compile the model again");
  if (Status whole = container.checkSeal(); !whole.ok())
    return whole;
  Result<Manifest> manifest = Manifest::fromJson(*text);
  if (!manifest.ok())
    return damaged(manifest.status().message());
  if (!container.metadata(sealKey))
    return damaged("has no checksum; compile the model again");
  Status valid = manifest->validateAgainst(container);
  if (!valid.ok())
    return damaged(valid.message());
  return manifest;
}

} // namespace mpcrt
