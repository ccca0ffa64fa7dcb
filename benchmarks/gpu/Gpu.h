// One GPU with a stream, and how long work on it takes.
#ifndef MPC_BENCHMARKS_GPU_GPU_H
#define MPC_BENCHMARKS_GPU_GPU_H

#include "runtime/src/cuda/Device.h"
#include "runtime/src/cuda/Handles.h"
#include <functional>
#include <memory>

namespace mpc::bench {

class Gpu {
public:
  /// Number 0.
  static mpcrt::Result<std::unique_ptr<Gpu>> open();
  Gpu(const Gpu &) = delete;
  Gpu &operator=(const Gpu &) = delete;

  const mpcrt::cuda::Driver &driver() const { return *theDriver; }
  const mpcrt::cuda::Device &device() const { return theDevice; }
  mpcrt::cuda::CUstream stream() const { return theStream.get(); }

  mpcrt::Result<mpcrt::cuda::DeviceMemory> allocate(size_t bytes) const;
  /// What `enqueue` puts into the stream, as a graph. No graph if it fails.
  mpcrt::cuda::GraphExec capture(const std::function<bool()> &enqueue) const;
  /// Seconds of what `enqueue` puts into the stream, behind another time that
  /// warms up; infinity if it fails.
  double time(const std::function<bool()> &enqueue) const;
  /// The same of one launch.
  double time(const mpcrt::cuda::GraphExec &graph) const;

private:
  using BeginCapture = int (*)(mpcrt::cuda::CUstream, int);
  using EndCapture = int (*)(mpcrt::cuda::CUstream, mpcrt::cuda::CUgraph *);

  Gpu(std::shared_ptr<const mpcrt::cuda::Driver> driver,
      mpcrt::cuda::Device device, mpcrt::cuda::Context context);
  mpcrt::Status prepare();

  const std::shared_ptr<const mpcrt::cuda::Driver> theDriver;
  const mpcrt::cuda::Device theDevice;
  const mpcrt::cuda::Context context;
  const mpcrt::cuda::Entered entered;
  mpcrt::cuda::Stream theStream;
  mpcrt::cuda::Event begin, end;
  BeginCapture beginCapture = nullptr;
  EndCapture endCapture = nullptr;
};

} // namespace mpc::bench

#endif
