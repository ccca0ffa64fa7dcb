#include "tools/mpc/JsonConfig.h"
#include <nlohmann/json.hpp>

using nlohmann::json;

namespace mpc {

std::string JsonConfig::to_config(const CLI::App *, bool, bool,
                                  std::string) const {
  return "";
}

static std::string asText(const json &value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::vector<CLI::ConfigItem>
JsonConfig::from_config(std::istream &input) const {
  json document = json::parse(input, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object())
    throw CLI::FileError("the config file is not a JSON object of options, "
                         "e.g. {\"optimizer\": \"adam\", \"lr\": 0.001}");
  std::vector<CLI::ConfigItem> items;
  for (const auto &[key, value] : document.items()) {
    CLI::ConfigItem item;
    item.name = key;
    if (value.is_array())
      for (const json &element : value)
        item.inputs.push_back(asText(element));
    else
      item.inputs.push_back(asText(value));
    items.push_back(item);
  }
  return items;
}

} // namespace mpc
