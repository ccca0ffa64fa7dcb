// `--config F.json`: an object whose keys are the long option names.
#ifndef MPC_TOOLS_MPC_JSONCONFIG_H
#define MPC_TOOLS_MPC_JSONCONFIG_H

#include <CLI/CLI.hpp>

namespace mpc {

/// Reads options from JSON: strings, numbers, true for flags, and arrays for
/// options that repeat. The command line wins over the file.
class JsonConfig : public CLI::Config {
public:
  std::string to_config(const CLI::App *, bool, bool,
                        std::string) const override;
  std::vector<CLI::ConfigItem> from_config(std::istream &input) const override;
};

} // namespace mpc

#endif
