// Matrix products of training steps, by mpc's kernels and by cuBLASLt's best.
//
//   gemm_compare FOLDER [--bf16] [--csv F] [NAME...]
//
// FOLDER is what gemm_programs made. Both work on the same memory, each in a
// graph of as many launches in a row as take some 2 ms, at least 5 and at most
// 50; what they read may be in the second-level cache, if it is small enough.
// Of cuBLASLt all algorithms are timed that its heuristics give; the best one
// and mpc then take turns, and the shortest of three counts. A product of two
// launches (sums of parts of the depth, a bias gradient) is timed whole.
#include "benchmarks/gemm/CublasLt.h"
#include "benchmarks/gpu/Loaded.h"
#include "benchmarks/gpu/Options.h"
#include "compiler/formats/FloatFormat.h"
#include <algorithm>
#include <cmath>
#include <cstdio>

using namespace mpc::bench;
using namespace mpcrt;
using namespace mpcrt::cuda;

namespace {
/// Seconds of a product, and how far apart the results are.
struct Figures {
  double mpc = 0, cublas = 0;
  size_t algorithms = 0;
  std::string wrong; ///< empty if they agree
};
} // namespace

static mpc::formats::FloatFormat formatOf(const Options &options) {
  return options.bf16 ? mpc::formats::FloatFormat::BF16
                      : mpc::formats::FloatFormat::F16;
}

/// The last elements of the result, as numbers.
static std::vector<double> lastOf(const Gpu &gpu, CUdeviceptr result,
                                  const GemmCase &c, const Options &options) {
  const size_t all = size_t(c.m * c.n);
  std::vector<uint16_t> bits(std::min(all, size_t(1) << 22));
  (void)gpu.driver().memcpyDtoHAsync(bits.data(),
                                     result + (all - bits.size()) * 2,
                                     bits.size() * 2, gpu.stream());
  (void)gpu.driver().streamSynchronize(gpu.stream());
  std::vector<double> numbers;
  for (uint16_t one : bits)
    numbers.push_back(mpc::formats::toDouble(one, formatOf(options)));
  return numbers;
}

// Both add products of normal numbers 16 at a time to a sum of size sqrt(k), at
// most 4 of it, and may cut that off at its 22nd bit each time; then each
// rounds the sum once, to stored g, and once more to what is computed from it.
static std::string describeDifference(const std::vector<double> &ours,
                                      const std::vector<double> &theirs,
                                      const GemmCase &c,
                                      const Options &options) {
  const double unit = mpc::formats::info(formatOf(options)).unitRoundoff();
  const double size = std::sqrt(double(c.k));
  const double sums = 4 * size * double(c.k) / 16 * 0x1p-22;
  // gelu_tanh' is at most 1.13, and cuBLASLt has an approximate tanh.
  const double fused = c.fused == Fused::Nothing ? 0 : 8 * unit * size;
  for (size_t i = 0; i < ours.size(); ++i) {
    double allowed = 4 * unit * std::abs(theirs[i]) + sums + fused;
    if (!(std::abs(ours[i] - theirs[i]) <= allowed))
      return "result " + std::to_string(i) + " of the last is " +
             std::to_string(ours[i]) + " instead of " +
             std::to_string(theirs[i]);
  }
  return "";
}

static Operands operandsOf(const Loaded &loaded, const GemmCase &c) {
  Operands o = {loaded.input(0), loaded.input(1), loaded.output(0), 0, 0};
  if (c.fused == Fused::BiasGelu) {
    o.saved = loaded.output(0);
    o.result = loaded.output(1);
    o.bias = loaded.input(2);
  } else if (c.fused == Fused::GeluGradBias) {
    o.saved = loaded.input(2);
    o.bias = loaded.output(1);
  }
  return o;
}

namespace {
/// Times one product on both sides.
class Comparison {
public:
  Comparison(const Gpu &gpu, const BestCublasLt &lt, CUdeviceptr workspace,
             const Options &options)
      : gpu(gpu), lt(lt), workspace(workspace), options(options) {}

  Result<Figures> run(const GemmCase &c) {
    auto loaded = Loaded::open(gpu, options.folder + "/" + c.name + ".mpx");
    if (!loaded.ok())
      return loaded.status();
    Result<GraphExec> first = (*loaded)->record(1);
    if (!first.ok())
      return first.status();
    repeats = std::clamp(int(2e-3 / gpu.time(*first)), 5, 50);
    Result<GraphExec> ours = (*loaded)->record(repeats);
    if (!ours.ok())
      return ours.status();
    Figures figures;
    const Operands operands = operandsOf(**loaded, c);
    figures.mpc = gpu.time(*ours);
    std::vector<double> result = lastOf(gpu, operands.result, c, options);
    auto product = lt.product(c, options.bf16, operands, workspace);
    figures.algorithms = product->algorithms();
    GraphExec theirs = best(*product, figures.cublas);
    if (!theirs.get())
      return Status(Code::Device, "cuBLASLt has no algorithm for it");
    figures.wrong = describeDifference(
        result, lastOf(gpu, operands.result, c, options), c, options);
    for (int turn = 0; turn < 3; ++turn) {
      figures.mpc = std::min(figures.mpc, gpu.time(*ours));
      figures.cublas = std::min(figures.cublas, gpu.time(theirs));
    }
    figures.mpc /= repeats;
    figures.cublas /= repeats;
    return figures;
  }

private:
  const Gpu &gpu;
  const BestCublasLt &lt;
  const CUdeviceptr workspace;
  const Options &options;
  int repeats = 1;

  GraphExec best(const BestCublasLt::Product &product, double &least) const {
    GraphExec fastest;
    least = std::numeric_limits<double>::infinity();
    for (size_t i = 0; i < product.algorithms(); ++i) {
      GraphExec graph = gpu.capture([&] {
        for (int n = 0; n < repeats; ++n)
          if (!product.enqueue(i, gpu.stream()))
            return false;
        return true;
      });
      double seconds = graph.get() ? gpu.time(graph) : least;
      if (seconds < least) {
        least = seconds;
        fastest = std::move(graph);
      }
    }
    return fastest;
  }
};

/// Geometric mean and least of ratios.
struct Ratios {
  double logarithms = 0, least = std::numeric_limits<double>::infinity();
  int count = 0;

  void add(double ratio) {
    logarithms += std::log(ratio);
    least = std::min(least, ratio);
    ++count;
  }
  void print(const char *what) const {
    if (count)
      std::printf("%s: geometric mean %.3f, least %.3f of %d\n", what,
                  std::exp(logarithms / count), least, count);
  }
};
} // namespace

static bool compareAll(const Gpu &gpu, const BestCublasLt &lt,
                       const Options &options, std::FILE *csv) {
  Result<DeviceMemory> workspace = gpu.allocate(BestCublasLt::workspaceBytes);
  if (!workspace.ok())
    return false;
  Comparison comparison(gpu, lt, workspace->get(), options);
  Ratios plain, small, fused;
  bool right = true;
  std::printf(
      "| product | m | n | k | AB | mpc us | cuBLASLt us | algorithms | "
      "mpc TFLOP/s | ratio |\n|---|---:|---:|---:|---|---:|---:|---:|"
      "---:|---:|\n");
  for (const GemmCase &c : gemmCases()) {
    if (!options.wants(c.name))
      continue;
    Result<Figures> got = comparison.run(c);
    if (!got.ok() || !got->wrong.empty()) {
      std::fprintf(stderr, "%s: %s\n", c.name.c_str(),
                   got.ok() ? got->wrong.c_str()
                            : got.status().message().c_str());
      right = false;
    }
    if (!got.ok())
      continue;
    const double ratio = got->cublas / got->mpc;
    const char letters[] = {c.transA ? 'T' : 'N', c.transB ? 'T' : 'N', 0};
    std::printf(
        "| %s | %ld | %ld | %ld | %s | %.2f | %.2f | %zu | %.0f | %.3f |\n",
        c.name.c_str(), long(c.m), long(c.n), long(c.k), letters,
        got->mpc * 1e6, got->cublas * 1e6, got->algorithms,
        c.operations() / got->mpc * 1e-12, ratio);
    std::fflush(stdout);
    if (csv)
      std::fprintf(csv, "%s,%ld,%ld,%ld,%s,%.3f,%.3f,%.3f\n", c.name.c_str(),
                   long(c.m), long(c.n), long(c.k), letters, got->mpc * 1e6,
                   got->cublas * 1e6, ratio);
    if (c.fused != Fused::Nothing)
      fused.add(ratio);
    else
      plain.add(ratio);
    if (c.fused == Fused::Nothing && got->cublas < 10e-6)
      small.add(ratio);
  }
  std::printf("\n");
  plain.print("plain");
  small.print("of these under 10 us with cuBLASLt");
  fused.print("fused");
  return right;
}

int main(int argc, char **argv) {
  std::optional<Options> options = parseOptions(argc, argv);
  if (!options)
    return 2;
  Result<std::unique_ptr<Gpu>> gpu = Gpu::open();
  if (!gpu.ok()) {
    std::fprintf(stderr, "%s\n", gpu.status().message().c_str());
    return 6;
  }
  Result<std::unique_ptr<BestCublasLt>> lt = BestCublasLt::open();
  if (!lt.ok()) {
    std::fprintf(stderr, "%s\n", lt.status().message().c_str());
    return 6;
  }
  File csv =
      openCsv(*options, "product,m,n,k,transposed,mpc_us,cublaslt_us,ratio");
  std::printf("%s, cuBLASLt %zu, %s\n\n", (*gpu)->device().name.c_str(),
              (*lt)->version(), options->bf16 ? "bf16" : "f16");
  return compareAll(**gpu, **lt, *options, csv.get()) ? 0 : 1;
}
