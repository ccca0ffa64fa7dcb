#include "runtime/artifact/Json.h"

#include <cmath>
#include <set>
#include <vector>

namespace mpcrt {

using nlohmann::json;

namespace {
constexpr int deepest = 64;

// Works on the bare text, so that a hostile document is refused before anything
// is built from it.
bool nestsTooDeep(std::string_view text) {
  int depth = 0;
  bool inString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (inString) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        inString = false;
    } else if (c == '"') {
      inString = true;
    } else if (c == '{' || c == '[') {
      if (++depth > deepest)
        return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}
} // namespace

Result<json> parseJson(std::string_view text, const std::string &what) {
  if (nestsTooDeep(text))
    return Status(Code::Damaged, what + " nests deeper than 64 levels");
  std::vector<std::set<std::string>> keys;
  std::string duplicate;
  bool hasDuplicate = false;
  auto watch = [&](int, json::parse_event_t event, json &parsed) {
    if (event == json::parse_event_t::object_start) {
      keys.emplace_back();
    } else if (event == json::parse_event_t::object_end) {
      keys.pop_back();
    } else if (event == json::parse_event_t::key && !hasDuplicate) {
      const std::string &key = parsed.get_ref<const std::string &>();
      if (!keys.back().insert(key).second) {
        hasDuplicate = true;
        duplicate = key;
      }
    }
    return true;
  };
  json document = json::parse(text.begin(), text.end(), watch,
                              /*allow_exceptions=*/false);
  if (document.is_discarded())
    return Status(Code::Damaged, what + " is not valid JSON");
  if (hasDuplicate)
    return Status(Code::Damaged,
                  what + " has the key '" + duplicate + "' twice");
  return document;
}

void JsonReader::fail(const std::string &message) const {
  if (failure->ok())
    *failure = Status(Code::Damaged, path + " " + message);
}

bool JsonReader::has(const char *key) const {
  return value->is_object() && value->contains(key);
}

JsonReader JsonReader::operator[](const char *key) const {
  static const json null;
  std::string inner = path + "." + key;
  if (!value->is_object()) {
    fail("is not an object");
    return JsonReader(null, inner, failure);
  }
  auto member = value->find(key);
  if (member == value->end()) {
    fail(std::string("has no '") + key + "'");
    return JsonReader(null, inner, failure);
  }
  return JsonReader(*member, inner, failure);
}

size_t JsonReader::size() const {
  if (value->is_array())
    return value->size();
  fail("is not a list");
  return 0;
}

JsonReader JsonReader::at(size_t index) const {
  return JsonReader((*value)[index], path + "[" + std::to_string(index) + "]",
                    failure);
}

std::string JsonReader::text() const {
  if (const auto *string = value->get_ptr<const std::string *>())
    return *string;
  fail("is not a string");
  return "";
}

bool JsonReader::boolean() const {
  if (value->is_boolean())
    return value->get<bool>();
  fail("is neither true nor false");
  return false;
}

double JsonReader::number() const {
  if (value->is_number()) {
    double number = value->get<double>();
    if (std::isfinite(number))
      return number;
  }
  fail("is not a finite number");
  return 0;
}

int64_t JsonReader::integer(int64_t least, int64_t most) const {
  bool fits =
      value->is_number_integer() &&
      (!value->is_number_unsigned() ||
       value->get<uint64_t>() <= uint64_t(std::numeric_limits<int64_t>::max()));
  int64_t number = fits ? value->get<int64_t>() : 0;
  if (fits && number >= least && number <= most)
    return number;
  std::string range = most == std::numeric_limits<int64_t>::max()
                          ? "an integer of at least " + std::to_string(least)
                          : "an integer from " + std::to_string(least) +
                                " to " + std::to_string(most);
  fail("is " + raw() + ", expected " + range);
  return least;
}

uint64_t JsonReader::unsignedInteger() const {
  if (value->is_number_unsigned())
    return value->get<uint64_t>();
  fail("is " + raw() + ", expected an integer from 0 to 2^64 - 1");
  return 0;
}

std::string JsonReader::raw() const {
  return value->dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace mpcrt
