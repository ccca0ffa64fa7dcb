// What every function of the C API does around its work: nothing but the
// border. No exception passes it, and every failure leaves its message with the
// program.
#ifndef MPC_RUNTIME_SRC_APIBORDER_H
#define MPC_RUNTIME_SRC_APIBORDER_H

#include "runtime/src/Program.h"

#include <new>
#include <system_error>

struct mpcrt_program {
  std::unique_ptr<mpcrt::Program> program;
  // Mutable: asking a program for something it lacks is an error, no change.
  mutable std::string error;
  mutable const char *message = "";
};

namespace mpcrt {

// Keeps the message of a failure; if memory is short, a fixed one.
inline mpcrt_code report(const mpcrt_program *handle, const Status &status) {
  if (status.ok())
    return MPCRT_OK;
  try {
    handle->error = status.message();
    handle->message = handle->error.c_str();
  } catch (...) {
    handle->message = "out of memory";
  }
  return mpcrt_code(status.code());
}

// Runs `action` and turns what it throws into codes.
template <typename Fn>
mpcrt_code guarded(const mpcrt_program *handle, Fn action) {
  try {
    return report(handle, action());
  } catch (const std::bad_alloc &) {
    handle->message = "out of memory; use a smaller model or batch";
    return MPCRT_OUT_OF_MEMORY;
  } catch (const std::system_error &) {
    handle->message = "the system refuses to start a thread; use fewer threads";
    return MPCRT_OUT_OF_MEMORY;
  } catch (...) {
    handle->message = "unexpected exception; report this as a defect of mpcrt";
    return MPCRT_INTERNAL;
  }
}

// The same for calls that need an opened program and pointers from the caller.
template <typename Fn, typename... Pointers>
mpcrt_code withProgram(const mpcrt_program *handle, Fn action,
                       const Pointers *...required) {
  // A program that did not open keeps the message that says why.
  if (!handle || !handle->program)
    return MPCRT_USAGE;
  return guarded(handle, [&]() -> Status {
    if ((... || !required))
      return Status(Code::Usage, "an argument is a null pointer");
    if (handle->program->isForked())
      return Status(Code::Usage,
                    "the program was opened before this process was forked, "
                    "and its threads are not here; open it again in the "
                    "child, or fork before opening it");
    return action(*handle->program);
  });
}

} // namespace mpcrt

#endif // MPC_RUNTIME_SRC_APIBORDER_H
