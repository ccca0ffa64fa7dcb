// Optimizers, schedules and the loss scale, compiled, against their formulas.
#include "compiler/analysis/Liveness.h"
#include "test/lowering/ProgramRunner.h"
#include <cmath>
#include <gtest/gtest.h>
#include <set>

using namespace mpc::test;

static std::string scalars(const std::vector<std::string> &names) {
  std::string text;
  for (const std::string &name : names)
    text += ", %" + name + ": tensor<f32>";
  return text;
}

static Bytes one(float value) { return toBytes(std::vector<float>{value}); }
static Bytes one(int64_t value) { return toBytes(std::vector<int64_t>{value}); }

// Every op of one Adam update is rounded to f32, and no quantity cancels but
// p - step: 40 roundings cover each path, relative to |p| + |step|.
static void checkAdam(bool decoupled) {
  std::string t = "tensor<11xf32>";
  ProgramRunner runner(
      "func.func @forward(%p: " + t + ", %g: " + t + ", %m: " + t +
      ", %v: " + t + scalars({"lr", "b1", "b2", "eps", "wd"}) +
      ", %n: tensor<i64>) -> (" + t + ", " + t + ", " + t +
      ") {\n  %s, %r = mpc.adam_factors %lr, %b1, %b2, %n : (tensor<f32>, "
      "tensor<f32>, tensor<f32>, tensor<i64>) -> (tensor<f32>, tensor<f32>)\n"
      "  %a, %b, %c = mpc.adam %p, %g, %m, %v, %lr, %b1, %b2, %eps, %wd, %s, "
      "%r " +
      (decoupled ? "{decoupled} " : "") + ": (" + t + ", " + t + ", " + t +
      ", " + t +
      ", tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, "
      "tensor<f32>, tensor<f32>) -> (" +
      t + ", " + t + ", " + t + ")\n  func.return %a, %b, %c : " + t + ", " +
      t + ", " + t + "\n}");
  ASSERT_TRUE(runner.ok());
  std::vector<float> p(11), g(11), m(11), v(11);
  for (size_t i = 0; i < 11; ++i) {
    p[i] = float(i) - 5;
    g[i] = 0.25f * float(i) - 1;
    m[i] = 0.125f * float(i);
    v[i] = 0.5f + float(i);
  }
  float lr = 0.01f, b1 = 0.9f, b2 = 0.999f, eps = 1e-8f, wd = 0.1f;
  auto results = runner.run("forward", {toBytes(p), toBytes(g), toBytes(m),
                                        toBytes(v), one(lr), one(b1), one(b2),
                                        one(eps), one(wd), one(int64_t(4))});
  auto next = fromBytes<float>(results[0]);
  auto m1 = fromBytes<float>(results[1]), v1 = fromBytes<float>(results[2]);
  double c1 = 1 - std::pow(double(b1), 5), c2 = 1 - std::pow(double(b2), 5);
  for (size_t i = 0; i < 11; ++i) {
    double x = double(p[i]), d = double(g[i]);
    if (decoupled)
      x *= 1 - double(lr) * double(wd);
    else
      d += double(wd) * x;
    double first = double(b1) * double(m[i]) + (1 - double(b1)) * d;
    double second = double(b2) * double(v[i]) + (1 - double(b2)) * d * d;
    double step = double(lr) / c1 * first /
                  (std::sqrt(second) / std::sqrt(c2) + double(eps));
    double u = 40 * 0x1p-24;
    // 1 - beta^t loses |beta^t| / (1 - beta^t) in relative accuracy.
    double loss = 40 * 0x1p-24 / std::min(c1, c2);
    EXPECT_NEAR(m1[i], first, u * (std::abs(double(m[i])) + std::abs(d)));
    EXPECT_NEAR(v1[i], second, u * (second + d * d));
    double magnitude = std::abs(double(lr) / c1) *
                       (std::abs(double(m[i])) + std::abs(d)) /
                       std::sqrt(second / c2);
    EXPECT_NEAR(next[i], x - step, u * std::abs(x) + loss * magnitude);
  }
}

TEST(Adam, CouplesWeightDecay) { checkAdam(false); }
TEST(Adam, DecouplesWeightDecay) { checkAdam(true); }

TEST(Sgd, NesterovLooksAhead) {
  // Powers of two: every product and sum is exact.
  std::string t = "tensor<9xf32>";
  ProgramRunner runner(
      "func.func @forward(%p: " + t + ", %g: " + t + ", %m: " + t +
      scalars({"lr", "wd", "mu"}) + ") -> (" + t + ", " + t +
      ") {\n  %a, %b = mpc.sgd %p, %g, %m, %lr, %wd, %mu {nesterov, "
      "operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 1>} : (" +
      t + ", " + t + ", " + t +
      ", tensor<f32>, tensor<f32>, tensor<f32>) -> (" + t + ", " + t +
      ")\n  func.return %a, %b : " + t + ", " + t + "\n}");
  ASSERT_TRUE(runner.ok());
  std::vector<float> p(9, 8), g(9, 1), m(9, 4);
  auto results = runner.run("forward", {toBytes(p), toBytes(g), toBytes(m),
                                        one(0.5f), one(0.25f), one(0.5f)});
  // g' = 1 + 8/4 = 3, m' = 4/2 + 3 = 5, step = 3 + 5/2 = 5.5, p' = 8 - 2.75.
  EXPECT_EQ(fromBytes<float>(results[1]), std::vector<float>(9, 5));
  EXPECT_EQ(fromBytes<float>(results[0]), std::vector<float>(9, 5.25f));
}

TEST(StepLr, FallsAfterEveryPeriod) {
  ProgramRunner runner(
      "func.func @forward(%n: tensor<i64>" +
      scalars({"lr", "factor", "every"}) +
      ") -> tensor<f32> {\n  %a = mpc.step_lr %lr, %factor, %every, %n : "
      "(tensor<f32>, tensor<f32>, tensor<f32>, tensor<i64>) -> tensor<f32>\n"
      "  func.return %a : tensor<f32>\n}");
  ASSERT_TRUE(runner.ok());
  auto at = [&](int64_t n) {
    return fromBytes<float>(runner.run(
        "forward", {one(n), one(1.0f), one(0.5f), one(10.0f)})[0])[0];
  };
  EXPECT_EQ(at(0), 1);
  EXPECT_EQ(at(9), 1);
  EXPECT_EQ(at(10), 0.5);
  EXPECT_EQ(at(39), 0.125);
}

TEST(LossScale, GrowsShrinksAndStaysInBounds) {
  ProgramRunner runner(
      "func.func @forward(%ok: tensor<i1>, %good: tensor<i64>, %bad: "
      "tensor<i64>" +
      scalars({"s", "gf", "gi", "bf", "h", "lo", "hi"}) +
      ") -> (tensor<f32>, tensor<i64>, tensor<i64>) {\n  %a, %b, %c = "
      "mpc.update_loss_scale %s, %good, %bad, %ok, %gf, %gi, %bf, %h, %lo, %hi "
      ": (tensor<f32>, tensor<i64>, tensor<i64>, tensor<i1>, tensor<f32>, "
      "tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> "
      "(tensor<f32>, tensor<i64>, tensor<i64>)\n  func.return %a, %b, %c : "
      "tensor<f32>, tensor<i64>, tensor<i64>\n}");
  ASSERT_TRUE(runner.ok());
  struct Next {
    float scale;
    int64_t good, bad;
    bool operator==(const Next &) const = default;
  };
  auto update = [&](float scale, int64_t good, int64_t bad, bool finite) {
    auto results =
        runner.run("forward", {Bytes{std::byte(finite)}, one(good), one(bad),
                               one(scale), one(2.0f), one(3.0f), one(0.5f),
                               one(2.0f), one(1.0f), one(1024.0f)});
    return Next{fromBytes<float>(results[0])[0],
                fromBytes<int64_t>(results[1])[0],
                fromBytes<int64_t>(results[2])[0]};
  };
  EXPECT_EQ(update(8, 1, 1, true), (Next{8, 2, 0}));
  EXPECT_EQ(update(8, 2, 0, true), (Next{16, 0, 0}));
  EXPECT_EQ(update(1024, 2, 0, true), (Next{1024, 0, 0}));
  EXPECT_EQ(update(8, 2, 0, false), (Next{8, 0, 1})); // hysteresis 2
  EXPECT_EQ(update(8, 0, 1, false), (Next{4, 0, 0}));
  EXPECT_EQ(update(1, 0, 1, false), (Next{1, 0, 0}));
}

TEST(Mse, MeanOfSquaresAndItsGradient) {
  std::string t = "tensor<3x5xf32>";
  ProgramRunner runner("func.func @forward(%s: tensor<f32>, %p: " + t +
                       ", %q: " + t + ") -> (tensor<f32>, " + t +
                       ") {\n  %l = mpc.pointwise_loss mse %p, %q : (" + t +
                       ", " + t +
                       ") -> tensor<f32>\n  %g = mpc.pointwise_loss_grad mse "
                       "%s, %p, %q : (tensor<f32>, " +
                       t + ", " + t + ") -> " + t +
                       "\n  func.return %l, %g : tensor<f32>, " + t + "\n}");
  ASSERT_TRUE(runner.ok());
  std::vector<float> p(15, 3), q(15, 1);
  auto results = runner.run("forward", {one(7.5f), toBytes(p), toBytes(q)});
  EXPECT_EQ(fromBytes<float>(results[0])[0], 4);
  // 7.5 * 2 * (3 - 1) / 15 = 2, exactly.
  EXPECT_EQ(fromBytes<float>(results[1]), std::vector<float>(15, 2));
}

TEST(Arena, BlocksThatLiveTogetherDoNotOverlap) {
  std::vector<mpc::LiveBlock> blocks;
  for (int64_t i = 0; i < 60; ++i)
    blocks.push_back({1 + i * 37 % 500, i, i + i * 7 % 11});
  mpc::ArenaLayout layout = mpc::layOutArena(blocks, 64);
  for (size_t a = 0; a < blocks.size(); ++a) {
    EXPECT_EQ(layout.offsets[a] % 64, 0);
    EXPECT_LE(layout.offsets[a] + blocks[a].bytes, layout.bytes);
    for (size_t b = 0; b < a; ++b) {
      bool together = blocks[a].first <= blocks[b].last &&
                      blocks[b].first <= blocks[a].last;
      bool overlap = layout.offsets[a] < layout.offsets[b] + blocks[b].bytes &&
                     layout.offsets[b] < layout.offsets[a] + blocks[a].bytes;
      EXPECT_FALSE(together && overlap) << a << " and " << b;
    }
  }
}

TEST(Arena, ReusesWhatIsDead) {
  // A chain: only neighbours live together.
  std::vector<mpc::LiveBlock> chain;
  for (int64_t i = 0; i < 10; ++i)
    chain.push_back({64, i, i + 1});
  EXPECT_EQ(mpc::layOutArena(chain, 64).bytes, 2 * 64);
}

// Kernel i writes block i; it is read by the kernels that `read` names.
static mpc::ArenaLayout
layOutFor(const std::vector<std::vector<unsigned>> &read, int64_t bytes = 64) {
  mpc::KernelOrder order(read.size());
  std::vector<mpc::LiveBlock> blocks;
  std::vector<llvm::BitVector> users;
  for (unsigned i = 0; i < read.size(); ++i) {
    blocks.push_back({bytes, i, read[i].empty() ? i : read[i].back()});
    users.emplace_back(unsigned(read.size())).set(i);
    for (unsigned reader : read[i])
      users[i].set(reader);
    for (unsigned j = 0; j < i; ++j)
      if (llvm::is_contained(read[j], i))
        order.add(i, j);
  }
  return mpc::layOutConcurrentArena(blocks, users, order, 64);
}

TEST(ConcurrentArena, AChainReusesWhatIsDead) {
  EXPECT_EQ(layOutFor({{1}, {2}, {3}, {4}, {}}).bytes, 2 * 64);
}

TEST(ConcurrentArena, UnrelatedKernelsShareNothingWhileThereIsRoom) {
  // Two chains: the second would wait for the first if it took its memory.
  mpc::ArenaLayout layout = layOutFor({{1}, {2}, {}, {4}, {5}, {}});
  std::set<int64_t> first(layout.offsets.begin(), layout.offsets.begin() + 3);
  for (size_t i = 3; i < 6; ++i)
    EXPECT_FALSE(first.contains(layout.offsets[i])) << i;
  EXPECT_EQ(layout.bytes, 4 * 64);
}

// Kernels that have nothing to do with each other.
TEST(ConcurrentArena, GrowsByAnEighthAtMost) {
  const std::vector<std::vector<unsigned>> forty(40);
  EXPECT_EQ(layOutFor(forty, int64_t(1) << 30).bytes, int64_t(1) << 30);
}

TEST(ConcurrentArena, GrowsToWhatIsSmallAnyway) {
  const std::vector<std::vector<unsigned>> forty(40);
  EXPECT_EQ(layOutFor(forty).bytes, 40 * 64);
}
