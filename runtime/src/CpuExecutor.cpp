#include "runtime/src/CpuExecutor.h"

#include "runtime/src/CpuFeatures.h"
#include "runtime/src/FreeMemory.h"

#include <cstring>
#include <limits>
#include <span>

namespace mpcrt {

namespace {
// Below this many bytes of arguments a launch is over sooner than a second
// thread is awake.
constexpr int64_t smallLaunch = 16 * 1024;

int64_t bytesOf(const Manifest &manifest, const Buffer &buffer) {
  switch (buffer.kind) {
  case Buffer::Kind::State:
    return int64_t(manifest.states[size_t(buffer.index)].bytes());
  case Buffer::Kind::Input:
    return int64_t(manifest.inputs[size_t(buffer.index)].bytes());
  case Buffer::Kind::Output:
    return int64_t(manifest.outputs[size_t(buffer.index)].bytes());
  case Buffer::Kind::Label:
    return int64_t(manifest.label.bytes());
  default:
    return buffer.bytes;
  }
}

bool isSmall(const Manifest &manifest, const Target &target,
             const Launch &launch) {
  int64_t total = 0;
  for (int64_t arg : launch.args) {
    int64_t bytes = bytesOf(manifest, target.buffers[size_t(arg)]);
    if (bytes >= smallLaunch - total)
      return false;
    total += bytes;
  }
  return true;
}

// All that is allocated is allocated when the program is opened; so a program
// that opened does not run out of memory later.
struct MemoryPlan {
  uint64_t states, arena, batch, all;
};

template <typename Specs>
void add(const Specs &specs, uint64_t &bytes, bool &tooMany) {
  for (const auto &spec : specs)
    tooMany |= __builtin_add_overflow(bytes, spec.bytes(), &bytes);
}

Result<MemoryPlan> planMemory(const Manifest &manifest, const Target &target,
                              const std::string &name) {
  MemoryPlan plan{0, uint64_t(target.arenaBytes), manifest.label.bytes(), 0};
  bool tooMany = false;
  add(manifest.states, plan.states, tooMany);
  add(manifest.inputs, plan.batch, tooMany);
  add(manifest.outputs, plan.batch, tooMany);
  for (uint64_t part : {plan.states, plan.arena, plan.batch})
    tooMany |= __builtin_add_overflow(plan.all, part, &plan.all);
  uint64_t available = freeMemory();
  if (!tooMany && plan.all <= available)
    return plan;
  return Status(Code::OutOfMemory,
                "'" + name + "' needs " +
                    (tooMany ? "over 2^64" : std::to_string(plan.all)) +
                    " bytes of memory (states " + std::to_string(plan.states) +
                    ", arena " + std::to_string(plan.arena) +
                    ", the rest a batch), but " + std::to_string(available) +
                    " are free; compile with a smaller batch or model");
}

bool followsTheBatch(Buffer::Kind kind) {
  return kind == Buffer::Kind::Input || kind == Buffer::Kind::Label ||
         kind == Buffer::Kind::Output;
}
} // namespace

CpuExecutor::CpuExecutor(const Manifest &manifest, const Target &target,
                         int threads)
    : pool(threads), arena(size_t(target.arenaBytes)),
      status(size_t(statusBytes)), inputSlots(manifest.inputs.size()),
      outputSlots(manifest.outputs.size()) {
  for (const StateSpec &state : manifest.states)
    states.emplace_back(state.bytes());
  for (size_t i = 0; i < inputSlots.size(); ++i)
    inputSlots[i].copy = AlignedBuffer(manifest.inputs[i].bytes());
  for (size_t i = 0; i < outputSlots.size(); ++i)
    outputSlots[i].copy = AlignedBuffer(manifest.outputs[i].bytes());
  labelSlot.copy = AlignedBuffer(manifest.label.bytes());
}

Result<std::unique_ptr<CpuExecutor>>
CpuExecutor::create(const Manifest &manifest, const Target &target,
                    const Container &container, int threads,
                    const std::string &passedOver) {
  Result<MemoryPlan> plan = planMemory(manifest, target, container.name());
  if (!plan.ok())
    return plan.status();
  Status suited = checkCpu(target);
  if (!suited.ok())
    return suited;
  const ContainerTensor *code = container.find(target.image);
  Result<Image> image =
      Image::map(code->data, code->bytes, size_t(target.codeBytes));
  if (!image.ok())
    return image.status();

  std::unique_ptr<CpuExecutor> executor(
      new CpuExecutor(manifest, target, threads));
  executor->theInfo = {"cpu", target.isa, target.target, plan->all};
  executor->theInfo.passedOver = passedOver;
  executor->image = std::move(*image);
  std::vector<void *> resolved;
  for (const Buffer &buffer : target.buffers)
    resolved.push_back(executor->resolve(buffer, container));
  executor->trainEntry =
      executor->prepare(manifest, target, target.trainStep, resolved);
  executor->forwardEntry =
      executor->prepare(manifest, target, target.forward, resolved);
  executor->deriveEntry =
      executor->prepare(manifest, target, target.derive, resolved);
  return executor;
}

// The address of a buffer; null for those that follow the batch.
void *CpuExecutor::resolve(const Buffer &buffer, const Container &container) {
  switch (buffer.kind) {
  case Buffer::Kind::State:
    return states[size_t(buffer.index)].data();
  case Buffer::Kind::Arena:
    return static_cast<std::byte *>(arena.data()) + buffer.offset;
  case Buffer::Kind::Status:
    return static_cast<std::byte *>(status.data()) + buffer.offset;
  case Buffer::Kind::Constant: {
    const ContainerTensor *tensor = container.find(buffer.tensor);
    // In a copy, so that its alignment does not depend on the file's.
    AlignedBuffer &copy = constants.emplace_back(tensor->bytes);
    std::memcpy(copy.data(), tensor->data, tensor->bytes);
    return copy.data();
  }
  case Buffer::Kind::Input:
  case Buffer::Kind::Label:
  case Buffer::Kind::Output:
    return nullptr;
  }
  return nullptr;
}

CpuExecutor::Entry
CpuExecutor::prepare(const Manifest &manifest, const Target &target,
                     const std::vector<Launch> &launches,
                     const std::vector<void *> &resolved) const {
  Entry entry;
  for (const Launch &launch : launches) {
    const Kernel &kernel = target.kernels[size_t(launch.kernel)];
    bool shared = launch.tiles > 1 && !isSmall(manifest, target, launch);
    entry.steps.push_back({image.kernel(kernel.offset), launch.tiles,
                           entry.pointers.size(), shared});
    for (int64_t arg : launch.args) {
      const Buffer &buffer = target.buffers[size_t(arg)];
      if (followsTheBatch(buffer.kind))
        entry.patches.push_back(
            {entry.pointers.size(), buffer.kind, size_t(buffer.index)});
      entry.pointers.push_back(resolved[size_t(arg)]);
    }
  }
  return entry;
}

// Kernels only read the batch.
void CpuExecutor::bind(Slot &slot, const void *tensor, const Batch &batch) {
  slot.current = const_cast<void *>(tensor);
  if (slot.copy.size() && (batch.samples || !isAligned(tensor))) {
    copyBatch(pool, batch, tensor, slot.copy.data(), slot.copy.size());
    slot.current = slot.copy.data();
  }
}

void CpuExecutor::bindInputs(const Batch &batch) {
  for (size_t i = 0; i < inputSlots.size(); ++i)
    bind(inputSlots[i], batch.inputs[i], batch);
}

void CpuExecutor::run(Entry &entry) {
  for (const Patch &patch : entry.patches) {
    const Slot &slot =
        patch.kind == Buffer::Kind::Input    ? inputSlots[patch.index]
        : patch.kind == Buffer::Kind::Output ? outputSlots[patch.index]
                                             : labelSlot;
    entry.pointers[patch.slot] = slot.current;
  }
  KernelFloatEnvironment environment;
  for (const Step &step : entry.steps)
    runStep(entry, step);
}

void CpuExecutor::runStep(const Entry &entry, const Step &step) {
  void *const *buffers = entry.pointers.data() + step.firstPointer;
  if (step.shared)
    pool.run({step.kernel, buffers, step.tiles});
  else if (step.tiles > 0)
    callKernel(step.kernel, buffers, 0, step.tiles);
}

void CpuExecutor::bindBatch(const Batch &batch) {
  bindInputs(batch);
  bind(labelSlot, batch.label, batch);
}

Status CpuExecutor::startStep(size_t slot, const Batch &batch, void *) {
  bindBatch(batch);
  std::memset(status.data(), 0, status.size());
  run(trainEntry);
  std::memcpy(finished[slot].data(), status.data(), status.size());
  return Status();
}

Result<const void *> CpuExecutor::finishStep(size_t slot) {
  return static_cast<const void *>(finished[slot].data());
}

Status CpuExecutor::forward(const void *const *inputs, void *const *outputs) {
  bindInputs({inputs});
  for (size_t i = 0; i < outputSlots.size(); ++i)
    outputSlots[i].current =
        isAligned(outputs[i]) ? outputs[i] : outputSlots[i].copy.data();
  run(forwardEntry);
  for (size_t i = 0; i < outputSlots.size(); ++i)
    if (outputSlots[i].current != outputs[i] && outputSlots[i].copy.size())
      std::memcpy(outputs[i], outputSlots[i].copy.data(),
                  outputSlots[i].copy.size());
  return Status();
}

Status CpuExecutor::derive() {
  run(deriveEntry);
  return Status();
}

Result<StateView> CpuExecutor::read(size_t state) const {
  return StateView{states[state].data()};
}

Status CpuExecutor::write(size_t state,
                          const std::function<Status(void *)> &writer) {
  return writer(states[state].data());
}

} // namespace mpcrt
