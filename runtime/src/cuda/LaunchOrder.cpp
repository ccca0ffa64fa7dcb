#include "runtime/src/cuda/LaunchOrder.h"

#include <algorithm>
#include <limits>
#include <map>

namespace mpcrt::cuda {

namespace {
constexpr size_t nobody = std::numeric_limits<size_t>::max();

/// Who touched memory last. It is cut into ranges whose bytes all have the same
/// past; a write joins what it covers, so there are never many more ranges than
/// buffers.
class Memory {
public:
  /// Adds to `waits` the writers of what launch `reader` reads.
  void read(const Access &access, size_t reader, std::vector<size_t> &waits) {
    auto end = cut(access.end);
    for (auto at = cut(access.begin); at != end; ++at) {
      if (at->second.writer != nobody)
        waits.push_back(at->second.writer);
      at->second.readers.push_back(reader);
    }
  }

  /// Adds to `waits` who used what launch `writer` writes: the readers since
  /// the last write, each of which waits for that write, or else its writer.
  void write(const Access &access, size_t writer, std::vector<size_t> &waits) {
    auto begin = cut(access.begin), end = cut(access.end);
    for (auto at = begin; at != end; ++at) {
      const Past &past = at->second;
      waits.insert(waits.end(), past.readers.begin(), past.readers.end());
      if (past.readers.empty() && past.writer != nobody)
        waits.push_back(past.writer);
    }
    begin->second = {writer, {}};
    ranges.erase(std::next(begin), end);
  }

private:
  struct Past {
    size_t writer = nobody;
    std::vector<size_t> readers; ///< since then
  };
  /// By their first byte; each ends where the next one begins.
  std::map<uint64_t, Past> ranges = {{0, {}}};

  // The range that begins there.
  std::map<uint64_t, Past>::iterator cut(uint64_t offset) {
    auto next = ranges.lower_bound(offset);
    if (next != ranges.end() && next->first == offset)
      return next;
    return ranges.emplace_hint(next, offset, std::prev(next)->second);
  }
};

/// Who is behind whom, directly or not: a bit for each pair.
class Ancestors {
public:
  explicit Ancestors(size_t launches) : bits(launches) {}

  bool contains(size_t of, size_t launch) const {
    return launch / 64 < bits[of].size() &&
           bits[of][launch / 64] >> launch % 64 & 1;
  }
  /// Puts `of` behind `launch`, an earlier one.
  void add(size_t of, size_t launch) {
    bits[of].resize(of / 64 + 1);
    for (size_t i = 0; i < bits[launch].size(); ++i)
      bits[of][i] |= bits[launch][i];
    bits[of][launch / 64] |= uint64_t(1) << launch % 64;
  }

private:
  std::vector<std::vector<uint64_t>> bits;
};
} // namespace

std::vector<std::vector<size_t>>
waitsOf(const std::vector<std::vector<Access>> &launches) {
  Memory memory;
  Ancestors ancestors(launches.size());
  std::vector<std::vector<size_t>> waits(launches.size());
  for (size_t i = 0; i < launches.size(); ++i) {
    // Its own reads come before its writes.
    std::vector<size_t> used;
    for (bool writes : {false, true})
      for (const Access &access : launches[i])
        if (access.writes == writes && access.begin < access.end)
          writes ? memory.write(access, i, used) : memory.read(access, i, used);
    // The latest first: no earlier one waits for a later one.
    std::sort(used.begin(), used.end(), std::greater<>());
    for (size_t launch : used)
      if (launch != i && !ancestors.contains(i, launch)) {
        ancestors.add(i, launch);
        waits[i].push_back(launch);
      }
    std::reverse(waits[i].begin(), waits[i].end());
  }
  return waits;
}

} // namespace mpcrt::cuda
