// How a function of the runtime reports failure: a code and a message, or the
// value it was asked for.
#ifndef MPC_RUNTIME_ARTIFACT_STATUS_H
#define MPC_RUNTIME_ARTIFACT_STATUS_H

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace mpcrt {

/// What went wrong. The values are those of `mpcrt_code` and the exit codes of
/// the command line.
enum class Code {
  Ok = 0,
  Internal = 1,
  Usage = 2,
  InvalidData = 3,
  Unsupported = 4,
  File = 5,
  Device = 6,
  OutOfMemory = 7,
  Numerics = 8,
  Damaged = 9,
  VerificationFailed = 10,
};

/// Success, or a code with a message that names what was found, what was
/// expected and what to do next.
class [[nodiscard]] Status {
public:
  Status() = default;
  Status(Code code, std::string message)
      : theCode(code), theMessage(std::move(message)) {
    assert(code != Code::Ok && "a failure needs a code");
  }

  bool ok() const { return theCode == Code::Ok; }
  Code code() const { return theCode; }
  /// Empty on success.
  const std::string &message() const { return theMessage; }

private:
  Code theCode = Code::Ok;
  std::string theMessage;
};

/// A value, or the status that says why there is none.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : content(std::in_place_index<1>, std::move(value)) {}
  Result(Status failure) : content(std::in_place_index<0>, std::move(failure)) {
    assert(!std::get<0>(content).ok() && "a success needs a value");
  }

  bool ok() const { return content.index() == 1; }
  /// The failure; success if there is a value.
  Status status() const { return ok() ? Status() : *std::get_if<0>(&content); }

  T &operator*() { return *value(); }
  const T &operator*() const { return *value(); }
  T *operator->() { return value(); }
  const T *operator->() const { return value(); }

private:
  T *value() {
    assert(ok() && "there is no value");
    return std::get_if<1>(&content);
  }
  const T *value() const {
    assert(ok() && "there is no value");
    return std::get_if<1>(&content);
  }

  std::variant<Status, T> content;
};

} // namespace mpcrt

#endif // MPC_RUNTIME_ARTIFACT_STATUS_H
