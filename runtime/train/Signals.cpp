#include "runtime/train/Signals.h"

namespace mpcrt::train {
namespace {

volatile std::sig_atomic_t pending = 0;

extern "C" void rememberSignal(int number) { pending = number; }

} // namespace

SignalRequest::SignalRequest() {
  pending = 0;
  struct sigaction action = {};
  action.sa_handler = rememberSignal;
  action.sa_flags = SA_RESTART | int(SA_RESETHAND);
  sigaction(SIGINT, &action, &oldInterrupt);
  sigaction(SIGTERM, &action, &oldTerminate);
}

SignalRequest::~SignalRequest() {
  sigaction(SIGINT, &oldInterrupt, nullptr);
  sigaction(SIGTERM, &oldTerminate, nullptr);
}

int SignalRequest::received() const { return pending; }

} // namespace mpcrt::train
