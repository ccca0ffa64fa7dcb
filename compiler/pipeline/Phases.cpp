#include "compiler/pipeline/Phases.h"
#include "compiler/lowering/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/autodiff/Passes.h"
#include "passes/cast/Passes.h"
#include "passes/layout/Passes.h"
#include "passes/optimizer/Passes.h"
#include "passes/precision/Passes.h"
#include "passes/scaling/Passes.h"
#include "passes/schedule/Passes.h"
#include "passes/simplify/Passes.h"

using namespace mlir;
using namespace mpc;

static void addSimplify(OpPassManager &passes, const CompileOptions &options) {
  if (options.trainBatchNorm)
    passes.addPass(createTrainBatchNormPass({options.report}));
  // Recovering ops relies on folded constants.
  passes.addPass(createSimplifyPass({options.report}));
  passes.addPass(createRecoverOpsPass({options.report}));
}

static void addDerivative(OpPassManager &passes,
                          const CompileOptions &options) {
  AppendLossPassOptions loss;
  auto [output, kind] = StringRef(options.loss).rsplit('=');
  loss.kind = (kind.empty() ? output : kind).str();
  loss.output = kind.empty() ? "" : output.str();
  loss.classAxis = options.classAxis;
  loss.labelSmoothing = options.labelSmoothing;
  passes.addPass(createAppendLossPass(loss));
  passes.addPass(createDifferentiatePass());
}

static void addAutodiff(OpPassManager &passes, const CompileOptions &options) {
  if (!options.evaluateOnly)
    addDerivative(passes, options);
  passes.addPass(createFoldEmptyProductsPass());
}

static void addOptimizer(OpPassManager &passes, const CompileOptions &options) {
  if (options.evaluateOnly) {
    passes.addPass(createKeepForwardPass());
    return;
  }
  AddOptimizerPassOptions optimizer;
  optimizer.kind = options.optimizer;
  optimizer.lr = options.lr.value_or(-1);
  optimizer.momentum = options.momentum;
  optimizer.nesterov = options.nesterov;
  optimizer.weightDecay = options.weightDecay.value_or(-1);
  optimizer.beta1 = options.beta1;
  optimizer.beta2 = options.beta2;
  optimizer.eps = options.eps;
  optimizer.clipNorm = options.clipNorm;
  optimizer.lrSchedule = options.lrSchedule;
  passes.addPass(createAddOptimizerPass(optimizer));
}

static void addProviders(OpPassManager &passes, const CompileOptions &options,
                         bool checkOnly) {
  if (options.providers.empty())
    return;
  ChooseProvidersPassOptions providers;
  providers.rules.assign(options.providers.begin(), options.providers.end());
  providers.checkOnly = checkOnly;
  passes.addPass(createChooseProvidersPass(providers));
}

static void addPrecision(OpPassManager &passes, const CompileOptions &options) {
  AssignPrecisionPassOptions precision;
  precision.format = options.precision;
  precision.policy = options.policy;
  for (const PrecisionRule &rule : options.rules)
    precision.rules.push_back(rule.precisionClass + "=" + rule.pattern);
  passes.addPass(createAssignPrecisionPass(precision));
  // Here, where what is wrong is the user's: the schedule phase gives no code
  // of its own for it.
  addProviders(passes, options, /*checkOnly=*/true);
}

static void addScaling(OpPassManager &passes, const CompileOptions &options) {
  if (options.evaluateOnly)
    return;
  ScaleLossPassOptions scaling;
  scaling.dynamic = options.lossScale == "dynamic";
  if (!scaling.dynamic)
    StringRef(options.lossScale).getAsDouble(scaling.init);
  passes.addPass(createScaleLossPass(scaling));
}

static void addCast(OpPassManager &passes, const CompileOptions &) {
  passes.addPass(createInsertCastsPass());
  passes.addPass(createFoldCastPairsPass());
}

// Every value is row-major and densely packed.
static void addLayout(OpPassManager &passes, const CompileOptions &options) {
  passes.addPass(createSetTargetPass({options.targets.front()}));
  passes.addPass(createPadProductsPass());
  passes.addPass(createCompactGradientsPass());
}

static void addSchedule(OpPassManager &passes, const CompileOptions &options) {
  // Forming kernels relies on the writes being ops of their own.
  passes.addNestedPass<func::FuncOp>(createExpandCommitPass());
  // Repeating transforms relies on the ops that read once being the last ones.
  passes.addNestedPass<func::FuncOp>(createJoinOverflowTestPass());
  passes.addNestedPass<func::FuncOp>(createJoinLossGradientPass());
  passes.addNestedPass<func::FuncOp>(createRepeatTransformsPass());
  addProviders(passes, options, /*checkOnly=*/false);
  passes.addNestedPass<func::FuncOp>(createFormKernelsPass());
  if (!options.tiles.empty()) {
    ChooseTilesPassOptions table;
    llvm::append_range(table.tiles, options.tiles);
    passes.addPass(createChooseTilesPass(table));
  }
  passes.addNestedPass<func::FuncOp>(createGroupKernelsPass());
}

static void addPlan(OpPassManager &passes, const CompileOptions &) {
  passes.addPass(createPlanBuffersPass());
}

static void addLower(OpPassManager &passes, const CompileOptions &options) {
  if (options.targets.front() == "cpu")
    passes.addPass(createLowerToCpuPass());
  else
    passes.addPass(createLowerToGpuPass());
}

static constexpr Phase table[] = {
    {"import", "a forward function in the mpc dialect, static shapes", 3,
     nullptr},
    {"simplify", "constants are folded, ops that were taken apart are whole", 4,
     addSimplify},
    {"autodiff", "the loss and the gradient of every parameter", 3,
     addAutodiff},
    {"optimizer", "one transaction on the state", 2, addOptimizer},
    {"precision", "every slot and result carries its format and its reason", 2,
     addPrecision},
    {"scaling", "a step with an overflow is skipped", 1, addScaling},
    {"cast", "every value has its final element type", 1, addCast},
    {"layout", "the module is for one target", 1, addLayout},
    {"schedule", "every op is in exactly one kernel", 1, addSchedule},
    {"plan", "every buffer has an offset in one arena", 1, addPlan},
    {"lower", "every kernel has code", 1, addLower},
    {"emit", "one artifact", 5, nullptr},
};

llvm::ArrayRef<Phase> mpc::phases() { return table; }

int mpc::runPhases(ModuleOp module, const CompileOptions &options,
                   StringRef done, StringRef last) {
  auto hasName = [](StringRef name) {
    return [name](const Phase &phase) { return phase.name == name; };
  };
  auto first = llvm::find_if(phases(), hasName(done)) + 1;
  auto end = llvm::find_if(phases(), hasName(last)) + 1;
  for (const Phase &phase : llvm::make_range(first, end)) {
    if (!phase.addPasses)
      continue;
    PassManager passes(module.getContext());
    phase.addPasses(passes, options);
    if (failed(passes.run(module)))
      return phase.exitCode;
  }
  return 0;
}
