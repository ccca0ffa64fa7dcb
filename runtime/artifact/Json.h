// The border to nlohmann/json: parsing without exceptions, and reading members
// with errors that name the place. Included by sources of this folder only.
#ifndef MPC_RUNTIME_ARTIFACT_JSON_H
#define MPC_RUNTIME_ARTIFACT_JSON_H

#include "runtime/artifact/Status.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace mpcrt {

/// Parses strict JSON. A key that appears twice in one object and nesting
/// deeper than 64 are refused like bad syntax. `what` opens the message.
Result<nlohmann::json> parseJson(std::string_view text,
                                 const std::string &what);

/// A value in a document together with its path. The first error of a document
/// is kept in `*failure`; from then on every read gives a neutral value, so a
/// reader needs to look for errors once, at its end.
class JsonReader {
public:
  JsonReader(const nlohmann::json &value, std::string path, Status *failure)
      : value(&value), path(std::move(path)), failure(failure) {}

  bool failed() const { return !failure->ok(); }
  /// Records `message` about this value unless an error is known already.
  void fail(const std::string &message) const;

  bool has(const char *key) const;
  /// The member `key`; an error and null if it is absent.
  JsonReader operator[](const char *key) const;
  /// Number of elements; an error and 0 if this is no array.
  size_t size() const;
  /// Element `index` of an array, which must be below size().
  JsonReader at(size_t index) const;

  std::string text() const;
  bool boolean() const;
  /// A finite number.
  double number() const;
  int64_t integer(int64_t least,
                  int64_t most = std::numeric_limits<int64_t>::max()) const;
  uint64_t unsignedInteger() const;
  /// Any JSON, as compact text.
  std::string raw() const;

private:
  const nlohmann::json *value;
  std::string path;
  Status *failure;
};

} // namespace mpcrt

#endif // MPC_RUNTIME_ARTIFACT_JSON_H
