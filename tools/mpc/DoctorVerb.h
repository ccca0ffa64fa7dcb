// `mpc doctor`.
#ifndef MPC_TOOLS_MPC_DOCTORVERB_H
#define MPC_TOOLS_MPC_DOCTORVERB_H

#include <CLI/CLI.hpp>

namespace mpc {

/// Adds the verb to `app`. It runs while the command line is parsed and leaves
/// its exit code in `exitCode`.
void addDoctorVerb(CLI::App &app, int &exitCode);

} // namespace mpc

#endif
