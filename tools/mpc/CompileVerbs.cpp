#include "tools/mpc/CompileVerbs.h"
#include "compiler/pipeline/Driver.h"
#include "runtime/train/Verbs.h"
#include "tools/mpc/CompileOptions.h"
#include "tools/mpc/TuneVerb.h"
#include <memory>

namespace mpc {
namespace {

// What the options of one verb are parsed into.
struct CompileCommand {
  CompileOptions options;
  std::string config; ///< read by expandConfig before parsing
  bool json = false;
  bool dot = false;
};

CLI::App *addModelVerb(CLI::App &app, const std::string &name,
                       const std::string &help,
                       const std::shared_ptr<CompileCommand> &command) {
  CLI::App *verb = app.add_subcommand(name, help);
  // Of an option in the config file and on the command line, the later wins.
  verb->option_defaults()->take_last();
  verb->add_option("MODEL", command->options.model, "A .onnx or .json model")
      ->required();
  verb->add_option("--config", command->config,
                   "A JSON object of options; the command line wins")
      ->type_name("F.json");
  addCompileOptions(verb, command->options);
  return verb;
}

void addCompile(CLI::App &app, int &exitCode) {
  auto command = std::make_shared<CompileCommand>();
  CLI::App *verb =
      addModelVerb(app, "compile",
                   "Compiles a model's training step to an artifact", command);
  CompileOptions &options = command->options;
  auto *output =
      verb->add_option("-o,--output", options.output,
                       "The artifact; the folder of modules with --emit");
  verb->add_option("--kernels", options.kernels,
                   "A table of tiles for products, by mpc tune --kernels")
      ->type_name("TABLE.json");
  verb->add_option("--stop-after", options.stopAfter,
                   "Prints the IR after this phase instead of compiling")
      ->check(CLI::IsMember(phaseNames()))
      ->excludes(output);
  verb->add_option("--emit", options.emit,
                   "An artifact, or a linked module per target and plan.json")
      ->check(CLI::IsMember({"mpx", "cubin", "ptx"}))
      ->capture_default_str();
  verb->callback([=, &exitCode] {
    if (command->options.output.empty() && command->options.stopAfter.empty())
      throw CLI::RequiredError("-o OUT.mpx (or --stop-after PHASE)");
    takeLists(verb, command->options);
    exitCode = mpcrt::train::report(std::cerr, [&] {
      return command->options.output.empty() || command->options.emitsModules()
                 ? mpcrt::train::Status()
                 : mpcrt::train::checkOutput(
                       command->options.output,
                       {command->options.model, command->config});
    });
    if (exitCode == 0)
      exitCode = runCompile(command->options);
  });
}

void addTune(CLI::App &app, int &exitCode) {
  struct TuneCommand : CompileCommand {
    TuneOptions tune;
    bool kernels = false;
  };
  auto command = std::make_shared<TuneCommand>();
  CLI::App *verb = addModelVerb(
      app, "tune", "Finds the fastest kernels on the GPU of this machine",
      command);
  verb->add_flag("--kernels", command->kernels,
                 "Tiles of products, for sm_90a (docs/performance.md)")
      ->required();
  verb->add_option("-o,--output", command->options.output,
                   "The table, for --kernels of compile")
      ->required();
  verb->add_option("--device", command->tune.device, "The number of a GPU")
      ->default_str("0");
  verb->add_option("--steps", command->tune.steps,
                   "Launches per measurement, in a row")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  verb->add_option("--candidates", command->tune.candidates,
                   "Tiles to try per product")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  verb->callback([=, &exitCode] {
    takeLists(verb, command->options);
    command->tune.compile = command->options;
    exitCode = mpcrt::train::report(std::cerr, [&] {
      return mpcrt::train::checkOutput(
          command->options.output, {command->options.model, command->config});
    });
    if (exitCode == 0)
      exitCode = runTune(command->tune, std::cout, std::cerr);
  });
}

void addCheck(CLI::App &app, int &exitCode) {
  auto command = std::make_shared<CompileCommand>();
  CLI::App *verb = addModelVerb(
      app, "check", "Lists everything that cannot be imported or trained",
      command);
  verb->add_flag("--json", command->json, "Prints JSON");
  verb->callback([=, &exitCode] {
    takeLists(verb, command->options);
    exitCode = runCheck(command->options, command->json);
  });
}

void addExplain(CLI::App &app, int &exitCode) {
  auto command = std::make_shared<CompileCommand>();
  CLI::App *verb = addModelVerb(
      app, "explain",
      "Tells each op's types in both directions, and which rule decided",
      command);
  auto *json = verb->add_flag("--json", command->json, "Prints JSON");
  verb->add_flag("--dot", command->dot, "Prints a graph for Graphviz")
      ->excludes(json);
  verb->callback([=, &exitCode] {
    takeLists(verb, command->options);
    exitCode =
        runExplain(command->options, command->json  ? ReportFormat::Json
                                     : command->dot ? ReportFormat::Dot
                                                    : ReportFormat::Text);
  });
}

void addInspect(CLI::App &app, int &exitCode) {
  auto path = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  CLI::App *verb = app.add_subcommand(
      "inspect",
      "Shows an artifact's targets, kernels, memory plan and states");
  verb->add_option("ARTIFACT", *path, "A .mpx file")->required();
  verb->add_flag("--json", *json, "Prints JSON");
  verb->callback([=, &exitCode] { exitCode = runInspect(*path, *json); });
}

} // namespace

void addCompileVerbs(CLI::App &app, int &exitCode) {
  addCheck(app, exitCode);
  addCompile(app, exitCode);
  addTune(app, exitCode);
  addExplain(app, exitCode);
  addInspect(app, exitCode);
}

} // namespace mpc
