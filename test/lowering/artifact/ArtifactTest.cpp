// A program from the cast phase to a file, run by the runtime.
#include "compiler/lowering/Artifact.h"
#include "compiler/dialect/Dialect.h"
#include "compiler/lowering/Passes.h"
#include "compiler/lowering/ScalarOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mpcrt/runtime.h"
#include "passes/layout/Passes.h"
#include "passes/schedule/Passes.h"
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

using namespace mlir;
using namespace mpc;

static const char *const program = MPC_TEST_INPUTS "/linear.mlir";
static constexpr size_t batch = 32, features = 64, classes = 10;

namespace {
/// linear.mlir after the lower phase.
class Lowered {
public:
  explicit Lowered(const std::string &target) {
    DialectRegistry registry;
    registry.insert<MpcDialect, func::FuncDialect>();
    registerScalarOps(registry);
    context.appendDialectRegistry(registry);
    module = parseSourceFile<ModuleOp>(program, &context);
    PassManager pm(&context);
    pm.addPass(createSetTargetPass({target}));
    pm.addNestedPass<func::FuncOp>(createExpandCommitPass());
    pm.addNestedPass<func::FuncOp>(createFormKernelsPass());
    pm.addPass(createPlanBuffersPass());
    pm.addPass(target == "cpu" ? createLowerToCpuPass()
                               : createLowerToGpuPass());
    if (!module || failed(pm.run(*module)))
      ADD_FAILURE() << program << " does not compile";
  }
  ModuleOp get() const { return *module; }

private:
  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};
} // namespace

// The artifact of linear.mlir, in a file of the test's own.
static std::string compiled(const std::string &name) {
  Lowered module("cpu");
  EmitOptions options;
  options.model = {"linear", std::string(32, '0')};
  options.training = {"fp16", "sgd", "cross-entropy", false, batch, 1};
  std::string path =
      std::filesystem::temp_directory_path() / ("mpc-" + name + ".mpx");
  mpcrt::Status status = emitArtifact(module.get(), options, path);
  EXPECT_TRUE(status.ok()) << status.message();
  return path;
}

namespace {
struct Batch {
  std::vector<uint16_t> x = std::vector<uint16_t>(batch * features);
  std::vector<int64_t> y = std::vector<int64_t>(batch);

  // Feature y is 1 in f16, the others are 0: separable.
  Batch() {
    for (size_t i = 0; i < batch; ++i) {
      y[i] = int64_t(i % classes);
      x[i * features + i % classes] = 0x3c00;
    }
  }
};

struct Runtime {
  mpcrt_program *program = nullptr;

  Runtime(const std::string &path, int threads) {
    mpcrt_options options = {};
    options.threads = threads;
    EXPECT_EQ(mpcrt_open(path.c_str(), &options, &program), MPCRT_OK)
        << mpcrt_last_error(program);
  }
  ~Runtime() { mpcrt_close(program); }

  mpcrt_status step(const Batch &data) {
    const void *inputs[] = {data.x.data()};
    mpcrt_status status = {};
    EXPECT_EQ(mpcrt_step(program, inputs, data.y.data(), &status), MPCRT_OK)
        << mpcrt_last_error(program);
    return status;
  }
  std::string digest() {
    char text[33] = {};
    EXPECT_EQ(mpcrt_digest(program, text), MPCRT_OK);
    return text;
  }
};
} // namespace

TEST(Artifact, TrainsASeparableProblem) {
  Runtime runtime(compiled("trains"), 1);
  Batch data;
  mpcrt_status first = runtime.step(data), last = first;
  // Weights are at most 1/8, so logits are, and the loss is ln(10) +- 1/4.
  EXPECT_NEAR(first.loss, std::log(10.0), 0.25);
  EXPECT_EQ(first.lr, 0.5f);
  for (int i = 0; i < 300; ++i)
    last = runtime.step(data);
  EXPECT_EQ(last.applied_steps, 301);
  EXPECT_EQ(last.skipped_steps, 0);
  EXPECT_LT(last.loss, 0.3f * first.loss);
  // Every row's own class wins.
  std::vector<uint16_t> z(batch * classes);
  const void *inputs[] = {data.x.data()};
  void *outputs[] = {z.data()};
  ASSERT_EQ(mpcrt_eval(runtime.program, inputs, outputs), MPCRT_OK);
  auto isLess = [](uint16_t a, uint16_t b) { // as f16, without NaN
    auto order = [](uint16_t v) { return v & 0x8000 ? -(v & 0x7fff) : +v; };
    return order(a) < order(b);
  };
  for (size_t i = 0; i < batch; ++i) {
    auto row = z.begin() + std::ptrdiff_t(i * classes);
    auto best = std::max_element(row, row + std::ptrdiff_t(classes), isLess);
    EXPECT_EQ(best - row, data.y[i]);
  }
}

TEST(Artifact, SkippedStepChangesNoModelState) {
  Runtime runtime(compiled("skips"), 1);
  Batch data;
  runtime.step(data);
  std::string before = runtime.digest();
  data.x[5] = 0x7c00; // infinity
  mpcrt_status status = runtime.step(data);
  EXPECT_EQ(status.applied, 0);
  EXPECT_GT(status.nonfinite_count, 0);
  EXPECT_EQ(status.skipped_steps, 1);
  EXPECT_EQ(runtime.digest(), before);
}

TEST(Artifact, BitsDoNotDependOnThreads) {
  std::string path = compiled("threads");
  Runtime one(path, 1), two(path, 2);
  Batch data;
  for (int i = 0; i < 5; ++i) {
    one.step(data);
    two.step(data);
  }
  EXPECT_EQ(one.digest(), two.digest());
}

TEST(Artifact, EqualInputGivesEqualBytes) {
  auto read = [](const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  EXPECT_FALSE(read(compiled("once")).empty());
  EXPECT_EQ(read(compiled("once")), read(compiled("again")));
}

// On the GPU each position of the loss is a partial result; the second phase
// joins them.
TEST(Artifact, LaunchesTellTheirBytesAndOperations) {
  Lowered module("ptx");
  EmitOptions options;
  options.model = {"linear", std::string(32, '0')};
  auto built = buildProgram(module.get(), options);
  ASSERT_TRUE(built.ok()) << built.status().message();
  const mpcrt::Target &target = built->manifest.targets[0];
  auto launchesOf = [&](const std::string &start) {
    std::vector<mpcrt::Launch> found;
    for (const mpcrt::Launch &launch : target.trainStep)
      if (target.kernels[size_t(launch.kernel)].name.find(start) !=
          std::string::npos)
        found.push_back(launch);
    return found;
  };
  const mpcrt::Launch product = launchesOf("_gemm").front();
  EXPECT_EQ(product.bytesRead, int64_t(batch * features * 2 +
                                       classes * features * 2 + classes * 4));
  EXPECT_EQ(product.bytesWritten, int64_t(batch * classes * 2));
  EXPECT_EQ(product.operations, int64_t(2 * batch * classes * features));
  EXPECT_EQ(product.type, "f16");
  auto accessOf = [&](const mpcrt::Launch &launch) {
    return target.kernels[size_t(launch.kernel)].access;
  };
  EXPECT_EQ(accessOf(product), "rrrw");

  auto loss = launchesOf("_cross_entropy_0");
  auto sum = launchesOf("_cross_entropy_1");
  ASSERT_EQ(loss.size(), 1u);
  ASSERT_EQ(sum.size(), 1u);
  EXPECT_EQ(loss[0].bytesRead, int64_t(batch * classes * 2 + batch * 8));
  EXPECT_GT(loss[0].bytesWritten, 0);
  EXPECT_EQ(sum[0].bytesRead, loss[0].bytesWritten);
  EXPECT_EQ(sum[0].bytesWritten, 4);
  // Logits, labels, the loss, three workspaces.
  EXPECT_EQ(accessOf(loss[0]), "rr-www");
  EXPECT_EQ(accessOf(sum[0]), "--wwww");
  // Each partial result, of four or eight bytes, is joined once.
  EXPECT_GE(sum[0].operations, sum[0].bytesRead / 8);
  EXPECT_LE(sum[0].operations, sum[0].bytesRead / 4);
}
