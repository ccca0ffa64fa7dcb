#include "tools/mpc/Config.h"
#include <fstream>
#include <nlohmann/json.hpp>

using nlohmann::json;

namespace mpc {
namespace {

void append(std::vector<std::string> &arguments, const std::string &key,
            const json &value) {
  if (value.is_array()) {
    for (const json &element : value)
      append(arguments, key, element);
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
    append(expanded, key, value);
  expanded.insert(expanded.end(), arguments.begin() + 2, arguments.end());
  return expanded;
}

} // namespace mpc
