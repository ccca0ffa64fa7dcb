// What the verbs share.
#include "runtime/train/Verbs.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <new>
#include <unistd.h>

namespace mpcrt::train {

int report(std::ostream &err, const std::function<Status()> &body) {
  Status status;
  try {
    status = body();
  } catch (const std::bad_alloc &) {
    status = failure(MPCRT_OUT_OF_MEMORY,
                     "out of memory; use less data or a smaller batch");
  } catch (const std::exception &error) {
    status = failure(MPCRT_INTERNAL, "internal error: ", error.what());
  }
  if (!status.message.empty())
    err << "error: " << status.message << std::endl;
  return status.code;
}

Status openProgram(const CommonOptions &options, Program &program) {
  if (options.artifact.empty())
    return failure(MPCRT_USAGE, "no artifact given; pass the .mpx file that "
                                "mpc compile wrote");
  OpenOptions open{options.threads, options.device, options.seed};
  if (options.artifactBytes.empty())
    return program.open(options.artifact, open);
  return program.openMemory(options.artifactBytes, open);
}

bool splitSetting(const std::string &setting, std::string &name,
                  std::string &value) {
  size_t sign = setting.find('=');
  if (sign == std::string::npos)
    return false;
  name = setting.substr(0, sign);
  value = setting.substr(sign + 1);
  return !name.empty() && !value.empty();
}

Status checkOutput(const std::string &path,
                   std::initializer_list<std::string> read) {
  std::error_code error;
  for (const std::string &other : read)
    if (path == other || std::filesystem::equivalent(path, other, error))
      return failure(MPCRT_USAGE, "'", path, "' would be both read ",
                     path == other ? "" : text("(as '", other, "') "),
                     "and written; name another file");
  if (std::filesystem::is_directory(path, error))
    return failure(MPCRT_FILE, "cannot write '", path, "': it is a folder");
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (access(folder.empty() ? "." : folder.c_str(), W_OK) != 0)
    return failure(MPCRT_FILE, "cannot write '", path,
                   "': ", std::strerror(errno));
  return {};
}

} // namespace mpcrt::train
