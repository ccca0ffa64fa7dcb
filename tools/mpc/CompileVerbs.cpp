#include "tools/mpc/CompileVerbs.h"
#include "compiler/pipeline/Driver.h"
#include "runtime/train/Verbs.h"
#include "tools/mpc/TuneVerb.h"
#include <cmath>
#include <memory>
#include <set>

namespace mpc {
namespace {

// What the options of one verb are parsed into.
struct CompileCommand {
  CompileOptions options;
  std::string config; ///< read by expandConfig before parsing
  bool json = false;
  bool dot = false;
};

// Not even infinity or NaN, which CLI11's own ranges let through.
CLI::Validator finite(double low, double high, const std::string &range) {
  return CLI::Validator(
      [=](std::string &text) -> std::string {
        double value = 0;
        bool isNumber = CLI::detail::lexical_cast(text, value);
        if (isNumber && std::isfinite(value) && value >= low && value <= high)
          return "";
        return text + " is not in the allowed range " + range;
      },
      range);
}

CLI::Validator nonNegative() { return finite(0, HUGE_VAL, "[0, inf)"); }
CLI::Validator belowOne() {
  return finite(0, std::nextafter(1.0, 0.0), "[0, 1)");
}

CLI::Validator lossKind() {
  return CLI::Validator(
      [](std::string &text) -> std::string {
        std::string kind = text.substr(text.rfind('=') + 1);
        for (const char *known :
             {"cross-entropy", "mse", "l1", "huber", "bce-logits", "output"})
          if (kind == known)
            return "";
        return "unknown loss '" + kind +
               "'; expected cross-entropy, mse, l1, huber, bce-logits or "
               "output";
      },
      "[OUTPUT=]KIND");
}

CLI::Validator lossScale() {
  return CLI::Validator(
      [](std::string &text) -> std::string {
        double value = 0;
        int exponent = 0;
        bool isNumber = CLI::detail::lexical_cast(text, value);
        bool isPower = isNumber && std::frexp(value, &exponent) == 0.5;
        if (text == "dynamic" || (isPower && value >= 1 && value <= 16777216))
          return "";
        return "loss scale " + text +
               " is neither dynamic nor a power of two from 1 to 16777216";
      },
      "dynamic|N");
}

void addModelOptions(CLI::App *verb, CompileOptions &options) {
  verb->add_option("--shape", options.shapes,
                   "Binds shapes: INPUT=AxBxC or SYMBOL=N (repeat)")
      ->expected(1)
      ->take_all();
  verb->add_option("--trainable", options.trainable,
                   "Trains only parameters that match this glob (repeat)")
      ->expected(1)
      ->take_all();
  verb->add_flag("--train-batchnorm", options.trainBatchNorm,
                 "Trains a BatchNormalization that the model has in inference "
                 "form with the statistics of each batch");
  verb->add_flag("--report", options.report,
                 "Tells every rewrite of the model, by node");
  verb->add_option("--seed", options.seed, "Seed of the initialisers")
      ->capture_default_str();
  verb->add_option("--loss", options.loss,
                   "[OUTPUT=]cross-entropy | mse | l1 | huber | bce-logits | "
                   "output")
      ->check(lossKind())
      ->capture_default_str();
  verb->add_option("--class-axis", options.classAxis,
                   "Axis of the classes in the output")
      ->capture_default_str();
  verb->add_option(
          "--label-smoothing", options.labelSmoothing,
          "Share of cross-entropy's target that all classes get evenly")
      ->check(belowOne())
      ->capture_default_str();
}

void addOptimizerOptions(CLI::App *verb, CompileOptions &options) {
  verb->add_option("--optimizer", options.optimizer, "Optimizer")
      ->check(CLI::IsMember({"sgd", "adam", "adamw"}))
      ->capture_default_str();
  verb->add_option("--lr", options.lr,
                   "Learning rate [0.01 for sgd, 0.001 for adam and adamw]")
      ->check(nonNegative());
  verb->add_option("--momentum", options.momentum, "Momentum of sgd")
      ->check(belowOne())
      ->capture_default_str();
  verb->add_flag("--nesterov", options.nesterov, "Nesterov momentum");
  verb->add_option("--weight-decay", options.weightDecay,
                   "Weight decay [0; 0.01 for adamw]")
      ->check(nonNegative());
  verb->add_option("--beta1", options.beta1, "First moment's decay of Adam")
      ->check(belowOne())
      ->capture_default_str();
  verb->add_option("--beta2", options.beta2, "Second moment's decay of Adam")
      ->check(belowOne())
      ->capture_default_str();
  verb->add_option("--eps", options.eps, "Epsilon of Adam")
      ->check(finite(1e-45, HUGE_VAL, "(0, inf)"))
      ->capture_default_str();
  verb->add_option("--lr-schedule", options.lrSchedule,
                   "constant | step:STEPS:FACTOR")
      ->capture_default_str();
  verb->add_option("--clip-norm", options.clipNorm,
                   "Clips gradients by global norm; 0: not at all")
      ->check(nonNegative())
      ->capture_default_str();
}

void addPrecisionOptions(CLI::App *verb, CompileOptions &options) {
  verb->add_option("--precision", options.precision, "Narrow format")
      ->check(CLI::IsMember({"fp16", "bf16", "fp32"}))
      ->capture_default_str();
  verb->add_option("--policy", options.policy,
                   "default | pytorch | tensorflow | none | all | FILE.json")
      ->capture_default_str();
  verb->add_option("--assign", options.assign, "How formats are assigned")
      ->check(CLI::IsMember({"paint"}))
      ->capture_default_str();
  verb->add_option("--loss-scale", options.lossScale,
                   "dynamic, or a fixed power of two")
      ->check(lossScale())
      ->capture_default_str();
  for (const std::string name : {"allow", "infer", "clear", "deny"}) {
    const std::string help =
        "Puts an op type or nodes that match a glob into class " + name +
        " (repeat; later wins)";
    verb->add_option("--" + name, help)
        ->expected(1)
        ->take_all()
        ->type_name("OP|NODEGLOB");
  }
}

void addTargetOptions(CLI::App *verb, CompileOptions &options) {
  verb->add_option("--target", options.targets,
                   "cpu | sm_90a | sm_80 | ptx, or several with commas")
      ->delimiter(',')
      ->check(CLI::IsMember({"cpu", "sm_90a", "sm_80", "ptx"}))
      ->capture_default_str();
  verb->add_option("--cpu", options.cpu, "Instruction set of the cpu target")
      ->check(CLI::IsMember({"x86-64-v3", "native"}))
      ->capture_default_str();
  verb->add_option("--provider", options.providers,
                   "Who computes an op type or nodes that match a glob on a "
                   "GPU: generated or, matrix products alone, cublaslt "
                   "(repeat; later wins)")
      ->expected(1)
      ->take_all()
      ->type_name("OP|NODEGLOB=PROVIDER");
  verb->add_option("--math", options.math, "exp and log of kernels")
      ->check(CLI::IsMember({"portable"}))
      ->capture_default_str();
}

// Each target once, where it is named first.
void dropRepeats(std::vector<std::string> &targets) {
  std::set<std::string> seen;
  std::erase_if(targets, [&](const std::string &target) {
    return !seen.insert(target).second;
  });
}

// CLI11 keeps repeats per option; rules need the order across options.
void collectRules(const CLI::App *verb, CompileOptions &options) {
  std::map<const CLI::Option *, size_t> taken;
  for (const CLI::Option *option : verb->parse_order())
    for (const char *name : {"allow", "infer", "clear", "deny"})
      if (option->check_lname(name))
        options.rules.push_back({name, option->results()[taken[option]++]});
}

// What an option of one value each time does not set itself.
void takeLists(const CLI::App *verb, CompileOptions &options) {
  collectRules(verb, options);
  dropRepeats(options.targets);
}

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
  addModelOptions(verb, command->options);
  addOptimizerOptions(verb, command->options);
  addPrecisionOptions(verb, command->options);
  addTargetOptions(verb, command->options);
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
