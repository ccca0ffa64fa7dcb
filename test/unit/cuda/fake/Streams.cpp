#include "test/unit/cuda/fake/Streams.h"

#include <chrono>
#include <utility>

namespace fakecuda {

void Stream::add(Work work) {
  if (capture)
    capture->nodes.push_back(std::move(work));
  else
    queue.push_back(std::move(work));
}

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
