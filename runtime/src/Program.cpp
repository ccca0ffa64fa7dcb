#include "runtime/src/Program.h"

#include "runtime/artifact/Digest.h"
#include "runtime/src/Initializer.h"
#include "runtime/src/OpenExecutor.h"

#include <algorithm>
#include <cstring>

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

Status checkSamples(const TensorSpec &tensor, int64_t count) {
  if (count > 0 && tensor.bytes() % size_t(count) == 0)
    return Status();
  return Status(Code::Usage, "'" + tensor.name + "' is " +
                                 typeText(tensor.dtype, tensor.shape) +
                                 ", not " + std::to_string(count) +
                                 " samples; call mpcrt_step_async");
}

bool isHyper(const StateSpec &state) {
  return state.role == Role::Hyper ||
         (state.role == Role::Loop && state.name == "loss_scale" &&
          state.dtype == DType::F32 && state.bytes() == sizeof(float));
}
} // namespace

Result<std::unique_ptr<Program>> Program::open(Container container,
                                               const mpcrt_options &options) {
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
  Result<std::unique_ptr<Executor>> executor =
      openExecutor(program->theManifest, program->container, options);
  if (!executor.ok())
    return executor.status();
  program->executor = std::move(*executor);
  program->theSeed =
      options.seed_given ? options.seed : program->theManifest.training.seed;
  if (Status status = program->initializeStates(); !status.ok())
    return status;
  return program;
}

Status Program::initializeStates() {
  Status status;
  for (size_t i = 0; i < theManifest.states.size() && status.ok(); ++i)
    status = executor->write(i, [&](void *data) {
      return initialize(theManifest.states[i], theSeed, container, data);
    });
  if (!status.ok())
    return status;
  status = checkHypers([this](size_t i) { return scalar(i); });
  if (status.code() == Code::Usage)
    return Status(Code::Damaged, "'" + container.name() +
                                     "': " + status.message() +
                                     "; compile the model again");
  return status.ok() ? executor->derive() : status;
}

Status Program::checkLabels(const Batch &batch) const {
  const LabelSpec &spec = theManifest.label;
  if (!batch.label)
    return Status(Code::Usage, "label '" + spec.name + "' is a null pointer");
  // Labels on the device are not known before the step runs.
  if (!spec.isClass || !executor->isHostMemory(batch.label))
    return Status();
  int64_t count = spec.elements();
  int64_t perSample =
      spec.shape.empty() ? 1 : count / std::max<int64_t>(1, spec.shape[0]);
  for (int64_t i = 0; i < count; ++i) {
    int64_t place = i;
    if (batch.samples) {
      int64_t each = count / batch.count;
      place = batch.samples[i / each] * each + i % each;
    }
    int64_t value =
        field<int64_t>(batch.label, size_t(place) * sizeof(int64_t));
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

Status Program::checkBatch(const Batch &batch) const {
  if (theManifest.training.optimizer.empty())
    return Status(Code::Usage,
                  "'" + container.name() +
                      "' only evaluates; compile the model to train it");
  Status status = checkPointers(batch.inputs, theManifest.inputs, "input");
  return status.ok() ? checkLabels(batch) : status;
}

Status Program::startStep(const void *const *inputs, const void *label,
                          void *stream) {
  return start({inputs, label}, stream);
}

Status Program::startStepOn(const Batch &samples, void *stream) {
  Batch batch = samples;
  batch.count = theManifest.training.batch;
  if (!batch.samples)
    return Status(Code::Usage, "the samples are a null pointer");
  Status status = checkSamples(theManifest.label, batch.count);
  for (const TensorSpec &input : theManifest.inputs)
    if (status.ok())
      status = checkSamples(input, batch.count);
  return status.ok() ? start(batch, stream) : status;
}

Status Program::start(const Batch &batch, void *stream) {
  if (startedSteps - finishedSteps == stepSlots)
    return Status(Code::Usage, std::to_string(stepSlots) +
                                   " steps are unfinished, which is the most; "
                                   "call mpcrt_wait");
  Status status = checkBatch(batch);
  if (status.ok())
    status = executor->startStep(startedSteps % stepSlots, batch, stream);
  if (status.ok())
    ++startedSteps;
  return status;
}

Status Program::wait(mpcrt_status *result) {
  if (startedSteps == finishedSteps)
    return Status(Code::Usage,
                  "no step is unfinished; start one with mpcrt_step_async");
  Result<const void *> block = executor->finishStep(finishedSteps % stepSlots);
  // A step that failed is over too.
  ++finishedSteps;
  if (block.ok() && result)
    *result = readStatus(*block);
  return block.status();
}

Status Program::step(const void *const *inputs, const void *label,
                     mpcrt_status *result) {
  if (startedSteps != finishedSteps)
    return Status(Code::Usage,
                  "a step is unfinished; call mpcrt_wait before mpcrt_step");
  Status status = startStep(inputs, label, nullptr);
  return status.ok() ? wait(result) : status;
}

Status Program::eval(const void *const *inputs, void *const *outputs) {
  Status status = checkPointers(inputs, theManifest.inputs, "input");
  if (status.ok())
    status = checkPointers(outputs, theManifest.outputs, "output");
  return status.ok() ? executor->forward(inputs, outputs) : status;
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
  if (Status sized = checkSize(theManifest.states[*index], bytes); !sized.ok())
    return sized;
  Result<StateView> view = executor->read(*index);
  if (view.ok() && bytes)
    std::memcpy(data, view->data, bytes);
  return view.status();
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
  if (status.ok())
    status = executor->write(*index, [&](void *place) {
      if (bytes)
        std::memcpy(place, data, bytes);
      return Status();
    });
  if (!status.ok())
    return status;
  for (const StateSpec &other : theManifest.states)
    if (other.derivedFrom == name)
      return executor->derive();
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
Status Program::checkHypers(const ScalarReader &read) const {
  constexpr HyperLimits limits{0x1p-126, 0x1p127};
  for (size_t i = 0; i < theManifest.states.size(); ++i) {
    const StateSpec &state = theManifest.states[i];
    if (!isHyper(state))
      continue;
    Result<float> value = read(i);
    Status status = value.status();
    if (status.ok())
      status = checkHyper(state.name, double(*value), limits);
    if (!status.ok())
      return status;
  }
  return Status();
}

Result<float> Program::scalar(size_t state) const {
  Result<StateView> view = executor->read(state);
  if (!view.ok())
    return view.status();
  return field<float>(view->data, 0);
}

Status Program::getHyper(std::string_view name, double *value) const {
  Result<size_t> index = hyperIndex(name);
  if (!index.ok())
    return index.status();
  Result<float> held = scalar(*index);
  if (held.ok())
    *value = double(*held);
  return held.status();
}

Status Program::setHyper(std::string_view name, double value) {
  Result<size_t> index = hyperIndex(name);
  if (!index.ok())
    return index.status();
  Status status = checkHyper(name, value, hyperLimits());
  if (!status.ok())
    return status;
  return executor->write(*index, [value](void *place) {
    const float rounded = float(value);
    std::memcpy(place, &rounded, sizeof rounded);
    return Status();
  });
}

Result<std::string> Program::digest() const {
  Digest digest;
  for (size_t i = 0; i < theManifest.states.size(); ++i) {
    if (!isDigested(theManifest.states[i].role))
      continue;
    Result<StateView> view = executor->read(i);
    if (!view.ok())
      return view.status();
    digest.update(view->data, theManifest.states[i].bytes());
  }
  return digest.hex();
}

} // namespace mpcrt
