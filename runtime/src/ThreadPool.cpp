#include "runtime/src/ThreadPool.h"

#include <algorithm>
#include <sched.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace mpcrt {

namespace {
void relax() {
#if defined(__x86_64__)
  _mm_pause();
#endif
}

// Waits until `value` differs from `old`: first awake, because the next launch
// usually follows within microseconds, then asleep, because it may never come.
void waitWhileEqual(const std::atomic<uint32_t> &value, uint32_t old,
                    int spins) {
  for (int i = 0; i < spins; ++i) {
    if (value.load(std::memory_order_acquire) != old)
      return;
    relax();
  }
  value.wait(old, std::memory_order_acquire);
}
} // namespace

KernelFloatEnvironment::KernelFloatEnvironment() {
#if defined(__x86_64__)
  saved = _mm_getcsr();
  _mm_setcsr(0x1f80); // all exceptions masked, to nearest, no flush to zero
#endif
}

KernelFloatEnvironment::~KernelFloatEnvironment() {
#if defined(__x86_64__)
  _mm_setcsr(saved);
#endif
}

int ThreadPool::availableCpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
    return CPU_COUNT(&set);
  return std::max(1, int(std::thread::hardware_concurrency()));
}

// A spinning thread that has no CPU of its own keeps a working one from its.
ThreadPool::ThreadPool(int threads)
    : spins(threads <= availableCpus() ? 2000 : 0) {
  try {
    for (int number = 1; number < threads; ++number)
      workers.emplace_back([this, number] { workerMain(number); });
  } catch (...) {
    stop();
    throw;
  }
}

ThreadPool::~ThreadPool() { stop(); }

void ThreadPool::stop() {
  // In a forked process the threads do not exist: they can be neither woken nor
  // joined, so what stands for them is left behind.
  if (owner != getpid()) {
    new std::vector<std::thread>(std::move(workers));
    return;
  }
  stopping = true;
  round.fetch_add(1, std::memory_order_release);
  round.notify_all();
  for (std::thread &worker : workers)
    worker.join();
}

void ThreadPool::run(const Work &work) {
  current = work;
  unfinished.store(uint32_t(workers.size()), std::memory_order_relaxed);
  round.fetch_add(1, std::memory_order_release);
  round.notify_all();
  runShare(0);
  while (uint32_t left = unfinished.load(std::memory_order_acquire))
    waitWhileEqual(unfinished, left, spins);
}

void ThreadPool::runShare(int number) const {
  int64_t n = threads();
  // Split so that tiles * number cannot overflow.
  auto bound = [&](int64_t t) {
    return current.tiles / n * t + current.tiles % n * t / n;
  };
  int64_t first = bound(number), end = bound(number + 1);
  if (first < end)
    callKernel(current.kernel, current.buffers, first, end);
}

void ThreadPool::workerMain(int number) {
  KernelFloatEnvironment environment;
  uint32_t seen = 0;
  while (true) {
    waitWhileEqual(round, seen, spins);
    // One at a time: the caller waits for this thread before the next round.
    ++seen;
    if (stopping)
      return;
    runShare(number);
    if (unfinished.fetch_sub(1, std::memory_order_acq_rel) == 1)
      unfinished.notify_one();
  }
}

} // namespace mpcrt
