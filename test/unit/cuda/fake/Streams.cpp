#include "test/unit/cuda/fake/Streams.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace fakecuda {

void Graph::run() const {
  std::vector<bool> done(nodes.size());
  auto isReady = [&](size_t node) {
    return !done[node] &&
           std::ranges::all_of(nodes[node].waits,
                               [&](size_t before) { return done[before]; });
  };
  for (size_t run = 0; run < nodes.size(); ++run)
    for (size_t node = nodes.size(); node-- > 0;)
      if (isReady(node)) {
        nodes[node].work();
        done[node] = true;
        break;
      }
}

void Stream::add(Work work) { queue.push_back(std::move(work)); }

void Stream::runTo(size_t count) {
  while (done < count) {
    Work work = std::exchange(queue[done], {});
    ++done;
    work();
  }
}

void Event::record(Stream &on) {
  stream = &on;
  if (time)
    on.add([passed = time] {
      *passed = std::chrono::duration<double>(
                    std::chrono::steady_clock::now().time_since_epoch())
                    .count();
    });
  position = on.queue.size();
}

void Event::reach() const {
  if (stream)
    stream->runTo(position);
}

} // namespace fakecuda
