// The options that compile, tune, check and explain share.
#ifndef MPC_TOOLS_MPC_COMPILEOPTIONS_H
#define MPC_TOOLS_MPC_COMPILEOPTIONS_H

#include "compiler/pipeline/Options.h"
#include <CLI/CLI.hpp>

namespace mpc {

/// Adds them to `verb`; `options` must outlive the parse.
void addCompileOptions(CLI::App *verb, CompileOptions &options);

/// Fills in what an option of one value each time does not set itself: the
/// rules of precision in the order of all of them, and each target once.
/// Called when the verb has been parsed.
void takeLists(const CLI::App *verb, CompileOptions &options);

} // namespace mpc

#endif
