#include "runtime/src/FreeMemory.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace mpcrt {

namespace {
constexpr uint64_t unlimited = std::numeric_limits<uint64_t>::max();

// The number behind a word of a file in which each line is a word, a number
// and perhaps a unit.
std::optional<uint64_t> numberAfter(const std::string &path,
                                    const std::string &word) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(word))
      return std::strtoull(line.c_str() + word.size(), nullptr, 10);
  return std::nullopt;
}

uint64_t lessOrZero(uint64_t limit, uint64_t used) {
  return limit > used ? limit - used : 0;
}

uint64_t systemLeaves() {
  const std::string path = "/proc/meminfo";
  std::optional<uint64_t> memory = numberAfter(path, "MemAvailable:");
  if (!memory)
    return unlimited;
  return (*memory + numberAfter(path, "SwapFree:").value_or(0)) * 1024;
}

// Of version 2; files that the kernel caches give way when memory is needed.
uint64_t groupLeaves() {
  std::ifstream groups("/proc/self/cgroup");
  std::string folder;
  for (std::string line; std::getline(groups, line);)
    if (line.starts_with("0::"))
      folder = "/sys/fs/cgroup" + line.substr(3) + "/";
  std::optional<uint64_t> most = numberAfter(folder + "memory.max", "");
  std::optional<uint64_t> used = numberAfter(folder + "memory.current", "");
  // The word `max` reads as 0.
  if (!most || !used || *most == 0)
    return unlimited;
  const std::string detail = folder + "memory.stat";
  uint64_t cached = numberAfter(detail, "inactive_file ").value_or(0) +
                    numberAfter(detail, "active_file ").value_or(0);
  return lessOrZero(*most, lessOrZero(*used, cached));
}

uint64_t addressesLeave() {
  rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return unlimited;
  uint64_t pages = numberAfter("/proc/self/statm", "").value_or(0);
  return lessOrZero(limit.rlim_cur, pages * uint64_t(sysconf(_SC_PAGESIZE)));
}
} // namespace

uint64_t freeMemory() {
  return std::min({systemLeaves(), groupLeaves(), addressesLeave()});
}

} // namespace mpcrt
