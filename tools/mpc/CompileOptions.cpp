#include "tools/mpc/CompileOptions.h"
#include <cmath>
#include <set>

namespace mpc {
namespace {

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
                   "GPU: generated, cublaslt (matrix products) or cudnn "
                   "(convolutions) (repeat; later wins)")
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

} // namespace

void takeLists(const CLI::App *verb, CompileOptions &options) {
  collectRules(verb, options);
  dropRepeats(options.targets);
}

void addCompileOptions(CLI::App *verb, CompileOptions &options) {
  addModelOptions(verb, options);
  addOptimizerOptions(verb, options);
  addPrecisionOptions(verb, options);
  addTargetOptions(verb, options);
}

} // namespace mpc
