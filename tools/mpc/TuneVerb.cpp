#include "tools/mpc/TuneVerb.h"
#include "compiler/pipeline/Tuning.h"
#include "runtime/train/Verbs.h"
#include "tools/mpc/TemporaryFolder.h"
#include <fstream>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <sstream>

using nlohmann::json;

namespace mpc {
namespace {

// Times a step's launches as `mpc bench` does.
int time(const TuneOptions &options, const std::string &artifact, json &report,
         std::ostream &err) {
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

int measure(const TuneOptions &options, Tuning &tuning,
            const std::string &artifact, std::string &device,
            std::ostream &err) {
  int code = tuning.prepare();
  while (code == 0 && tuning.hasRound()) {
    json report;
    code = tuning.compile(artifact);
    if (code == 0)
      code = time(options, artifact, report, err);
    if (code)
      return code;
    device = report["name"];
    std::vector<std::pair<std::string, double>> launches;
    for (const json &launch : report["launches"])
      launches.emplace_back(launch["kernel"], launch["seconds"]);
    tuning.take(launches);
  }
  return code;
}

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
  TemporaryFolder temporary;
  if (temporary.folder.empty()) {
    err << "error: cannot make a folder for artifacts in '"
        << doctor::temporaryFolder().string() << "'; set TMPDIR\n";
    return MPCRT_FILE;
  }
  Tuning tuning(options.compile, size_t(options.candidates));
  std::string device;
  if (int code =
          measure(options, tuning, temporary.folder / "step.mpx", device, err))
    return code;
  const KernelTable table = tuning.table(device);
  for (const KernelTableEntry &entry : table.entries)
    out << std::left << std::setw(32) << entry.product << ' ' << std::setw(16)
        << entry.tile << std::right << std::fixed << std::setprecision(2)
        << std::setw(9) << entry.seconds * 1e6 << " us, was " << std::setw(9)
        << entry.chosenSeconds * 1e6 << '\n';
  return write(options.compile.output, table.text(), err);
}

} // namespace mpc
