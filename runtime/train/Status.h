// How functions of the trainer report failure: a code, which is the exit code
// of the command, and a message for the user.
#ifndef MPCRT_TRAIN_STATUS_H
#define MPCRT_TRAIN_STATUS_H

#include "mpcrt/runtime.h"

#include <sstream>
#include <string>

namespace mpcrt::train {

/// The outcome of a call. The message names the file, option or tensor, what
/// was found, what was expected and what to do; it is empty when all is well.
struct [[nodiscard]] Status {
  mpcrt_code code = MPCRT_OK;
  std::string message;

  bool ok() const { return code == MPCRT_OK; }
};

/// Joins anything that can be streamed into one string.
template <typename... Parts> std::string text(const Parts &...parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

template <typename... Parts>
Status failure(mpcrt_code code, const Parts &...parts) {
  return {code, text(parts...)};
}

} // namespace mpcrt::train

#endif
