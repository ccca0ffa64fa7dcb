#include "frontend/model/Json.h"

#include <cstdio>
#include <iterator>
#include <nlohmann/json.hpp>

namespace mpc::frontend {
namespace {

// Reads characters and counts the lines that the parser has seen.
class CountingIterator {
public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char *;
  using reference = const char &;

  CountingIterator() = default;
  CountingIterator(const char *at, int *lines) : at(at), lines(lines) {}
  reference operator*() const { return *at; }
  CountingIterator &operator++() {
    *lines += *at == '\n';
    ++at;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator old = *this;
    ++*this;
    return old;
  }
  bool operator==(const CountingIterator &other) const {
    return at == other.at;
  }
  bool operator!=(const CountingIterator &other) const {
    return at != other.at;
  }

private:
  const char *at = nullptr;
  int *lines = nullptr;
};

// Receives the parser's events and builds the document.
class Builder {
public:
  explicit Builder(const int &lines) : lines(lines) {}

  bool null() { return add(Json()); }
  bool boolean(bool value) {
    Json json;
    json.kind = Json::Kind::Bool;
    json.flag = value;
    return add(std::move(json));
  }
  bool number_integer(int64_t value) {
    Json json;
    json.kind = Json::Kind::Integer;
    json.integer = value;
    json.number = static_cast<double>(value);
    return add(std::move(json));
  }
  bool number_unsigned(uint64_t value) {
    if (value <= INT64_MAX)
      return number_integer(static_cast<int64_t>(value));
    return number_float(static_cast<double>(value), {});
  }
  bool number_float(double value, const std::string &) {
    Json json;
    json.kind = Json::Kind::Number;
    json.number = value;
    return add(std::move(json));
  }
  bool string(std::string &value) {
    Json json;
    json.kind = Json::Kind::Text;
    json.text = std::move(value);
    return add(std::move(json));
  }
  bool binary(std::vector<uint8_t> &) { return false; }
  bool start_object(size_t) { return open(Json::Kind::Object); }
  bool start_array(size_t) { return open(Json::Kind::Array); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string &value) {
    if (stack.back().find(value))
      return refuse("key '" + value + "' appears twice");
    keys.push_back(value);
    return true;
  }
  bool parse_error(size_t, const std::string &, const std::exception &error) {
    // The library's text is "[...] parse error at line L, column C: WHAT".
    std::string what = error.what();
    size_t colon = what.find(": ");
    return refuse("is no JSON: " +
                  (colon == std::string::npos ? what : what.substr(colon + 2)));
  }

  std::string error;
  int errorLine = 0;
  Json root;

private:
  bool refuse(std::string message) {
    error = std::move(message);
    errorLine = lines + 1;
    return false;
  }
  bool open(Json::Kind kind) {
    if (stack.size() >= 64)
      return refuse("values are nested deeper than 64 levels");
    Json json;
    json.kind = kind;
    json.line = lines + 1;
    stack.push_back(std::move(json));
    return true;
  }
  bool close() {
    Json json = std::move(stack.back());
    stack.pop_back();
    return add(std::move(json));
  }
  bool add(Json json) {
    if (json.line == 0)
      json.line = lines + 1;
    if (stack.empty()) {
      root = std::move(json);
    } else if (stack.back().isArray()) {
      stack.back().items.push_back(std::move(json));
    } else {
      stack.back().keys.push_back(std::move(keys.back()));
      stack.back().items.push_back(std::move(json));
      keys.pop_back();
    }
    return true;
  }

  const int &lines;
  std::vector<Json> stack;
  std::vector<std::string> keys;
};

} // namespace

const Json *Json::find(const std::string &key) const {
  for (size_t i = 0; i < keys.size(); ++i)
    if (keys[i] == key)
      return &items[i];
  return nullptr;
}

std::string shortText(const Json &json) {
  switch (json.kind) {
  case Json::Kind::Null:
    return "null";
  case Json::Kind::Bool:
    return json.flag ? "true" : "false";
  case Json::Kind::Integer:
    return std::to_string(json.integer);
  case Json::Kind::Number: {
    char text[32];
    std::snprintf(text, sizeof(text), "%.6g", json.number);
    return text;
  }
  case Json::Kind::Text:
    if (json.text.size() > 40)
      return "\"" + json.text.substr(0, 37) + "...\"";
    return "\"" + json.text + "\"";
  case Json::Kind::Array: {
    std::string text;
    for (const Json &item : json.items) {
      if (text.size() > 30)
        return "[" + text + ", ...]";
      text += (text.empty() ? "" : ", ") + shortText(item);
    }
    return "[" + text + "]";
  }
  case Json::Kind::Object:
    return "an object";
  }
  return "";
}

mpcrt::Result<Json> parseJson(std::span<const std::byte> text) {
  auto begin = reinterpret_cast<const char *>(text.data());
  int lines = 0;
  int unused = 0;
  Builder builder(lines);
  bool good = nlohmann::json::sax_parse(
      CountingIterator(begin, &lines),
      CountingIterator(begin + text.size(), &unused), &builder,
      nlohmann::json::input_format_t::json, /*strict=*/true,
      /*ignore_comments=*/true);
  if (good)
    return std::move(builder.root);
  return mpcrt::Status(mpcrt::Code::InvalidData,
                       "line " + std::to_string(builder.errorLine) + ": " +
                           builder.error);
}

} // namespace mpc::frontend
