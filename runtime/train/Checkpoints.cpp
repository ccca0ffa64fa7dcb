#include "runtime/train/Checkpoints.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <unistd.h>

namespace fs = std::filesystem;

namespace mpcrt::train {
namespace {

constexpr std::string_view prefix = "step-", suffix = ".safetensors";

/// N of a file named step-N.safetensors.
std::optional<int64_t> stepOf(const fs::path &path) {
  std::string name = path.filename().string();
  if (!name.starts_with(prefix) || !name.ends_with(suffix) ||
      name.size() <= prefix.size() + suffix.size())
    return std::nullopt;
  const char *end = name.data() + name.size() - suffix.size();
  int64_t step = 0;
  auto [stop, error] = std::from_chars(name.data() + prefix.size(), end, step);
  if (error != std::errc() || stop != end || step < 0)
    return std::nullopt;
  return step;
}

/// Makes a rename durable; a file system that cannot is left as it is.
void syncFolder(const fs::path &folder) {
  int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0)
    return;
  fsync(descriptor);
  ::close(descriptor);
}

} // namespace

fs::path Checkpoints::pathOf(int64_t step) const {
  return folder / text(prefix, step, suffix);
}

Status Checkpoints::open(const std::string &name, bool resume) {
  folder = name;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return failure(MPCRT_FILE, "cannot create checkpoint folder '", name,
                   "': ", error.message());
  std::string probe = (folder / ".probe-XXXXXX").string();
  int descriptor = mkstemp(probe.data());
  if (descriptor < 0)
    return failure(MPCRT_FILE, "cannot write to checkpoint folder '", name,
                   "': ", std::strerror(errno));
  ::close(descriptor);
  ::unlink(probe.c_str());
  if (!resume && !candidates().empty())
    return failure(MPCRT_USAGE, "'", name,
                   "' has checkpoints of an earlier run; go on with --resume, "
                   "or name another folder");
  return {};
}

Status Checkpoints::checkSpace(uint64_t bytes) const {
  std::error_code error;
  fs::space_info space = fs::space(folder, error);
  if (error || space.available >= bytes)
    return {};
  return failure(MPCRT_FILE, "the disk of checkpoint folder '", folder.string(),
                 "' has ", space.available,
                 " bytes free, but a checkpoint "
                 "takes ",
                 bytes, "; free some, or name another folder");
}

Status Checkpoints::save(const Program &program, const mpcrt_loop &loop) const {
  fs::path path = pathOf(loop.attempted_steps);
  if (mpcrt_code code = mpcrt_save(program.get(), path.c_str(), &loop);
      code != MPCRT_OK)
    return program.check(code);
  fs::path latest = folder / "latest", next = folder / "latest.tmp";
  std::error_code error;
  fs::remove(next, error);
  fs::create_hard_link(path, next, error);
  if (error) {
    error.clear();
    fs::copy_file(path, next, error);
  }
  if (!error)
    fs::rename(next, latest, error);
  if (error)
    return failure(MPCRT_FILE, "cannot write '", latest.string(),
                   "': ", error.message());
  // Renaming onto another name of the same file leaves both.
  fs::remove(next, error);
  syncFolder(folder);
  return {};
}

std::vector<fs::path> Checkpoints::candidates() const {
  std::vector<std::pair<int64_t, fs::path>> steps;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error))
    if (std::optional<int64_t> step = stepOf(it->path()))
      steps.emplace_back(*step, it->path());
  std::sort(steps.rbegin(), steps.rend());
  std::vector<fs::path> paths;
  if (fs::exists(folder / "latest", error))
    paths.push_back(folder / "latest");
  for (auto &[step, path] : steps)
    paths.push_back(std::move(path));
  return paths;
}

Status
Checkpoints::load(const Program &program, mpcrt_loop &loop,
                  const std::function<void(const std::string &)> &warn) const {
  std::vector<fs::path> paths = candidates();
  if (paths.empty())
    return failure(MPCRT_FILE, "no checkpoint in '", folder.string(),
                   "'; start without --resume");
  Status first;
  for (const fs::path &path : paths) {
    mpcrt_code code = mpcrt_load(program.get(), path.c_str(), &loop);
    if (code == MPCRT_OK) {
      if (!first.ok())
        warn(text(first.message, "; going on from '", path.string(), "'"));
      return {};
    }
    if (first.ok())
      first = program.check(code);
    if (code != MPCRT_DAMAGED && code != MPCRT_FILE)
      return program.check(code);
  }
  return first;
}

} // namespace mpcrt::train
