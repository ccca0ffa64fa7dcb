#include "runtime/src/Program.h"

#include "runtime/artifact/Digest.h"
#include "runtime/src/FreeMemory.h"
#include "runtime/src/Initializer.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace mpcrt {

namespace {
constexpr int mostThreads = 1024;

// Offsets in the status block; see docs/artifact.md.
template <typename T> T field(const void *block, size_t offset) {
  T value;
  std::memcpy(&value, static_cast<const std::byte *>(block) + offset,
              sizeof value);
  return value;
}

mpcrt_status readStatus(const void *block) {
  mpcrt_status status;
  status.applied = field<int64_t>(block, 0);
  status.applied_steps = field<int64_t>(block, 8);
  status.skipped_steps = field<int64_t>(block, 16);
  status.nonfinite_count = field<int64_t>(block, 24);
  status.loss = field<float>(block, 32);
  status.loss_scale = field<float>(block, 36);
  status.next_loss_scale = field<float>(block, 40);
  status.grad_norm = field<float>(block, 44);
  status.lr = field<float>(block, 48);
  return status;
}

Status checkPointers(const void *const *pointers,
                     const std::vector<TensorSpec> &specs, const char *what) {
  for (size_t i = 0; i < specs.size(); ++i)
    if ((!pointers || !pointers[i]) && specs[i].bytes() > 0)
      return Status(Code::Usage, std::string(what) + " " + std::to_string(i) +
                                     " ('" + specs[i].name +
                                     "') is a null pointer");
  return Status();
}

bool isHyper(const StateSpec &state) {
  return state.role == Role::Hyper ||
         (state.role == Role::Loop && state.name == "loss_scale" &&
          state.dtype == DType::F32 && state.bytes() == sizeof(float));
}

std::string targetNames(const Manifest &manifest) {
  std::string names;
  for (const Target &target : manifest.targets)
    names += (names.empty() ? "" : ", ") + target.target;
  return names.empty() ? "no target" : names;
}
} // namespace

Result<std::unique_ptr<Program>> Program::open(Container container,
                                               const mpcrt_options &options) {
  if (options.device && std::string_view(options.device) != "cpu")
    return Status(Code::Device, std::string("no device '") + options.device +
                                    "'; this runtime runs on the cpu");
  if (options.threads < 0 || options.threads > mostThreads)
    return Status(Code::Usage, "threads cannot be " +
                                   std::to_string(options.threads) +
                                   "; expected 0 (one per core) to " +
                                   std::to_string(mostThreads));
  Result<Manifest> manifest = readArtifact(container);
  if (!manifest.ok())
    return manifest.status();
  std::unique_ptr<Program> program(
      new Program(std::move(container), std::move(*manifest)));
  Status status = program->openTarget(options);
  if (!status.ok())
    return status;
  return program;
}

Status Program::openTarget(const mpcrt_options &options) {
  const Target *target = nullptr;
  for (const Target &candidate : theManifest.targets)
    if (candidate.target == "cpu")
      target = &candidate;
  if (!target)
    return Status(Code::Device, "'" + container.name() + "' is for " +
                                    targetNames(theManifest) +
                                    ", this runtime runs on the cpu; compile "
                                    "the model with --target cpu");
  if (Status fits = checkMemory(*target); !fits.ok())
    return fits;
  theSeed = options.seed_given ? options.seed : theManifest.training.seed;
  for (const StateSpec &state : theManifest.states) {
    AlignedBuffer &buffer = states.emplace_back(state.bytes());
    Status status = initialize(state, theSeed, container, buffer.data());
    if (!status.ok())
      return status;
  }
  Status sound =
      checkHypers([&](size_t i) -> const void * { return states[i].data(); });
  if (!sound.ok())
    return Status(Code::Damaged, "'" + container.name() +
                                     "': " + sound.message() +
                                     "; compile the model again");
  int threads = options.threads ? options.threads : ThreadPool::availableCpus();
  Result<std::unique_ptr<CpuExecutor>> created =
      CpuExecutor::create(theManifest, *target, container, states, threads);
  if (!created.ok())
    return created.status();
  executor = std::move(*created);
  executor->derive();
  return Status();
}

// All that is allocated is allocated here and now; so a program that opened
// does not run out of memory later.
Status Program::checkMemory(const Target &target) const {
  auto sum = [](const auto &specs) {
    uint64_t bytes = 0;
    for (const auto &spec : specs)
      if (__builtin_add_overflow(bytes, spec.bytes(), &bytes))
        return std::numeric_limits<uint64_t>::max();
    return bytes;
  };
  uint64_t parts[] = {sum(theManifest.states), uint64_t(target.arenaBytes),
                      sum(theManifest.inputs), sum(theManifest.outputs),
                      theManifest.label.bytes()};
  uint64_t needed = 0, available = freeMemory();
  bool tooMany = false;
  for (uint64_t part : parts)
    tooMany |= __builtin_add_overflow(needed, part, &needed);
  if (!tooMany && needed <= available)
    return Status();
  return Status(Code::OutOfMemory,
                "'" + container.name() + "' needs " +
                    (tooMany ? "over 2^64" : std::to_string(needed)) +
                    " bytes of memory (states " + std::to_string(parts[0]) +
                    ", arena " + std::to_string(parts[1]) +
                    ", the rest a batch), but " + std::to_string(available) +
                    " are free; compile with a smaller batch or model");
}

Status Program::checkLabels(const void *label) const {
  const LabelSpec &spec = theManifest.label;
  if (!label)
    return Status(Code::Usage, "label '" + spec.name + "' is a null pointer");
  if (!spec.isClass)
    return Status();
  int64_t count = spec.elements();
  int64_t perSample =
      spec.shape.empty() ? 1 : count / std::max<int64_t>(1, spec.shape[0]);
  for (int64_t i = 0; i < count; ++i) {
    int64_t value = field<int64_t>(label, size_t(i) * sizeof(int64_t));
    if ((value >= 0 && value < spec.classes) || value == spec.ignoreIndex)
      continue;
    return Status(Code::InvalidData,
                  "label '" + spec.name + "' of sample " +
                      std::to_string(i / perSample) + " is " +
                      std::to_string(value) + ", expected 0 to " +
                      std::to_string(spec.classes - 1) + ", or " +
                      std::to_string(spec.ignoreIndex) +
                      " to ignore it; correct the data");
  }
  return Status();
}

Status Program::step(const void *const *inputs, const void *label,
                     mpcrt_status *result) {
  if (theManifest.training.optimizer.empty())
    return Status(Code::Usage,
                  "'" + container.name() +
                      "' only evaluates; compile the model to train it");
  Status status = checkPointers(inputs, theManifest.inputs, "input");
  if (status.ok())
    status = checkLabels(label);
  if (!status.ok())
    return status;
  const void *block = executor->trainStep(inputs, label);
  if (result)
    *result = readStatus(block);
  return Status();
}

Status Program::eval(const void *const *inputs, void *const *outputs) {
  Status status = checkPointers(inputs, theManifest.inputs, "input");
  if (status.ok())
    status = checkPointers(outputs, theManifest.outputs, "output");
  if (status.ok())
    executor->forward(inputs, outputs);
  return status;
}

Result<size_t> Program::indexOf(std::string_view name) const {
  for (size_t i = 0; i < theManifest.states.size(); ++i)
    if (theManifest.states[i].name == name)
      return i;
  return Status(Code::Usage, "no state is named '" + std::string(name) +
                                 "'; mpc inspect lists the states");
}

namespace {
Status checkSize(const StateSpec &state, size_t bytes) {
  if (bytes == state.bytes())
    return Status();
  return Status(Code::Usage, "'" + state.name + "' is " +
                                 typeText(state.dtype, state.shape) + " with " +
                                 std::to_string(state.bytes()) +
                                 " bytes, but the buffer has " +
                                 std::to_string(bytes));
}
} // namespace

Status Program::get(std::string_view name, void *data, size_t bytes) const {
  Result<size_t> index = indexOf(name);
  if (!index.ok())
    return index.status();
  Status status = checkSize(theManifest.states[*index], bytes);
  if (status.ok() && bytes)
    std::memcpy(data, states[*index].data(), bytes);
  return status;
}

Status Program::set(std::string_view name, const void *data, size_t bytes) {
  Result<size_t> index = indexOf(name);
  if (!index.ok())
    return index.status();
  const StateSpec &state = theManifest.states[*index];
  Status status = checkSize(state, bytes);
  if (status.ok() && state.role == Role::Derived)
    status = Status(Code::Usage, "'" + state.name + "' is computed from '" +
                                     state.derivedFrom + "'; set that");
  if (status.ok() && isHyper(state))
    status = checkHyper(name, field<float>(data, 0), hyperLimits());
  if (!status.ok())
    return status;
  if (bytes)
    std::memcpy(states[*index].data(), data, bytes);
  for (const StateSpec &other : theManifest.states)
    if (other.derivedFrom == name) {
      executor->derive();
      break;
    }
  return Status();
}

Result<size_t> Program::hyperIndex(std::string_view name) const {
  std::string known;
  for (size_t i = 0; i < theManifest.states.size(); ++i) {
    const StateSpec &state = theManifest.states[i];
    if (!isHyper(state))
      continue;
    if (state.name == name)
      return i;
    known += (known.empty() ? "" : ", ") + state.name;
  }
  return Status(Code::Usage, "no hyper-parameter is named '" +
                                 std::string(name) + "'; this program has " +
                                 (known.empty() ? "none" : known));
}

HyperLimits Program::hyperLimits() const {
  HyperLimits limits;
  double value;
  if (getHyper("scale_min", &value).ok())
    limits.minScale = value;
  if (getHyper("scale_max", &value).ok())
    limits.maxScale = value;
  return limits;
}

// The loss scale may lie outside its limits, which can be set after it; the
// next step brings it back.
Status Program::checkHypers(const StateBytes &bytes) const {
  constexpr HyperLimits limits{0x1p-126, 0x1p127};
  Status status;
  for (size_t i = 0; i < theManifest.states.size() && status.ok(); ++i)
    if (const StateSpec &state = theManifest.states[i]; isHyper(state))
      status = checkHyper(state.name, field<float>(bytes(i), 0), limits);
  return status;
}

Status Program::getHyper(std::string_view name, double *value) const {
  Result<size_t> index = hyperIndex(name);
  if (!index.ok())
    return index.status();
  *value = double(field<float>(states[*index].data(), 0));
  return Status();
}

Status Program::setHyper(std::string_view name, double value) {
  Result<size_t> index = hyperIndex(name);
  if (!index.ok())
    return index.status();
  Status status = checkHyper(name, value, hyperLimits());
  if (!status.ok())
    return status;
  float rounded = float(value);
  std::memcpy(states[*index].data(), &rounded, sizeof rounded);
  return Status();
}

std::string Program::digest() const {
  Digest digest;
  for (size_t i = 0; i < states.size(); ++i)
    if (isDigested(theManifest.states[i].role))
      digest.update(states[i].data(), states[i].size());
  return digest.hex();
}

} // namespace mpcrt
