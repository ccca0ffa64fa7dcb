// The verbs that take a model: compile, tune, check, explain; and inspect.
#ifndef MPC_TOOLS_MPC_COMPILEVERBS_H
#define MPC_TOOLS_MPC_COMPILEVERBS_H

#include <CLI/CLI.hpp>

namespace mpc {

/// Adds the five verbs to `app`. Each runs while the command line is parsed and
/// leaves its exit code in `exitCode`.
void addCompileVerbs(CLI::App &app, int &exitCode);

} // namespace mpc

#endif
