// From a manifest to a program that is ready on a GPU.
#include "runtime/src/cuda/CudaExecutor.h"

#include <cstring>

namespace mpcrt::cuda {

CudaExecutor::CudaExecutor(const Manifest &manifest, const Target &target,
                           Device device, std::shared_ptr<const Driver> driver,
                           Context context, int threads)
    : manifest(manifest), target(target), device(std::move(device)),
      driver(std::move(driver)), context(std::move(context)), copiers(threads) {
}

Result<std::unique_ptr<CudaExecutor>>
CudaExecutor::create(const Manifest &manifest, const Container &container,
                     std::optional<int> ordinal, int threads) {
  Result<std::shared_ptr<const Driver>> driver = Driver::load();
  if (!driver.ok())
    return driver.status();
  Result<Device> device = findDevice(**driver, ordinal);
  if (!device.ok())
    return device.status();
  Result<const Target *> target =
      chooseTarget(manifest, *device, container.name());
  if (!target.ok())
    return target.status();
  Result<Context> context = Context::open(*driver, *device);
  if (!context.ok())
    return context.status();
  std::unique_ptr<CudaExecutor> executor(
      new CudaExecutor(manifest, **target, std::move(*device), *driver,
                       std::move(*context), threads));
  Status ready = executor->prepare(container);
  if (!ready.ok())
    return ready;
  return executor;
}

Status CudaExecutor::prepare(const Container &container) {
  std::optional<DeviceLayout> planned = layOut(manifest, target, container);
  if (!planned)
    return Status(Code::OutOfMemory, "'" + container.name() +
                                         "' needs over 2^62 bytes of memory; "
                                         "compile with a smaller batch or "
                                         "model");
  layout = std::move(*planned);
  Entered entered(*driver, context.get());
  Status status = entered.status();
  if (status.ok())
    status = checkMemory(container.name());
  if (status.ok())
    status = loadModule(container);
  if (status.ok())
    status = makeStreams();
  if (status.ok()) {
    own->libraries = Libraries::prepare(target, theInfo.fallback);
    status = allocate();
  }
  if (status.ok())
    status = allocateWorkspace();
  if (status.ok())
    status = fillConstants(container);
  if (status.ok())
    status = recordEntries();
  if (status.ok())
    measure();
  return status;
}

Status CudaExecutor::checkMemory(const std::string &file) {
  size_t total = 0;
  Status status = driver->check(driver->memGetInfo(&freeAtStart, &total),
                                "ask the GPU for its free memory");
  if (!status.ok())
    return status;
  theInfo = {std::to_string(device.ordinal), device.name, target.target,
             layout.bytes};
  theInfo.usedBefore = total - freeAtStart;
  if (layout.bytes <= freeAtStart)
    return Status();
  return Status(Code::OutOfMemory,
                "'" + file + "' needs " + std::to_string(layout.bytes) +
                    " bytes of memory (states " +
                    std::to_string(layout.parts.states) + ", arena " +
                    std::to_string(target.arenaBytes) +
                    ", the rest constants and batches), but " +
                    std::to_string(freeAtStart) + " of " +
                    std::to_string(total) + " are free on " + device.text() +
                    "; compile with a smaller batch or model, or end what "
                    "else runs there");
}

Status CudaExecutor::loadModule(const Container &container) {
  const ContainerTensor *image = container.find(target.image);
  // Aligned, whatever the file's alignment is.
  AlignedBuffer copy(image->bytes);
  std::memcpy(copy.data(), image->data, image->bytes);
  std::array<char, 1024> log = {};
  std::array<int, 2> options = {JIT_ERROR_LOG_BUFFER,
                                JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
  std::array<void *, 2> values = {log.data(),
                                  reinterpret_cast<void *>(log.size() - 1)};
  CUmodule module = nullptr;
  CUresult result =
      driver->moduleLoadDataEx(&module, copy.data(), unsigned(options.size()),
                               options.data(), values.data());
  own->module = Module(*driver, module);
  if (result == SUCCESS)
    return Status();
  Status refused = driver->check(result, "load the code");
  return Status(refused.code(),
                "the driver of " + device.text() + ", which is for CUDA " +
                    driver->version() + ", does not take the image for " +
                    target.target + ": " + refused.message() +
                    (log[0] ? std::string("; it says: ") + log.data() : ""));
}

Status CudaExecutor::makeStreams() {
  auto stream = [&](Stream &owned, unsigned flags) {
    CUstream made = nullptr;
    CUresult result = driver->streamCreate(&made, flags);
    owned = Stream(*driver, made);
    return driver->check(result, "make a stream");
  };
  auto event = [&](Event &owned) {
    CUevent made = nullptr;
    CUresult result = driver->eventCreate(&made, EVENT_DISABLE_TIMING);
    owned = Event(*driver, made);
    return driver->check(result, "make an event");
  };
  Status status = stream(own->compute, STREAM_DEFAULT);
  if (status.ok())
    status = stream(own->copy, STREAM_NON_BLOCKING);
  for (Slot &slot : own->slots) {
    if (status.ok())
      status = event(slot.copied);
    if (status.ok())
      status = event(slot.done);
  }
  return status;
}

// Two allocations, whatever the program: one there, one here.
Status CudaExecutor::allocate() {
  CUresult result = driver->memAlloc(&base, layout.bytes);
  own->memory = DeviceMemory(*driver, base);
  Status status = driver->check(result, "allocate the program's memory");
  if (!status.ok())
    return status;
  theInfo.allocatedBytes = layout.bytes;
  size_t batchBytes = manifest.label.bytes();
  for (const TensorSpec &input : manifest.inputs)
    batchBytes += input.bytes();
  // Each status block is aligned as kernels expect of a buffer.
  constexpr size_t alignment = size_t(statusBytes);
  const size_t slotBytes = size_t(statusBytes) +
                           (batchBytes + alignment - 1) / alignment * alignment;
  void *pinned = nullptr;
  result = driver->memHostAlloc(&pinned, stepSlots * slotBytes, 0);
  own->pinned = PinnedMemory(*driver, pinned);
  status = driver->check(result, "allocate pinned memory");
  if (!status.ok())
    return status;
  std::byte *next = static_cast<std::byte *>(pinned);
  // The status block once: each step writes the same fields of it.
  std::memset(next, 0, stepSlots * slotBytes);
  for (Slot &slot : own->slots) {
    slot.status = next;
    slot.staging = next + statusBytes;
    next += slotBytes;
  }
  return Status();
}

// What a library wants depends on its version, so it is no part of the plan.
Status CudaExecutor::allocateWorkspace() {
  const size_t bytes = own->libraries.workspaceBytes();
  if (bytes == 0)
    return Status();
  CUdeviceptr address = 0;
  CUresult result = driver->memAlloc(&address, bytes);
  own->workspace = DeviceMemory(*driver, address);
  theInfo.libraryBytes = bytes;
  return driver->check(result, "allocate a library's workspace");
}

Status CudaExecutor::fillConstants(const Container &container) {
  const CUstream stream = own->compute.get();
  Status status =
      driver->check(driver->memsetD8Async(base, 0, layout.bytes, stream),
                    "clear the program's memory");
  for (const auto &[name, offset] : layout.constants) {
    const ContainerTensor *tensor = container.find(name);
    if (status.ok() && tensor->bytes)
      status =
          driver->check(driver->memcpyHtoDAsync(base + offset, tensor->data,
                                                tensor->bytes, stream),
                        "write a constant");
  }
  return status.ok() ? waitFor(stream) : status;
}

// Kernels write the status to memory of the host, which they reach by the same
// address. A copy behind them would take 6 us or more to start.
Addresses CudaExecutor::addressesOf(size_t slot) const {
  return {base, slot, reinterpret_cast<CUdeviceptr>(own->slots[slot].status)};
}

Status CudaExecutor::recordEntries() {
  Result<Recorder> made =
      Recorder::create(*driver, manifest, target, own->module.get(),
                       device.handle, device.text());
  if (!made.ok())
    return made.status();
  recorder = std::move(*made);
  recorder->use(own->libraries, own->workspace.get());
  theInfo.providers = recorder->providersOf(target.trainStep);
  auto record = [&](GraphExec &graph, const std::vector<Launch> &launches,
                    size_t slot) {
    Result<GraphExec> recorded =
        recorder->record(launches, layout, addressesOf(slot), own->copy.get());
    if (recorded.ok())
      graph = std::move(*recorded);
    return recorded.status();
  };
  Status status = record(own->derive, target.derive, 0);
  if (status.ok())
    status = record(own->forward, target.forward, 0);
  for (size_t i = 0; i < stepSlots && status.ok(); ++i)
    status = record(own->slots[i].graph, target.trainStep, i);
  return status.ok() ? waitFor(own->copy.get()) : status;
}

// Other processes of the GPU disturb this; there is no better number.
void CudaExecutor::measure() {
  size_t left = 0, total = 0;
  if (driver->memGetInfo(&left, &total) != SUCCESS)
    return;
  const uint64_t used = freeAtStart - std::min(left, freeAtStart);
  const uint64_t known = layout.bytes + theInfo.libraryBytes;
  theInfo.codeBytes = used - std::min<uint64_t>(used, known);
}

} // namespace mpcrt::cuda
