// NumPy's .npz format: a zip archive of .npy members. The zip part is libzip's.
#ifndef MPCRT_TRAIN_NPZ_H
#define MPCRT_TRAIN_NPZ_H

#include "runtime/train/Npy.h"

#include <map>
#include <memory>

struct zip;

namespace mpcrt::train {

/// An open .npz file. Arrays are read one by one, so that members nobody asks
/// for (objects, texts) do no harm.
class NpzReader {
public:
  /// Opens a file. A missing or unreadable file gives MPCRT_FILE, one that is
  /// no zip archive or has two members of one name MPCRT_INVALID_DATA.
  Status open(const std::string &path);
  /// The same for an archive in memory, which must outlive the reader; `name`
  /// stands for the path in messages.
  Status openMemory(const void *data, size_t size, const std::string &name);

  /// The arrays' names, sorted, without the ending `.npy`.
  std::vector<std::string> names() const;
  bool has(const std::string &name) const { return members.count(name) != 0; }
  /// `array 'x' of 'F.npz'`, for messages.
  std::string describe(const std::string &name) const;

  /// Reads the header of an array that `has` knows.
  Status header(const std::string &name, NpyHeader &header) const;
  /// Reads an array that `has` knows, of at most `maxBytes`.
  Status read(const std::string &name, uint64_t maxBytes, Array &array) const;

private:
  struct CloseZip {
    void operator()(zip *archive) const;
  };

  Status index();

  std::string path;
  std::unique_ptr<zip, CloseZip> archive;
  std::map<std::string, uint64_t> members;
};

/// An array to be written; the bytes stay the caller's.
struct NamedArray {
  std::string name;
  const Array *array;
};

/// Writes arrays as stored (not compressed) members in the given order. Members
/// carry the date 1980-01-01, so equal arrays give equal files. The file
/// appears under its name only when it is whole.
Status writeNpz(const std::string &path, const std::vector<NamedArray> &arrays);

} // namespace mpcrt::train

#endif
