// Turns SIGINT and SIGTERM into a request that the training loop reads.
#ifndef MPCRT_TRAIN_SIGNALS_H
#define MPCRT_TRAIN_SIGNALS_H

#include <csignal>

namespace mpcrt::train {

/// While it lives, the first SIGINT or SIGTERM is remembered and a second one
/// ends the process as usual. One at a time. Handlers are put back at the end.
class SignalRequest {
public:
  SignalRequest();
  ~SignalRequest();
  SignalRequest(const SignalRequest &) = delete;
  SignalRequest &operator=(const SignalRequest &) = delete;

  /// The signal that came, or 0.
  int received() const;

private:
  struct sigaction oldInterrupt = {}, oldTerminate = {};
};

} // namespace mpcrt::train

#endif
