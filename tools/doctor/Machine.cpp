// The processor, its threads, memory and temporary files.
#include "tools/doctor/Parts.h"
#include <fstream>
#include <iomanip>
#include <sched.h>
#include <sstream>
#include <unistd.h>

namespace fs = std::filesystem;

namespace mpc::doctor {
namespace {

// What artifacts use unless they are compiled with --cpu native: x86-64-v3 over
// the 64-bit base. The last three are what 16-bit formats and sums rest on.
constexpr const char *baseFeatures[] = {"bmi", "bmi2", "lzcnt", "movbe",
                                        "avx", "avx2", "fma",   "f16c"};
constexpr const char *avx512Features[] = {"avx512f", "avx512bw", "avx512cd",
                                          "avx512dq", "avx512vl"};

template <size_t N>
std::string missingFeatures(const Places &places,
                            const char *const (&features)[N]) {
  std::string missing;
  for (const char *feature : features)
    if (!places.cpuHas(feature))
      missing += (missing.empty() ? "" : ", ") + std::string(feature);
  return missing;
}

// What stands behind `key` and a colon in a file such as /proc/cpuinfo.
std::string fieldOf(const fs::path &path, const std::string &key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    size_t colon = line.find(':');
    if (line.rfind(key, 0) != 0 || colon == std::string::npos)
      continue;
    size_t start = line.find_first_not_of(" \t", colon + 1);
    return start == std::string::npos ? "" : line.substr(start);
  }
  return "";
}

// A number of kibibytes of /proc/meminfo, in bytes; 0 if it is not there.
uint64_t memoryField(const Places &places, const std::string &key) {
  std::istringstream text(fieldOf(places.root / "proc/meminfo", key));
  uint64_t kibibytes = 0;
  text >> kibibytes;
  return kibibytes * 1024;
}

// What the control group of a container allows; 0 if there is no limit.
uint64_t memoryLimit(const Places &places) {
  std::ifstream file(places.root / "sys/fs/cgroup/memory.max");
  uint64_t bytes = 0;
  return file >> bytes ? bytes : 0;
}

} // namespace

std::string gibibytes(uint64_t bytes) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(1)
       << double(bytes) / double(uint64_t(1) << 30) << " GiB";
  return text.str();
}

Finding examineCpu(const Places &places) {
  Finding finding;
  finding.name = "cpu";
  finding.needed = true;
  std::string missing = missingFeatures(places, baseFeatures);
  std::string name = fieldOf(places.root / "proc/cpuinfo", "model name");
  finding.found = missing.empty();
  finding.what = name.empty() ? "this CPU" : name;
  finding.what += finding.found
                      ? " has AVX2, FMA, F16C and the rest of x86-64-v3"
                      : " lacks " + missing;
  finding.lost = "running artifacts of the cpu target";
  finding.next = "use an x86-64 CPU with AVX2, FMA and F16C (Intel since 2013, "
                 "AMD since 2015), or let the virtual machine show them";
  return finding;
}

Finding examineAvx512(const Places &places) {
  Finding finding;
  finding.name = "avx512";
  std::string missing = missingFeatures(places, avx512Features);
  finding.found = missing.empty();
  finding.what = finding.found ? "AVX-512 F, BW, CD, DQ and VL"
                               : "this CPU lacks " + missing;
  finding.lost = "what `mpc compile --cpu native` gains from wider vectors";
  finding.next = "nothing has to be done";
  return finding;
}

Finding examineThreads() {
  Finding finding;
  finding.name = "threads";
  finding.needed = true;
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  // Fails on machines with more CPUs than the set can hold.
  int usable = sched_getaffinity(0, sizeof(allowed), &allowed) == 0
                   ? CPU_COUNT(&allowed)
                   : int(sysconf(_SC_NPROCESSORS_ONLN));
  finding.found = usable >= 1;
  finding.what = std::to_string(usable) + " of " +
                 std::to_string(sysconf(_SC_NPROCESSORS_ONLN)) +
                 " CPUs, which is also the default of --threads";
  finding.lost = "speed; results do not depend on the number of threads";
  finding.next = "let the process use more CPUs";
  return finding;
}

Finding examineMemory(const Places &places) {
  Finding finding;
  finding.name = "memory";
  uint64_t total = memoryField(places, "MemTotal");
  uint64_t available = memoryField(places, "MemAvailable");
  uint64_t limit = memoryLimit(places);
  finding.found = total != 0;
  finding.what = finding.found ? gibibytes(available) + " of " +
                                     gibibytes(total) + " available"
                               : "/proc/meminfo cannot be read";
  if (limit != 0 && limit < total)
    finding.what += ", limited to " + gibibytes(limit) + " by a control group";
  finding.lost = "knowing the size of memory; `mpc inspect` tells what an "
                 "artifact needs";
  finding.next = "mount /proc";
  return finding;
}

Finding examineTemporary(const Places &places) {
  Finding finding;
  finding.name = "temporary-files";
  finding.needed = true;
  std::string name = (places.temporary / "mpc-XXXXXX").string();
  finding.found = mkdtemp(name.data()) != nullptr;
  std::error_code error;
  if (finding.found) {
    fs::remove(name, error);
    fs::space_info space = fs::space(places.temporary, error);
    finding.what = places.temporary.string() + " is writable";
    if (!error)
      finding.what += ", " + gibibytes(space.available) + " free";
  } else {
    finding.what = places.temporary.string() + " is not a writable folder";
  }
  finding.lost = "`mpc eval` of a model that is not compiled";
  finding.next = "set TMPDIR to a writable folder";
  return finding;
}

} // namespace mpc::doctor
