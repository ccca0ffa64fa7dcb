// The border to nlohmann/json: a document in which every value knows its line,
// read without exceptions.
#ifndef MPC_FRONTEND_MODEL_JSON_H
#define MPC_FRONTEND_MODEL_JSON_H

#include "runtime/artifact/Status.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mpc::frontend {

struct Json {
  enum class Kind { Null, Bool, Integer, Number, Text, Array, Object };
  Kind kind = Kind::Null;
  int line = 0; ///< from 1
  bool flag = false;
  int64_t integer = 0;
  double number = 0; ///< of an Integer too
  std::string text;
  std::vector<Json> items;       ///< of an array, or an object's values
  std::vector<std::string> keys; ///< of an object, one per item

  bool isObject() const { return kind == Kind::Object; }
  bool isArray() const { return kind == Kind::Array; }
  bool isText() const { return kind == Kind::Text; }
  bool isInteger() const { return kind == Kind::Integer; }
  bool isNumber() const { return isInteger() || kind == Kind::Number; }
  /// The member `key`, or null.
  const Json *find(const std::string &key) const;
};

/// The value as one line of JSON for messages; what is long is cut to "...".
std::string shortText(const Json &json);

/// Parses strict JSON plus `//` and `/* */` comments. A key that appears twice
/// in one object and nesting deeper than 64 are refused. Messages start with
/// the line.
mpcrt::Result<Json> parseJson(std::span<const std::byte> text);

} // namespace mpc::frontend

#endif
