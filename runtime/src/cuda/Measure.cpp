// How long a step and its launches take, by the GPU's own clock.
#include "runtime/src/cuda/CudaExecutor.h"
#include "runtime/src/cuda/Rates.h"

#include <algorithm>
#include <numeric>

namespace mpcrt::cuda {

namespace {
/// Marks in a stream, and the time between them.
class Stopwatch {
public:
  Stopwatch(const Driver &driver, CUstream stream)
      : driver(driver), stream(stream) {}

  Status mark() {
    CUevent made = nullptr;
    CUresult result = driver.eventCreate(&made, EVENT_DEFAULT);
    marks.emplace_back(driver, made);
    Status status = driver.check(result, "make an event");
    return status.ok()
               ? driver.check(driver.eventRecord(made, stream), "take the time")
               : status;
  }

  /// Waits for the last mark; the seconds between neighbours.
  Result<std::vector<double>> laps() {
    Status status = driver.check(driver.eventSynchronize(marks.back().get()),
                                 "wait for the GPU");
    std::vector<double> seconds;
    for (size_t i = 1; i < marks.size() && status.ok(); ++i) {
      float milliseconds = 0;
      status =
          driver.check(driver.eventElapsedTime(
                           &milliseconds, marks[i - 1].get(), marks[i].get()),
                       "take the time");
      seconds.push_back(double(milliseconds) / 1000);
    }
    if (!status.ok())
      return status;
    return seconds;
  }

private:
  const Driver &driver;
  CUstream stream;
  std::vector<Event> marks;
};

/// Runs `work` once, and then again between marks. The first run gives the
/// host the time to hand in the next ones, so that the GPU never waits for it.
template <typename Fn>
Result<std::vector<double>> timeRounds(const Driver &driver, CUstream stream,
                                       int rounds, Fn work) {
  Stopwatch watch(driver, stream);
  Status status = work();
  if (status.ok())
    status = watch.mark();
  for (int i = 0; i < rounds && status.ok(); ++i) {
    status = work();
    if (status.ok())
      status = watch.mark();
  }
  if (!status.ok())
    return status;
  return watch.laps();
}

constexpr int rounds = 3;
} // namespace

// As many nodes of a graph, each behind the one before, since it writes the
// same memory: what is measured is a launch in a step, with what lies between
// it and the next.
Result<double> CudaExecutor::timeLaunches(const Launch *first, size_t count,
                                          int repeats) {
  std::vector<Launch> launches;
  for (int i = 0; i < repeats; ++i)
    launches.insert(launches.end(), first, first + count);
  Result<GraphExec> graph =
      recorder->record(launches, layout, addressesOf(0), own->copy.get());
  if (!graph.ok())
    return graph.status();
  // It is on its way to the GPU.
  if (Status uploaded = waitFor(own->copy.get()); !uploaded.ok())
    return uploaded;
  const CUstream stream = own->compute.get();
  Result<std::vector<double>> times = timeRounds(
      *driver, stream, rounds, [&] { return launch(*graph, stream); });
  if (!times.ok())
    return times.status();
  return *std::min_element(times->begin(), times->end()) / repeats;
}

Result<StepTimes> CudaExecutor::timeStep(const void *const *inputs,
                                         const void *label, int repeats) {
  Entered entered(*driver, context.get());
  const CUstream stream = own->compute.get();
  Placement placement{own->slots[0].staging, stream};
  Status status = drain();
  if (status.ok())
    status = placeBatch(0, {inputs, label}, placement);
  if (status.ok())
    status = waitFor(own->copy.get());
  if (!status.ok())
    return status;
  Result<std::vector<double>> steps = timeRounds(*driver, stream, repeats, [&] {
    return launch(own->slots[0].graph, stream);
  });
  if (!steps.ok())
    return steps.status();
  StepTimes times;
  times.step = std::accumulate(steps->begin(), steps->end(), 0.0) / repeats;
  // Where a library computes several launches at once, the first has all the
  // time.
  for (size_t i = 0; i < target.trainStep.size();) {
    const size_t count = recorder->span(target.trainStep[i]);
    Result<double> seconds = timeLaunches(&target.trainStep[i], count, repeats);
    if (!seconds.ok())
      return seconds.status();
    times.launches.push_back(*seconds);
    i += count;
    times.launches.resize(i, 0);
  }
  return times;
}

Result<Ceilings> CudaExecutor::ceilings() {
  Entered entered(*driver, context.get());
  constexpr size_t most = size_t(1) << 30, least = size_t(1) << 20;
  size_t left = 0, total = 0;
  Status status = driver->check(driver->memGetInfo(&left, &total),
                                "ask the GPU for its free memory");
  const size_t bytes = std::min(most, left / 4 / least * least);
  if (status.ok() && bytes < least)
    return Status(Code::OutOfMemory,
                  "too little memory is left on " + device.text() +
                      " to measure copies; end what else runs there");
  std::array<DeviceMemory, 2> buffers;
  for (DeviceMemory &buffer : buffers) {
    CUdeviceptr address = 0;
    if (status.ok())
      status = driver->check(driver->memAlloc(&address, bytes),
                             "allocate memory to measure copies");
    buffer = DeviceMemory(*driver, address);
  }
  if (!status.ok())
    return status;
  const CUstream stream = own->compute.get();
  Result<std::vector<double>> copies = timeRounds(*driver, stream, rounds, [&] {
    return driver->check(driver->memcpyDtoDAsync(
                             buffers[0].get(), buffers[1].get(), bytes, stream),
                         "copy memory");
  });
  if (!copies.ok())
    return copies.status();
  Ceilings ceilings = ratesOf(device.name);
  ceilings.copyBytes =
      2 * double(bytes) / *std::min_element(copies->begin(), copies->end());
  return ceilings;
}

} // namespace mpcrt::cuda
