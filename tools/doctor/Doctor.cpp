#include "tools/doctor/Doctor.h"
#include "runtime/src/CpuFeatures.h"
#include "tools/doctor/Parts.h"
#include <cstdlib>

namespace fs = std::filesystem;

namespace mpc::doctor {
namespace {

std::string environment(const char *name) {
  const char *value = std::getenv(name);
  return value ? value : "";
}

} // namespace

fs::path temporaryFolder() {
  for (const char *name : {"TMPDIR", "TMP", "TEMP", "TEMPDIR"})
    if (std::string folder = environment(name); !folder.empty())
      return folder;
  return "/tmp";
}

Places thisMachine() {
  Places places;
  static_cast<ToolkitPlaces &>(places) = toolkitPlaces();
  places.cpuHas = mpcrt::cpuHas;
  places.temporary = temporaryFolder();
  places.driver = "libcuda.so.1";
  return places;
}

Finding examineDot(const Places &places) {
  Finding finding;
  finding.name = "dot";
  fs::path dot = findProgram("dot", places.path);
  finding.found = !dot.empty();
  finding.what = finding.found ? dot.string() : "not in PATH";
  finding.lost = "pictures of what `mpc explain --dot` prints";
  finding.next = "install Graphviz";
  return finding;
}

bool Report::ready() const {
  for (const Finding &finding : findings)
    if (finding.needed && !finding.found)
      return false;
  return true;
}

Report examine(const Places &places) {
  Report report;
  report.findings = {
      examineCpu(places),       examineAvx512(places),
      examineThreads(),         examineMemory(places),
      examineTemporary(places), examineDriver(places, report.devices),
      examinePtxas(places),     examineLibdevice(places),
      examineDot(places),
  };
  return report;
}

} // namespace mpc::doctor
