// Steps, evaluations and access to states; OpenCudaExecutor.cpp makes it.
#include "runtime/src/cuda/CudaExecutor.h"

#include <cstring>

namespace mpcrt::cuda {

CudaExecutor::~CudaExecutor() {
  if (owner != getpid()) {
    (void)own.release();
    context.forget();
    return;
  }
  Entered entered(*driver, context.get());
  // Steps that nobody waited for still use all this.
  (void)drain();
  own.reset();
}

bool CudaExecutor::isHost(const void *pointer) const {
  // Memory that the driver does not know is the host's: it has type 0. Asked
  // for one attribute alone, the driver would call it an error, and tools
  // report it.
  unsigned type = 0;
  int attribute = POINTER_ATTRIBUTE_MEMORY_TYPE;
  void *values[] = {&type};
  CUresult result = driver->pointerGetAttributes(
      1, &attribute, values, reinterpret_cast<CUdeviceptr>(pointer));
  return result == SUCCESS && (type == 0 || type == MEMORYTYPE_HOST);
}

bool CudaExecutor::isHostMemory(const void *pointer) const {
  Entered entered(*driver, context.get());
  return isHost(pointer);
}

Status CudaExecutor::place(const Batch &batch, const void *from,
                           uint64_t offset, size_t bytes,
                           Placement &placement) {
  if (bytes == 0)
    return Status();
  if (!batch.samples && !isHost(from))
    return driver->check(driver->memcpyDtoDAsync(
                             base + offset, reinterpret_cast<CUdeviceptr>(from),
                             bytes, placement.stream),
                         "copy a batch");
  copyBatch(copiers, batch, from, placement.staging, bytes);
  CUresult result = driver->memcpyHtoDAsync(base + offset, placement.staging,
                                            bytes, own->copy.get());
  placement.staging += bytes;
  placement.staged = true;
  return driver->check(result, "copy a batch to the GPU");
}

Status CudaExecutor::placeInputs(size_t slot, const Batch &batch,
                                 Placement &placement) {
  Status status;
  for (size_t i = 0; i < manifest.inputs.size() && status.ok(); ++i)
    status = place(batch, batch.inputs[i], layout.slots[slot].inputs[i],
                   manifest.inputs[i].bytes(), placement);
  return status;
}

Status CudaExecutor::placeBatch(size_t slot, const Batch &batch,
                                Placement &placement) {
  Status status = placeInputs(slot, batch, placement);
  if (status.ok())
    status = place(batch, batch.label, layout.slots[slot].label,
                   manifest.label.bytes(), placement);
  return status;
}

Status CudaExecutor::launch(const GraphExec &graph, CUstream stream) const {
  if (!graph.get())
    return Status();
  return driver->check(driver->graphLaunch(graph.get(), stream),
                       "launch a graph");
}

// The batch may be copied while the step before runs: that one has the other
// slot, and the last step of this slot was finished.
Status CudaExecutor::startStep(size_t number, const Batch &batch, void *given) {
  Entered entered(*driver, context.get());
  Slot &slot = own->slots[number];
  Placement placement{slot.staging, given ? static_cast<CUstream>(given)
                                          : own->compute.get()};
  Status status = entered.status();
  if (status.ok())
    status = placeBatch(number, batch, placement);
  if (status.ok() && placement.staged)
    status =
        driver->check(driver->eventRecord(slot.copied.get(), own->copy.get()),
                      "record an event");
  if (status.ok() && placement.staged)
    status = driver->check(
        driver->streamWaitEvent(placement.stream, slot.copied.get(), 0),
        "order a step behind its batch");
  // Its stream may be another one than that of the step before.
  if (status.ok() && lastStep)
    status =
        driver->check(driver->streamWaitEvent(placement.stream, lastStep, 0),
                      "order a step behind the one before");
  if (status.ok())
    status = launch(slot.graph, placement.stream);
  if (status.ok())
    status =
        driver->check(driver->eventRecord(slot.done.get(), placement.stream),
                      "record an event");
  if (status.ok())
    lastStep = slot.done.get();
  return status;
}

Result<const void *> CudaExecutor::finishStep(size_t number) {
  Entered entered(*driver, context.get());
  const Slot &slot = own->slots[number];
  Status status =
      driver->check(driver->eventSynchronize(slot.done.get()), "finish a step");
  if (!status.ok())
    return status;
  return static_cast<const void *>(slot.status);
}

Status CudaExecutor::drain() const {
  if (!lastStep)
    return Status();
  return driver->check(driver->eventSynchronize(lastStep), "finish a step");
}

Status CudaExecutor::waitFor(CUstream stream) const {
  return driver->check(driver->streamSynchronize(stream), "wait for the GPU");
}

Status CudaExecutor::forward(const void *const *inputs, void *const *outputs) {
  Entered entered(*driver, context.get());
  const CUstream stream = own->compute.get();
  Placement placement{own->slots[0].staging, stream};
  Status status = drain();
  if (status.ok())
    status = placeInputs(0, {inputs}, placement);
  if (status.ok() && placement.staged)
    status = waitFor(own->copy.get());
  if (status.ok())
    status = launch(own->forward, stream);
  for (size_t i = 0; i < manifest.outputs.size() && status.ok(); ++i) {
    const CUdeviceptr from = base + layout.outputs[i];
    const size_t bytes = manifest.outputs[i].bytes();
    if (bytes == 0)
      continue;
    status = driver->check(
        isHost(outputs[i])
            ? driver->memcpyDtoHAsync(outputs[i], from, bytes, stream)
            : driver->memcpyDtoDAsync(reinterpret_cast<CUdeviceptr>(outputs[i]),
                                      from, bytes, stream),
        "copy an output");
  }
  return status.ok() ? waitFor(stream) : status;
}

Status CudaExecutor::derive() {
  Entered entered(*driver, context.get());
  Status status = drain();
  if (status.ok())
    status = launch(own->derive, own->compute.get());
  return status.ok() ? waitFor(own->compute.get()) : status;
}

Result<StateView> CudaExecutor::read(size_t state) const {
  const size_t bytes = manifest.states[state].bytes();
  StateView view;
  view.copy = AlignedBuffer(bytes);
  view.data = view.copy.data();
  Entered entered(*driver, context.get());
  Status status = drain();
  if (status.ok() && bytes)
    status = driver->check(driver->memcpyDtoHAsync(view.copy.data(),
                                                   base + layout.states[state],
                                                   bytes, own->compute.get()),
                           "read a state");
  if (status.ok())
    status = waitFor(own->compute.get());
  if (!status.ok())
    return status;
  return view;
}

Status CudaExecutor::write(size_t state,
                           const std::function<Status(void *)> &writer) {
  AlignedBuffer copy(manifest.states[state].bytes());
  if (Status written = writer(copy.data()); !written.ok())
    return written;
  Entered entered(*driver, context.get());
  Status status = drain();
  if (status.ok() && copy.size())
    status = driver->check(driver->memcpyHtoDAsync(base + layout.states[state],
                                                   copy.data(), copy.size(),
                                                   own->compute.get()),
                           "write a state");
  return status.ok() ? waitFor(own->compute.get()) : status;
}

} // namespace mpcrt::cuda
