// Streams whose work runs when somebody waits for it.
#ifndef MPC_TEST_UNIT_CUDA_FAKE_STREAMS_H
#define MPC_TEST_UNIT_CUDA_FAKE_STREAMS_H

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace fakecuda {

using Work = std::function<void()>;

/// Work that is ordered by what each piece of it waits for.
struct Graph {
  struct Node {
    Work work;
    std::vector<size_t> waits; ///< for nodes before it
  };
  std::vector<Node> nodes;

  /// Runs the nodes, of those that may run the last one first: in any order but
  /// theirs, as far as they allow it.
  void run() const;
};

/// Work in its order; what was run stays, as an empty function.
struct Stream {
  std::vector<Work> queue;
  size_t done = 0;
  size_t captureFrom = 0; ///< where a capture began

  void add(Work work);
  /// Runs the first `count` pieces of work, those that ran before included.
  void runTo(size_t count);
};

/// A point in a stream; none if it was not recorded.
struct Event {
  Stream *stream = nullptr;
  size_t position = 0;
  /// When the point was passed, in seconds; null unless it takes the time.
  std::shared_ptr<double> time;

  void record(Stream &on);
  /// Runs what the point stands behind.
  void reach() const;
};

} // namespace fakecuda

#endif // MPC_TEST_UNIT_CUDA_FAKE_STREAMS_H
