// The verbs of the command line that need the runtime alone, for mpc and
// mpc-run alike: their options, and functions that run them. A run function
// returns the exit code; results go to `out`, messages to `err`. No exception
// leaves it.
#ifndef MPCRT_TRAIN_VERBS_H
#define MPCRT_TRAIN_VERBS_H

#include "runtime/train/Dataset.h"

#include <iostream>

namespace CLI {
class App;
}

namespace mpcrt::train {

/// What every verb takes.
struct CommonOptions {
  std::string artifact;
  int threads = 0;
  std::string device; ///< empty: what the artifact is for
  std::optional<uint64_t> seed;
  /// An artifact in memory, which `artifact` then only names; the bytes must
  /// live as long as the run.
  std::span<const std::byte> artifactBytes;
};

struct TrainOptions : CommonOptions {
  std::string data, val, init;
  std::string labelName = "y";
  std::optional<int64_t> steps, epochs;
  std::vector<std::string> settings; ///< NAME=VALUE
  std::string checkpoint;
  std::optional<int64_t> saveEvery;
  bool resume = false;
  std::string log;
  bool noShuffle = false, allowNonfinite = false, digest = false;
  int64_t maxSkips = 50;
  /// Draw a progress bar; the command line sets it on a terminal.
  bool progress = false;
};

struct EvalOptions : CommonOptions {
  std::string data;
  std::vector<std::string> inputs; ///< NAME=F.npy
  std::string init, output;
  std::string labelName = "y";
  bool allowNonfinite = false, json = false;
};

struct ExportOptions : CommonOptions {
  std::string checkpoint, output;
};

struct BenchOptions : CommonOptions {
  std::string data;
  std::string labelName = "y";
  int64_t steps = 100;
  bool json = false, markdown = false;
};

struct InfoOptions : CommonOptions {
  std::string init;
  bool json = false, digest = false;
};

int runTrain(const TrainOptions &options, std::ostream &out = std::cout,
             std::ostream &err = std::cerr);
int runEval(const EvalOptions &options, std::ostream &out = std::cout,
            std::ostream &err = std::cerr);
int runExport(const ExportOptions &options, std::ostream &out = std::cout,
              std::ostream &err = std::cerr);
int runBench(const BenchOptions &options, std::ostream &out = std::cout,
             std::ostream &err = std::cerr);
int runInfo(const InfoOptions &options, std::ostream &out = std::cout,
            std::ostream &err = std::cerr);

/// Add a verb's arguments to its subcommand; `options` must outlive the parse.
void addTrainOptions(CLI::App &verb, TrainOptions &options);
void addEvalOptions(CLI::App &verb, EvalOptions &options);
void addExportOptions(CLI::App &verb, ExportOptions &options);
void addBenchOptions(CLI::App &verb, BenchOptions &options);
void addInfoOptions(CLI::App &verb, InfoOptions &options);

/// Adds train, eval, export, bench and info to `app`, requires a verb and adds
/// --version. The chosen verb runs when the command line has been parsed and
/// leaves its exit code in `exitCode`. `eval` runs that verb: runEval, unless
/// the caller can evaluate more than artifacts.
void addRuntimeVerbs(CLI::App &app, int &exitCode,
                     std::function<int(const EvalOptions &)> eval = {});

/// Runs `body` and prints its failure; what it throws becomes
/// MPCRT_OUT_OF_MEMORY or MPCRT_INTERNAL. Returns the code.
int report(std::ostream &err, const std::function<Status()> &body);

/// Opens the artifact that the options name.
Status openProgram(const CommonOptions &options, Program &program);

/// Splits NAME=VALUE at the first sign; false if a part is empty or missing.
bool splitSetting(const std::string &setting, std::string &name,
                  std::string &value);

/// MPCRT_FILE unless a file of this path can be written later: its folder is
/// there and writable, and the path is no folder. MPCRT_USAGE if it is one of
/// the files that are read, whatever the two paths look like; empty ones are
/// none.
Status checkOutput(const std::string &path,
                   std::initializer_list<std::string> read);

} // namespace mpcrt::train

#endif
