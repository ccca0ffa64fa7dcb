// Turns SIGINT, SIGTERM and SIGUSR1 into requests that the training loop reads.
#ifndef MPCRT_TRAIN_SIGNALS_H
#define MPCRT_TRAIN_SIGNALS_H

#include <csignal>

namespace mpcrt::train {

/// While it lives, the first SIGINT or SIGTERM is remembered and a second one
/// ends the process as usual; SIGUSR1 asks for a checkpoint, each time anew.
/// One at a time. Handlers are put back at the end.
class SignalRequest {
public:
  SignalRequest();
  ~SignalRequest();
  SignalRequest(const SignalRequest &) = delete;
  SignalRequest &operator=(const SignalRequest &) = delete;

  /// The signal that ends the run, or 0.
  int received() const;
  /// Whether a checkpoint was asked for since takeSaveRequest() was called
  /// last.
  bool wantsSave() const;
  bool takeSaveRequest();

private:
  struct sigaction oldInterrupt = {}, oldTerminate = {}, oldUser = {};
};

} // namespace mpcrt::train

#endif
