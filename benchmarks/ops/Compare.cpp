// Elementwise ops and row reductions on large tensors, against a large copy.
//
//   ops_compare FOLDER [--bf16] [--csv F] [NAME...]
//
// FOLDER is what ops_programs made; --bf16 is for programs of bf16 alone. Each
// launch of a program is timed in a graph of 20 in a row, of which the shortest
// of three counts; what it reads and writes, by the compiler, in that time, is
// compared with what a copy of 1 GiB reads and writes in the same run. Inputs
// are normal numbers, so that half of the logarithms are NaN.
#include "benchmarks/gpu/Loaded.h"
#include "benchmarks/gpu/Options.h"
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <map>

using namespace mpc::bench;
using namespace mpcrt;
using namespace mpcrt::cuda;

static constexpr int repeats = 20;
static constexpr double bar = 0.9;

/// Seconds of one of what is repeated.
static double timeOf(const Gpu &gpu, const auto &repeated) {
  double least = std::numeric_limits<double>::infinity();
  for (int turn = 0; turn < 3; ++turn)
    least = std::min(least, gpu.time(repeated));
  return least / repeats;
}

/// Bytes per second that a copy reads and writes. As a node of a graph it would
/// be slower.
static Result<double> copySpeed(const Gpu &gpu) {
  constexpr size_t bytes = size_t(1) << 30;
  Result<DeviceMemory> from = gpu.allocate(bytes), to = gpu.allocate(bytes);
  if (!from.ok() || !to.ok())
    return from.ok() ? to.status() : from.status();
  return 2 * double(bytes) / timeOf(gpu, [&] {
           for (int i = 0; i < repeats; ++i)
             if (gpu.driver().memcpyDtoDAsync(to->get(), from->get(), bytes,
                                              gpu.stream()) != SUCCESS)
               return false;
           return true;
         });
}

namespace {
/// Of one launch.
struct Figures {
  double seconds, share;
};
using Row = std::map<std::string, Figures>; ///< by format

/// The launches of programs, by name and place among those of the program.
class Table {
public:
  Table(const Gpu &gpu, double copy) : gpu(gpu), copy(copy) {}

  /// Times the launches of FOLDER/NAME.FORMAT.mpx.
  Status time(const std::filesystem::path &program) {
    Result<std::unique_ptr<Loaded>> loaded = Loaded::open(gpu, program);
    if (!loaded.ok())
      return loaded.status();
    const std::string stem = program.stem();
    const size_t dot = stem.rfind('.');
    const size_t count = (*loaded)->launches().size();
    for (size_t i = 0; i < count; ++i) {
      Result<GraphExec> graph = (*loaded)->record(repeats, i);
      if (!graph.ok())
        return graph.status();
      const Launch &launch = (*loaded)->launches()[i];
      const double seconds = timeOf(gpu, *graph);
      const double bytes = double(launch.bytesRead + launch.bytesWritten);
      std::string name = stem.substr(0, dot);
      if (count > 1)
        name += " (" + std::to_string(i + 1) + ")";
      if (bytes >= least)
        rows[name][stem.substr(dot + 1)] = {seconds, bytes / seconds / copy};
    }
    return Status();
  }

  /// One line a launch; then which are below the bar.
  void print(std::FILE *csv) const {
    std::printf("| op | f32 us | of a copy | f16 us | of a copy | bf16 us | of "
                "a copy |\n|---|---:|---:|---:|---:|---:|---:|\n");
    for (const auto &[name, row] : rows) {
      std::printf("| %s |", name.c_str());
      for (const char *format : {"f32", "f16", "bf16"})
        if (auto found = row.find(format); found != row.end())
          std::printf(" %.1f | %.0f%% |", found->second.seconds * 1e6,
                      found->second.share * 100);
        else
          std::printf(" | |");
      std::printf("\n");
    }
    size_t count = 0;
    for (const auto &[name, row] : rows)
      for (const auto &[format, figures] : row) {
        ++count;
        if (figures.share < bar)
          std::printf("\nbelow %.2f: %s, %s: %.3f", bar, name.c_str(),
                      format.c_str(), figures.share);
        if (csv)
          std::fprintf(csv, "%s,%s,%.2f,%.4f\n", name.c_str(), format.c_str(),
                       figures.seconds * 1e6, figures.share);
      }
    std::printf("\n%zu launches\n", count);
  }

private:
  const Gpu &gpu;
  const double copy;
  std::map<std::string, Row> rows;
  static constexpr double least = 256e6; ///< bytes of a launch that counts
};
} // namespace

/// Those of the folder that are asked for, in the order of their names.
static std::vector<std::filesystem::path> programs(const Options &options) {
  std::vector<std::filesystem::path> found;
  std::error_code none;
  for (const auto &entry :
       std::filesystem::directory_iterator(options.folder, none))
    if (entry.path().extension() == ".mpx" &&
        options.wants(entry.path().stem().stem()) &&
        (!options.bf16 || entry.path().stem().extension() == ".bf16"))
      found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

int main(int argc, char **argv) {
  std::optional<Options> options = parseOptions(argc, argv);
  if (!options)
    return 2;
  const std::vector<std::filesystem::path> found = programs(*options);
  if (found.empty()) {
    std::fprintf(stderr,
                 "no such programs in '%s'; make them with "
                 "ops_programs\n",
                 options->folder.c_str());
    return 2;
  }
  Result<std::unique_ptr<Gpu>> gpu = Gpu::open();
  Result<double> copy = gpu.ok() ? copySpeed(**gpu) : gpu.status();
  if (!copy.ok()) {
    std::fprintf(stderr, "%s\n", copy.status().message().c_str());
    return 6;
  }
  std::printf("%s, whose copies make %.2f TB/s\n\n",
              (*gpu)->device().name.c_str(), *copy * 1e-12);
  Table table(**gpu, *copy);
  bool right = true;
  for (const std::filesystem::path &program : found)
    if (Status status = table.time(program); !status.ok()) {
      std::fprintf(stderr, "%s: %s\n", program.c_str(),
                   status.message().c_str());
      right = false;
    }
  File csv = openCsv(*options, "op,format,us,share");
  table.print(csv.get());
  return right ? 0 : 1;
}
