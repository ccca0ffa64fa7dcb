#include "runtime/train/Signals.h"

namespace mpcrt::train {
namespace {

volatile std::sig_atomic_t pending = 0, saveRequested = 0;

extern "C" void rememberSignal(int number) { pending = number; }
extern "C" void requestSave(int) { saveRequested = 1; }

} // namespace

SignalRequest::SignalRequest() {
  pending = 0;
  saveRequested = 0;
  struct sigaction action = {};
  action.sa_handler = rememberSignal;
  action.sa_flags = SA_RESTART | int(SA_RESETHAND);
  sigaction(SIGINT, &action, &oldInterrupt);
  sigaction(SIGTERM, &action, &oldTerminate);
  action.sa_handler = requestSave;
  action.sa_flags = SA_RESTART;
  sigaction(SIGUSR1, &action, &oldUser);
}

SignalRequest::~SignalRequest() {
  sigaction(SIGINT, &oldInterrupt, nullptr);
  sigaction(SIGTERM, &oldTerminate, nullptr);
  sigaction(SIGUSR1, &oldUser, nullptr);
}

int SignalRequest::received() const { return pending; }

bool SignalRequest::wantsSave() const { return saveRequested != 0; }

bool SignalRequest::takeSaveRequest() {
  bool requested = wantsSave();
  saveRequested = 0;
  return requested;
}

} // namespace mpcrt::train
