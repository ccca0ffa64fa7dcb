// Threads that share the tiles of one launch after the other.
#ifndef MPC_RUNTIME_SRC_THREADPOOL_H
#define MPC_RUNTIME_SRC_THREADPOOL_H

#include "runtime/src/Image.h"

#include <atomic>
#include <cstdint>
#include <thread>
#include <unistd.h>
#include <vector>

namespace mpcrt {

/// A kernel with its buffers and number of tiles.
struct Work {
  KernelFunction kernel = nullptr;
  void *const *buffers = nullptr;
  int64_t tiles = 0;
};

/// Thread t of n always runs the tiles [tiles * t / n, tiles * (t + 1) / n),
/// the calling thread being number 0. Idle threads spin for some tens of
/// microseconds, then sleep.
class ThreadPool {
public:
  /// Starts `threads` - 1 threads; `threads` is at least 1. Throws
  /// std::system_error if the system refuses.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool &) = delete;
  ThreadPool &operator=(const ThreadPool &) = delete;

  int threads() const { return int(workers.size()) + 1; }
  /// Runs all tiles and returns when the last one is done. What they wrote is
  /// visible to the caller and to all later work.
  void run(const Work &work);

  /// Number of CPUs that this process may use.
  static int availableCpus();

private:
  void workerMain(int number);
  void runShare(int number) const;
  void stop();

  pid_t owner = getpid(); ///< the process that has the threads
  // Written by the calling thread before it raises `round`.
  Work current;
  bool stopping = false;
  int spins;
  // On lines of their own: the one is written by the caller, the other by all.
  alignas(64) std::atomic<uint32_t> round{0};
  alignas(64) std::atomic<uint32_t> unfinished{0};
  std::vector<std::thread> workers;
};

/// Sets the floating-point environment that kernels expect (round to nearest,
/// subnormals kept, no traps) and restores the thread's own at its end.
class KernelFloatEnvironment {
public:
  KernelFloatEnvironment();
  ~KernelFloatEnvironment();
  KernelFloatEnvironment(const KernelFloatEnvironment &) = delete;
  KernelFloatEnvironment &operator=(const KernelFloatEnvironment &) = delete;

private:
  uint32_t saved = 0;
};

} // namespace mpcrt

#endif // MPC_RUNTIME_SRC_THREADPOOL_H
