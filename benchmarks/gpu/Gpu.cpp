#include "benchmarks/gpu/Gpu.h"
#include <dlfcn.h>
#include <limits>

using namespace mpcrt;
using namespace mpcrt::cuda;

namespace mpc::bench {

Result<std::unique_ptr<Gpu>> Gpu::open() {
  Result<std::shared_ptr<const Driver>> driver = Driver::load();
  if (!driver.ok())
    return driver.status();
  Result<Device> device = findDevice(**driver, 0);
  if (!device.ok())
    return device.status();
  Result<Context> context = Context::open(*driver, *device);
  if (!context.ok())
    return context.status();
  std::unique_ptr<Gpu> gpu(new Gpu(*driver, *device, std::move(*context)));
  if (Status status = gpu->prepare(); !status.ok())
    return status;
  return gpu;
}

Gpu::Gpu(std::shared_ptr<const Driver> driver, Device device, Context context)
    : theDriver(std::move(driver)), theDevice(std::move(device)),
      context(std::move(context)), entered(*theDriver, this->context.get()) {}

Status Gpu::prepare() {
  // mpcrt captures nothing, so its driver has no such functions.
  void *library = dlopen(Driver::standardName, RTLD_NOW);
  beginCapture =
      reinterpret_cast<BeginCapture>(dlsym(library, "cuStreamBeginCapture_v2"));
  endCapture =
      reinterpret_cast<EndCapture>(dlsym(library, "cuStreamEndCapture"));
  if (!beginCapture || !endCapture)
    return Status(Code::Device, "the driver captures no streams");
  CUstream stream = nullptr;
  Status status = driver().check(
      driver().streamCreate(&stream, STREAM_NON_BLOCKING), "make a stream");
  theStream = Stream(driver(), stream);
  for (Event *event : {&begin, &end}) {
    CUevent made = nullptr;
    if (status.ok())
      status = driver().check(driver().eventCreate(&made, EVENT_DEFAULT),
                              "make an event");
    *event = Event(driver(), made);
  }
  return status;
}

Result<DeviceMemory> Gpu::allocate(size_t bytes) const {
  CUdeviceptr address = 0;
  Status status =
      driver().check(driver().memAlloc(&address, bytes), "allocate memory");
  if (!status.ok())
    return status;
  return DeviceMemory(driver(), address);
}

GraphExec Gpu::capture(const std::function<bool()> &enqueue) const {
  constexpr int relaxed = 2;
  if (beginCapture(stream(), relaxed) != SUCCESS)
    return {};
  bool enqueued = enqueue();
  CUgraph captured = nullptr;
  if (endCapture(stream(), &captured) != SUCCESS)
    return {};
  Graph graph(driver(), captured);
  CUgraphExec made = nullptr;
  if (!enqueued || driver().graphInstantiate(&made, captured, 0) != SUCCESS)
    return {};
  return GraphExec(driver(), made);
}

double Gpu::time(const std::function<bool()> &enqueue) const {
  float milliseconds = 0;
  bool done =
      enqueue() && driver().eventRecord(begin.get(), stream()) == SUCCESS &&
      enqueue() && driver().eventRecord(end.get(), stream()) == SUCCESS &&
      driver().eventSynchronize(end.get()) == SUCCESS &&
      driver().eventElapsedTime(&milliseconds, begin.get(), end.get()) ==
          SUCCESS;
  return done ? double(milliseconds) / 1000
              : std::numeric_limits<double>::infinity();
}

double Gpu::time(const GraphExec &graph) const {
  return time(
      [&] { return driver().graphLaunch(graph.get(), stream()) == SUCCESS; });
}

} // namespace mpc::bench
