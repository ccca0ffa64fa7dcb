// The verbs of the command line that compile: each returns the exit code of the
// contract, writes results to stdout and diagnostics to stderr.
#ifndef MPC_COMPILER_PIPELINE_DRIVER_H
#define MPC_COMPILER_PIPELINE_DRIVER_H

#include "compiler/pipeline/Options.h"

namespace mpc {

/// Compiles to `options.output`, or prints the IR after `options.stopAfter`.
int runCompile(const CompileOptions &options);

/// Lists everything that keeps the model from being imported or trained.
int runCheck(const CompileOptions &options, bool json);

enum class ReportFormat { Text, Json, Dot };

/// Prints the precision decisions of a model (compiled up to the cast phase) or
/// of an artifact.
int runExplain(const CompileOptions &options, ReportFormat format);

/// Prints targets, kernels, memory plan and states of an artifact.
int runInspect(const std::string &artifact, bool json);

/// The names of a model's inputs; none if the file cannot be read.
std::vector<std::string> modelInputs(const std::string &path);

/// The phases' names, in order, for --help and shell completion.
std::vector<std::string> phaseNames();

} // namespace mpc

#endif
