// The options of the verbs, in the words of --help.
#include "runtime/train/Verbs.h"

#include <CLI/CLI.hpp>
#include <limits>
#include <memory>
#include <unistd.h>

namespace mpcrt::train {
namespace {

/// A whole number of at least 1; the help shows just `N`.
CLI::Validator atLeastOne() {
  return CLI::Range(int64_t(1), std::numeric_limits<int64_t>::max())
      .description("");
}

void addCommonOptions(CLI::App &verb, CommonOptions &options) {
  verb.add_option("artifact", options.artifact,
                  "The artifact that mpc compile wrote")
      ->type_name("OUT.mpx");
  verb.add_option("--device", options.device,
                  "A GPU's number, or cpu; by default what the artifact is "
                  "for, a GPU before the CPU")
      ->type_name("N|cpu");
  verb.add_option("--threads", options.threads,
                  "Threads, 0 for one per core; results do not depend on it")
      ->type_name("N")
      ->check(CLI::Range(0, 4096).description(""))
      ->capture_default_str();
  verb.add_option("--seed", options.seed,
                  "Seed of initialisers and shuffling; the artifact's by "
                  "default")
      ->type_name("N");
}

void addDataOptions(CLI::App &verb, std::string &data, std::string &label,
                    bool &allowNonfinite) {
  verb.add_option("--data", data,
                  "Arrays named as the model's inputs (or x for the only "
                  "input), one row per sample")
      ->type_name("F.npz");
  verb.add_option("--label", label, "The array that holds the labels")
      ->type_name("NAME")
      ->capture_default_str();
  verb.add_flag("--allow-nonfinite", allowNonfinite,
                "Accept NaN and infinity in the data");
}

void addCheckpointOptions(CLI::App &verb, TrainOptions &options) {
  verb.add_option("--checkpoint", options.checkpoint,
                  "Folder for step-N.safetensors, the newest also as latest; "
                  "saved at the end, on SIGINT and SIGTERM, and on SIGUSR1, "
                  "after which the run goes on")
      ->type_name("DIR");
  verb.add_option("--save-every", options.saveEvery,
                  "Also save after every N steps")
      ->type_name("N")
      ->check(atLeastOne());
  verb.add_flag("--resume", options.resume,
                "Go on from the newest checkpoint in DIR, with the other "
                "options as before; --init is not read then");
}

/// Adds a verb whose options live as long as its callback.
template <typename Options, typename Add, typename Run>
void addVerb(CLI::App &app, const char *name, const char *description, Add add,
             Run run, int &exitCode) {
  CLI::App *verb = app.add_subcommand(name, description);
  auto options = std::make_shared<Options>();
  add(*verb, *options);
  verb->callback([options, run, &exitCode] { exitCode = run(*options); });
}

} // namespace

void addTrainOptions(CLI::App &verb, TrainOptions &options) {
  addCommonOptions(verb, options);
  addDataOptions(verb, options.data, options.labelName, options.allowNonfinite);
  verb.add_option("--val", options.val,
                  "Data for val_loss and val_accuracy after each epoch")
      ->type_name("F.npz");
  verb.add_option("--init", options.init,
                  "Weights or a checkpoint to take parameters from")
      ->type_name("W.safetensors");
  verb.add_option("--steps", options.steps,
                  "Train up to step N, counted from the start of the run")
      ->type_name("N")
      ->check(atLeastOne());
  verb.add_option("--epochs", options.epochs,
                  "Train until every sample was seen N times; 1 if neither is "
                  "given")
      ->type_name("N")
      ->check(atLeastOne());
  verb.add_option("--set", options.settings,
                  "Set a hyper-parameter, also of a resumed run (repeat)")
      ->type_name("NAME=X");
  addCheckpointOptions(verb, options);
  verb.add_option("--log-jsonl", options.log,
                  "Write one JSON object per step and per epoch")
      ->type_name("F");
  verb.add_flag("--log-digest", options.digest,
                "Add the state's digest to the log of each step");
  verb.add_flag("--no-shuffle", options.noShuffle,
                "Take samples in the order of the data");
  verb.add_option("--max-skips", options.maxSkips,
                  "Give up (exit 8) after N skipped steps, or steps without a "
                  "finite loss, in a row")
      ->type_name("N")
      ->check(atLeastOne())
      ->capture_default_str();
}

void addEvalOptions(CLI::App &verb, EvalOptions &options) {
  addCommonOptions(verb, options);
  addDataOptions(verb, options.data, options.labelName, options.allowNonfinite);
  verb.add_option("--input", options.inputs,
                  "A single array, beside or instead of --data (repeat)")
      ->type_name("NAME=F.npy");
  verb.add_option("--init", options.init,
                  "Weights or a checkpoint to take parameters from")
      ->type_name("W.safetensors");
  verb.add_option("--output", options.output,
                  "Write arrays named as the model's outputs")
      ->type_name("F.npz");
  verb.add_flag("--json", options.json,
                "Print the metrics as JSON (docs/schemas/eval.schema.json)");
}

void addExportOptions(CLI::App &verb, ExportOptions &options) {
  addCommonOptions(verb, options);
  verb.add_option("--checkpoint", options.checkpoint,
                  "The checkpoint to take weights from")
      ->type_name("CKPT");
  verb.add_option("-o,--output", options.output,
                  "Write parameters, constants and statistics")
      ->type_name("W.safetensors")
      ->required();
}

void addBenchOptions(CLI::App &verb, BenchOptions &options) {
  addCommonOptions(verb, options);
  verb.add_option("--data", options.data,
                  "The first batch of this file; by default made-up numbers: "
                  "floats in [-1, 1), integers below 1000, labels of all "
                  "classes")
      ->type_name("F.npz");
  verb.add_option("--label", options.labelName, "The array that holds labels")
      ->type_name("NAME")
      ->capture_default_str();
  constexpr int64_t mostSteps = 100000;
  verb.add_option("--steps", options.steps,
                  "Steps that are timed, and runs of each launch")
      ->type_name("N")
      ->check(CLI::Range(int64_t(1), mostSteps).description(""))
      ->capture_default_str();
  auto *json = verb.add_flag("--json", options.json,
                             "Print JSON (docs/schemas/bench.schema.json)");
  verb.add_flag("--markdown", options.markdown, "Print a table of Markdown")
      ->excludes(json);
}

void addInfoOptions(CLI::App &verb, InfoOptions &options) {
  addCommonOptions(verb, options);
  verb.add_option("--init", options.init,
                  "Weights or a checkpoint to take parameters from")
      ->type_name("W.safetensors");
  verb.add_flag("--digest", options.digest, "Also print the state's digest");
  verb.add_flag("--json", options.json,
                "Print JSON (docs/schemas/info.schema.json)");
}

void addRuntimeVerbs(CLI::App &app, int &exitCode,
                     std::function<int(const EvalOptions &)> eval) {
  addVerb<TrainOptions>(
      app, "train", "Train a compiled model on data", addTrainOptions,
      [](TrainOptions &options) {
        options.progress = isatty(STDERR_FILENO) != 0;
        return runTrain(options);
      },
      exitCode);
  addVerb<EvalOptions>(
      app, "eval", "Compute a model's outputs, and metrics if there are labels",
      addEvalOptions,
      [eval](const EvalOptions &options) {
        return eval ? eval(options) : runEval(options);
      },
      exitCode);
  addVerb<ExportOptions>(
      app, "export", "Write the weights as safetensors", addExportOptions,
      [](const ExportOptions &options) { return runExport(options); },
      exitCode);
  addVerb<BenchOptions>(
      app, "bench", "Time a step and each of its launches", addBenchOptions,
      [](const BenchOptions &options) { return runBench(options); }, exitCode);
  addVerb<InfoOptions>(
      app, "info", "List what a compiled model takes, gives and keeps",
      addInfoOptions,
      [](const InfoOptions &options) { return runInfo(options); }, exitCode);
  app.require_subcommand(1);
  app.set_version_flag("--version", mpcrt_version());
}

} // namespace mpcrt::train
