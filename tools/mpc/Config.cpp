#include "tools/mpc/Config.h"
#include <fstream>
#include <nlohmann/json.hpp>

using nlohmann::json;

namespace mpc {
namespace {

// Whether an argument is `--key` with a value that begins so.
bool gives(const std::vector<std::string> &arguments, const std::string &key,
           const std::string &beginning) {
  const std::string option = "--" + key;
  for (size_t i = 0; i < arguments.size(); ++i)
    if (arguments[i].rfind(option + "=" + beginning, 0) == 0 ||
        (arguments[i] == option && i + 1 < arguments.size() &&
         arguments[i + 1].rfind(beginning, 0) == 0))
      return true;
  return false;
}

// Whether the command line says something else of what the config does. Other
// options take the last value, or rules in order.
bool overrides(const std::vector<std::string> &arguments,
               const std::string &key, const json &value) {
  if (key == "target")
    return gives(arguments, key, "");
  if (key != "shape" || !value.is_string())
    return false;
  const std::string binding = value.get<std::string>();
  return gives(arguments, key, binding.substr(0, binding.find('=') + 1));
}

// Adds what `line`, the command line, does not override.
void append(std::vector<std::string> &arguments, const std::string &key,
            const json &value, const std::vector<std::string> &line) {
  if (overrides(line, key, value))
    return;
  if (value.is_array()) {
    for (const json &element : value)
      append(arguments, key, element, line);
  } else if (value.is_boolean()) {
    if (value.get<bool>())
      arguments.push_back("--" + key);
  } else if (!value.is_null()) {
    arguments.push_back(
        "--" + key + "=" +
        (value.is_string() ? value.get<std::string>() : value.dump()));
  }
}

// The file that the arguments name, or "".
std::string configPath(const std::vector<std::string> &arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--config" && i + 1 < arguments.size())
      return arguments[i + 1];
    if (arguments[i].rfind("--config=", 0) == 0)
      return arguments[i].substr(9);
  }
  return "";
}

} // namespace

mpcrt::Result<std::vector<std::string>>
expandConfig(const std::vector<std::string> &arguments) {
  std::string path = configPath(arguments);
  if (path.empty() || arguments.size() < 2)
    return arguments;
  std::ifstream file(path);
  if (!file)
    return mpcrt::Status(mpcrt::Code::File,
                         "cannot read the config file '" + path +
                             "'; check the path and its permissions");
  json document = json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object())
    return mpcrt::Status(mpcrt::Code::Usage,
                         "config file '" + path +
                             "' is not a JSON object of options, e.g. "
                             "{\"optimizer\": \"adam\", \"lr\": 0.001}");
  // The program, the verb, the file, then the command line.
  std::vector<std::string> expanded(arguments.begin(), arguments.begin() + 2);
  for (const auto &[key, value] : document.items())
    append(expanded, key, value, arguments);
  expanded.insert(expanded.end(), arguments.begin() + 2, arguments.end());
  return expanded;
}

} // namespace mpc
