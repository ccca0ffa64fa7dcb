#include "tools/mpc/TuneVerb.h"
#include "compiler/pipeline/KernelTable.h"
#include "compiler/pipeline/Tuning.h"
#include "runtime/train/Verbs.h"
#include "tools/mpc/TemporaryFolder.h"
#include <fstream>
#include <iomanip>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

using nlohmann::json;

namespace mpc {
namespace {

struct Timed {
  std::string tile;
  double seconds = std::numeric_limits<double>::infinity();
};

// A round compiles the whole step with one tile for each product and times its
// launches as `mpc bench` does: what is measured is what will run, epilogues
// and all.
class Tuner {
public:
  Tuner(const TuneOptions &options, std::ostream &err)
      : options(options), err(err), tuning(options.compile) {}

  int run() {
    if (temporary.folder.empty()) {
      err << "error: cannot make a folder for artifacts in '"
          << doctor::temporaryFolder().string() << "'; set TMPDIR\n";
      return MPCRT_FILE;
    }
    int code = tuning.prepare();
    // What there is to try is known after the first round.
    for (size_t round = 0; code == 0 && (round == 0 || hasRound(round));
         ++round)
      code = time(round);
    return code;
  }

  KernelTable table() const {
    KernelTable table{device, {}};
    for (const auto &[product, best] : fastest)
      table.entries.push_back(
          {product, best.tile, best.seconds, chosen.at(product)});
    return table;
  }

private:
  const TuneOptions &options;
  std::ostream &err;
  TemporaryFolder temporary;
  Tuning tuning;
  std::string device;
  std::map<std::string, std::vector<std::string>> candidates; ///< by product
  std::map<std::string, double> chosen;
  std::map<std::string, Timed> fastest;

  bool hasRound(size_t round) const {
    for (const auto &[product, tiles] : candidates)
      if (round < tiles.size())
        return true;
    return false;
  }

  int time(size_t round) {
    std::map<std::string, std::string> tiles;
    for (const auto &[product, all] : candidates)
      if (round < all.size())
        tiles[product] = all[round];
    const std::string artifact = temporary.folder / "step.mpx";
    if (int code = tuning.compile(tiles, artifact))
      return code;
    if (round == 0 && tuning.products().empty()) {
      err << "error: '" << options.compile.model
          << "' has no product of f16 or bf16 matrices with rows of whole 16 "
             "bytes, so no tile to choose; see mpc explain for its types\n";
      return 4;
    }
    json report;
    if (int code = bench(artifact, report))
      return code;
    device = report["name"];
    if (round == 0)
      for (const auto &[function, product] : tuning.products())
        candidates[product] =
            Tuning::candidates(product, size_t(options.candidates));
    take(round, report["launches"]);
    return 0;
  }

  int bench(const std::string &artifact, json &report) {
    mpcrt::train::BenchOptions bench;
    bench.artifact = artifact;
    bench.device = options.device.empty() ? "0" : options.device;
    bench.steps = options.steps;
    bench.json = true;
    std::ostringstream printed;
    if (int code = mpcrt::train::runBench(bench, printed, err))
      return code;
    report = json::parse(printed.str());
    return 0;
  }

  // A product's time is the mean of its launches. Another tile than the
  // compiler's has to be faster by more than clocks and caches vary.
  void take(size_t round, const json &launches) {
    constexpr double margin = 0.01;
    std::map<std::string, std::pair<double, int>> sums;
    for (const json &launch : launches)
      if (auto kernel = tuning.products().find(launch["kernel"]);
          kernel != tuning.products().end()) {
        auto &[sum, count] = sums[kernel->second];
        sum += launch["seconds"].get<double>();
        ++count;
      }
    for (const auto &[product, all] : sums) {
      const std::vector<std::string> &tiles = candidates[product];
      const double seconds = all.first / all.second;
      if (round == 0)
        chosen[product] = seconds;
      const bool isFaster =
          round == 0 || seconds < chosen[product] * (1 - margin);
      if (round < tiles.size() && isFaster &&
          seconds < fastest[product].seconds)
        fastest[product] = {tiles[round], seconds};
    }
  }
};

int write(const std::string &path, const std::string &text, std::ostream &err) {
  const std::string unfinished = path + ".tmp";
  std::ofstream file(unfinished, std::ios::binary);
  file << text;
  file.close();
  std::error_code error;
  if (file)
    std::filesystem::rename(unfinished, path, error);
  if (file && !error)
    return 0;
  err << "error: cannot write '" << path
      << "'; check the folder and its permissions\n";
  std::filesystem::remove(unfinished, error);
  return MPCRT_FILE;
}

} // namespace

int runTune(const TuneOptions &options, std::ostream &out, std::ostream &err) {
  Tuner tuner(options, err);
  if (int code = tuner.run())
    return code;
  const KernelTable table = tuner.table();
  for (const KernelTableEntry &entry : table.entries)
    out << std::left << std::setw(32) << entry.product << ' ' << std::setw(16)
        << entry.tile << std::right << std::fixed << std::setprecision(2)
        << std::setw(9) << entry.seconds * 1e6 << " us, was " << std::setw(9)
        << entry.chosenSeconds * 1e6 << '\n';
  return write(options.compile.output, table.text(), err);
}

} // namespace mpc
