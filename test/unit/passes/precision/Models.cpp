#include "Models.h"
#include "compiler/dialect/Dialect.h"
#include "compiler/pipeline/Registration.h"
#include "compiler/reference/ReferenceOpInterface.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "passes/autodiff/Passes.h"
#include "passes/cast/Passes.h"
#include "passes/optimizer/Passes.h"
#include "passes/precision/Passes.h"
#include "passes/scaling/Passes.h"

using namespace mlir;

static const char *dense = R"(
mpc.state @w1 : tensor<5x3xf32> {role = #mpc.role<parameter>, initializer = #mpc.uniform<0.3>}
mpc.state @b1 : tensor<5xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
mpc.state @w2 : tensor<4x5xf32> {role = #mpc.role<constant>, initializer = #mpc.uniform<0.3>}
func.func @forward(%x: tensor<2x3xf32> {mpc.name = "x"}) -> (tensor<2x4xf32> {mpc.name = "scores"}) {
  %w1 = mpc.read @w1 : tensor<5x3xf32>
  %b1 = mpc.read @b1 : tensor<5xf32>
  %w2 = mpc.read @w2 : tensor<4x5xf32>
  %0 = mpc.gemm %x, %w1, %b1 {trans_b, node = ["fc1"], op_type = "Gemm"} : (tensor<2x3xf32>, tensor<5x3xf32>, tensor<5xf32>) -> tensor<2x5xf32>
  %1 = mpc.relu %0 {node = ["relu"], op_type = "Relu"} : (tensor<2x5xf32>) -> tensor<2x5xf32>
  %2 = mpc.gemm %1, %w2 {trans_b, node = ["fc2"], op_type = "Gemm"} : (tensor<2x5xf32>, tensor<4x5xf32>) -> tensor<2x4xf32>
  return %2 : tensor<2x4xf32>
})";

static const char *convolutional = R"(
mpc.state @k : tensor<3x3x1x1xf32> {role = #mpc.role<parameter>, initializer = #mpc.uniform<0.3>}
mpc.state @scale : tensor<3xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
mpc.state @bias : tensor<3xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
mpc.state @mean : tensor<3xf32> {role = #mpc.role<statistic>, initializer = #mpc.fill<0.0>}
mpc.state @var : tensor<3xf32> {role = #mpc.role<statistic>, initializer = #mpc.fill<1.0>}
mpc.state @fc : tensor<4x12xf32> {role = #mpc.role<parameter>, initializer = #mpc.uniform<0.3>}
func.func @forward(%x: tensor<2x3x4x4xf32> {mpc.name = "x"}) -> (tensor<2x4xf32> {mpc.name = "scores"}) {
  %k = mpc.read @k : tensor<3x3x1x1xf32>
  %scale = mpc.read @scale : tensor<3xf32>
  %bias = mpc.read @bias : tensor<3xf32>
  %mean = mpc.read @mean : tensor<3xf32>
  %var = mpc.read @var : tensor<3xf32>
  %fc = mpc.read @fc : tensor<4x12xf32>
  %0 = mpc.conv %x, %k {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, node = ["conv"], op_type = "Conv"} : (tensor<2x3x4x4xf32>, tensor<3x3x1x1xf32>) -> tensor<2x3x4x4xf32>
  %1:5 = mpc.batch_normalization %0, %scale, %bias, %mean, %var {epsilon = 1.0e-5 : f32, momentum = 0.9 : f32, node = ["bn"], op_type = "BatchNormalization"} : (tensor<2x3x4x4xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> (tensor<2x3x4x4xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  %2 = mpc.add %1#0, %x {node = ["residual"], op_type = "Add"} : (tensor<2x3x4x4xf32>, tensor<2x3x4x4xf32>) -> tensor<2x3x4x4xf32>
  %3 = mpc.relu %2 {node = ["relu"], op_type = "Relu"} : (tensor<2x3x4x4xf32>) -> tensor<2x3x4x4xf32>
  %4 = mpc.max_pool %3 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, node = ["pool"], op_type = "MaxPool"} : (tensor<2x3x4x4xf32>) -> tensor<2x3x2x2xf32>
  %5 = mpc.reshape %4 {node = ["flatten"], op_type = "Flatten"} : (tensor<2x3x2x2xf32>) -> tensor<2x12xf32>
  %6 = mpc.gemm %5, %fc {trans_b, node = ["fc"], op_type = "Gemm"} : (tensor<2x12xf32>, tensor<4x12xf32>) -> tensor<2x4xf32>
  return %6 : tensor<2x4xf32>
})";

static const char *mixed = R"(
mpc.state @w : tensor<3x4xf32> {role = #mpc.role<parameter>, initializer = #mpc.uniform<0.3>}
func.func @forward(%x: tensor<3x2xf32> {mpc.name = "x"}) -> (tensor<2x4xf32> {mpc.name = "scores"}) {
  %w = mpc.read @w : tensor<3x4xf32>
  %c = mpc.constant dense<0.1> : tensor<4xf32> {node = ["c"]} : tensor<4xf32>
  %0 = mpc.transpose %x {perm = array<i64: 1, 0>, node = ["transpose"], op_type = "Transpose"} : (tensor<3x2xf32>) -> tensor<2x3xf32>
  %1 = mpc.gemm %0, %w {node = ["matmul"], op_type = "MatMul"} : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  %2 = mpc.add %1, %c {node = ["add"], op_type = "Add"} : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  %3 = mpc.cast %2 {user, node = ["down"], op_type = "Cast"} : tensor<2x4xf32> to tensor<2x4xf16>
  %4 = mpc.cast %3 {user, node = ["up"], op_type = "Cast"} : tensor<2x4xf16> to tensor<2x4xf32>
  %5 = mpc.mul %4, %2 {node = ["mul"], op_type = "Mul"} : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %6 = mpc.neg %5 {node = ["odd"], op_type = "Frobnicate"} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return %6 : tensor<2x4xf32>
})";

const std::vector<std::string> &modelTexts() {
  static const std::vector<std::string> texts = {dense, convolutional, mixed};
  return texts;
}

MLIRContext &testContext() {
  static MLIRContext *context = [] {
    DialectRegistry registry;
    mpc::registerDialects(registry);
    mpc::reference::registerModels(registry);
    auto *made = new MLIRContext(registry, MLIRContext::Threading::DISABLED);
    made->loadAllAvailableDialects();
    return made;
  }();
  return *context;
}

OwningOpRef<ModuleOp> compile(const std::string &text, const Setting &setting,
                              std::string &error) {
  MLIRContext &context = testContext();
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
      error += diagnostic.str() + "\n";
    return success();
  });
  auto module = parseSourceString<ModuleOp>(text, &context);
  if (!module)
    return {};
  PassManager passes(&context);
  passes.addPass(mpc::createAppendLossPass());
  passes.addPass(mpc::createDifferentiatePass());
  passes.addPass(mpc::createAddOptimizerPass());
  mpc::AssignPrecisionPassOptions options;
  options.format = setting.format;
  options.policy = setting.policy;
  options.rules.assign(setting.rules.begin(), setting.rules.end());
  passes.addPass(mpc::createAssignPrecisionPass(options));
  if (setting.scale)
    passes.addPass(mpc::createScaleLossPass());
  passes.addPass(mpc::createInsertCastsPass());
  passes.addPass(mpc::createFoldCastPairsPass());
  if (failed(passes.run(*module)))
    return {};
  return module;
}

std::string textWithoutDecisions(ModuleOp module) {
  OwningOpRef<ModuleOp> copy(module.clone());
  copy->walk([](mpc::NodeOpInterface op) { op.setPrecisionAttr({}); });
  std::string text;
  llvm::raw_string_ostream(text) << *copy;
  return text;
}
