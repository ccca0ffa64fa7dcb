// Speed of compiled gemm kernels on one and two threads, as a share of the FMA
// peak measured in the same run with the same instructions (256-bit vfmadd).
//
//   gemm_bench [M N K]...        default: 512^3, 1024^3 and training shapes
#include "runtime/src/FmaPeak.h"
#include "test/lowering/KernelRunner.h"
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

using mpc::test::KernelRunner;

namespace {
double seconds() {
  auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

/// GFLOP/s of one thread.
double measurePeak() {
  constexpr int64_t turns = 4'000'000;
  double best = 0;
  for (int repeat = 0; repeat < 15; ++repeat) {
    double start = seconds();
    mpcrt::multiplyAndAdd(turns);
    best = std::max(best, double(turns * mpcrt::operationsPerTurn) /
                              (seconds() - start) * 1e-9);
  }
  return best;
}

struct Case {
  int64_t m, n, k;
  std::string type; ///< of A and B; the result is f32
  bool transA = false, transB = false;
};

std::string matrix(int64_t rows, int64_t columns, const std::string &type) {
  return std::to_string(rows) + "x" + std::to_string(columns) + "x" + type;
}

/// One compiled kernel and its buffers.
class Gemm {
public:
  explicit Gemm(const Case &shape)
      : a(shape.transA ? matrix(shape.k, shape.m, shape.type)
                       : matrix(shape.m, shape.k, shape.type)),
        b(shape.transB ? matrix(shape.n, shape.k, shape.type)
                       : matrix(shape.k, shape.n, shape.type)),
        c(matrix(shape.m, shape.n, "f32")),
        runner("mpc.gemm", {a, b}, body(shape), {c}) {
    for (const std::string &type : {a, b, c}) {
      // Every pattern of these bytes is a small normal number in all formats.
      size_t bytes = size_t(mpc::test::elementCount(type)) * 4;
      memory.emplace_back(bytes, char(0x31));
      buffers.push_back(memory.back().data());
    }
  }

  ~Gemm() {
    stopping = true;
    helper.join();
  }

  /// Seconds of the best of `repeats` runs on one and on two threads, which
  /// take turns, so that both see the same machine. Tiles are taken one by one.
  std::pair<double, double> time(int repeats) {
    double best[2] = {1e9, 1e9};
    for (int repeat = 0; repeat < 2 * repeats; ++repeat) {
      double start = seconds();
      runOn(repeat % 2 + 1);
      best[repeat % 2] = std::min(best[repeat % 2], seconds() - start);
    }
    return {best[0], best[1]};
  }

private:
  std::string body(const Case &shape) const {
    std::string attributes = std::string(shape.transA ? "trans_a" : "") +
                             (shape.transA && shape.transB ? ", " : "") +
                             (shape.transB ? "trans_b" : "");
    return "%r = mpc.gemm %0, %1 {" + attributes + "} : (tensor<" + a +
           ">, tensor<" + b + ">) -> tensor<" + c +
           ">\nmpc.yield %r : tensor<" + c + ">";
  }

  void runOn(int threads) {
    next = 0;
    if (threads == 2)
      ++round; // the helper joins in
    takeTiles();
    while (threads == 2 && finished != round)
      ;
  }

  void takeTiles() {
    for (int64_t tile; (tile = next++) < runner.tiles(0);)
      runner.call(0, buffers, tile, tile + 1);
  }

  // Waits like the runtime's idle threads, which spin between two launches.
  void help() {
    for (int64_t seen = 0; !stopping;) {
      if (round == seen)
        continue;
      takeTiles();
      finished = ++seen;
    }
  }

  std::string a, b, c;
  KernelRunner runner;
  std::vector<std::vector<char>> memory;
  std::vector<void *> buffers;
  std::atomic<int64_t> next = 0, round = 0, finished = 0;
  std::atomic<bool> stopping = false;
  std::thread helper{[this] { help(); }};
};

void report(const Case &shape, double peak) {
  Gemm gemm(shape);
  double work = 2e-9 * double(shape.m) * double(shape.n) * double(shape.k);
  auto [oneTime, twoTime] = gemm.time(std::clamp(int(100 / work), 20, 300));
  double one = work / oneTime, two = work / twoTime;
  std::printf("%5ld %5ld %5ld  %-4s %c%c  %7.1f  %5.2f  %7.1f  %5.2f\n",
              long(shape.m), long(shape.n), long(shape.k), shape.type.c_str(),
              shape.transA ? 'T' : 'N', shape.transB ? 'T' : 'N', one,
              one / peak, two, two / one);
  std::fflush(stdout);
}
} // namespace

int main(int argc, char **argv) {
  std::vector<Case> cases;
  for (int i = 1; i + 2 < argc; i += 3)
    cases.push_back({std::atol(argv[i]), std::atol(argv[i + 1]),
                     std::atol(argv[i + 2]), "f32"});
  if (cases.empty())
    cases = {{512, 512, 512, "f32"},
             {1024, 1024, 1024, "f32"},
             {1024, 1024, 1024, "f32", true, false},
             {1024, 1024, 1024, "f32", false, true},
             {1024, 1024, 1024, "f16"},
             {1024, 1024, 1024, "bf16"},
             {512, 1024, 784, "f16", false, true},
             {1024, 784, 512, "f16", true, false},
             {10, 8192, 128, "f32", true, false}};
  double peak = measurePeak();
  std::printf("FMA peak, one thread, 256-bit: %.1f GFLOP/s\n", peak);
  std::printf("    M     N     K  type AB  1 thread  share  2 threads  x\n");
  for (const Case &shape : cases)
    report(shape, peak);
}
