#include "runtime/train/LogFile.h"

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>

namespace mpcrt::train {
namespace {

template <typename T> std::string shortest(T value) {
  if (!std::isfinite(value))
    return "null";
  char digits[64];
  auto [end, error] = std::to_chars(digits, digits + sizeof(digits), value);
  return error == std::errc() ? std::string(digits, end) : "null";
}

} // namespace

JsonLine &JsonLine::raw(const char *key, std::string_view value) {
  if (body.size() > 1)
    body += ", ";
  body.append("\"").append(key).append("\": ").append(value);
  return *this;
}

JsonLine &JsonLine::add(const char *key, int64_t value) {
  return raw(key, std::to_string(value));
}
JsonLine &JsonLine::add(const char *key, bool value) {
  return raw(key, value ? "true" : "false");
}
JsonLine &JsonLine::add(const char *key, float value) {
  return raw(key, shortest(value));
}
JsonLine &JsonLine::add(const char *key, double value) {
  return raw(key, shortest(value));
}
JsonLine &JsonLine::add(const char *key, const char *value) {
  return raw(key, text('"', value, '"'));
}

Status LogFile::open(const std::string &where, bool append) {
  path = where;
  file.reset(std::fopen(path.c_str(), append ? "ab" : "wb"));
  if (!file)
    return failure(MPCRT_FILE, "cannot write log '", path,
                   "': ", std::strerror(errno));
  return {};
}

Status LogFile::write(const JsonLine &line) {
  if (!file)
    return {};
  std::string bytes = line.str() + "\n";
  if (std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size() &&
      std::fflush(file.get()) == 0)
    return {};
  int reason = errno;
  file.reset();
  return failure(MPCRT_FILE, "cannot write log '", path,
                 "': ", std::strerror(reason), "; it ends here");
}

} // namespace mpcrt::train
