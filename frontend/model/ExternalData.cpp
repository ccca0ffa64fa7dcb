// Files beside a model that hold weights. A model is data from elsewhere, so it
// may name files in its own folder only.
#include "frontend/model/OnnxTensor.h"

#include <algorithm>
#include <filesystem>

namespace mpc::frontend {

namespace fs = std::filesystem;
using mpcrt::Code;

mpcrt::Result<std::string> externalPath(const std::string &modelPath,
                                        const std::string &location) {
  auto refuse = [&](const char *reason) {
    return mpcrt::Status(Code::InvalidData,
                         "external data '" + location + "' " + reason +
                             "; keep weight files in the model's folder");
  };
  fs::path relative(location);
  if (relative.is_absolute())
    return refuse("has an absolute path");
  if (location.empty() || location.find('\0') != std::string::npos)
    return refuse("is no file name");
  for (const fs::path &part : relative)
    if (part == "..")
      return refuse("leaves the model's folder through '..'");

  std::error_code error;
  fs::path folder = fs::path(modelPath).parent_path();
  folder = fs::canonical(folder.empty() ? "." : folder, error);
  if (error)
    return std::string();
  fs::path file = folder / relative;
  fs::file_status status = fs::status(file, error);
  if (status.type() == fs::file_type::not_found)
    return std::string();
  fs::path real = fs::canonical(file, error);
  if (error)
    return std::string();
  if (std::mismatch(folder.begin(), folder.end(), real.begin(), real.end())
          .first != folder.end())
    return refuse("leaves the model's folder through a symbolic link");
  if (!fs::is_regular_file(real, error))
    return refuse("is not a regular file");
  return real.string();
}

mpcrt::Status checkExternal(const Tensor &tensor, const std::string &path) {
  std::error_code error;
  uint64_t found = fs::file_size(path, error);
  if (error)
    return {Code::File, "cannot read '" + path + "': " + error.message() +
                            "; check its permissions"};
  uint64_t offset = tensor.bytes.offset;
  uint64_t length = tensor.bytes.length;
  if (offset <= found && length <= found - offset)
    return {};
  return {Code::InvalidData,
          "tensor '" + tensor.name + "' wants " + std::to_string(length) +
              " bytes at offset " + std::to_string(offset) + " of '" +
              tensor.bytes.file + "', which has " + std::to_string(found) +
              " bytes; the file is incomplete, copy or export it again"};
}

} // namespace mpc::frontend
