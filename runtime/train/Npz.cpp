#include "runtime/train/Npz.h"

#include <cstring>
#include <zip.h>

namespace mpcrt::train {
namespace {

struct CloseMember {
  void operator()(zip_file_t *member) const { zip_fclose(member); }
};

class MemberSource : public ByteSource {
public:
  MemberSource(zip_file_t *member, std::string what, uint64_t bytes)
      : member(member), what(std::move(what)), bytes(bytes) {}

  Status read(void *data, size_t size, size_t &got) override {
    zip_int64_t count = zip_fread(member.get(), data, size);
    if (count < 0)
      return failure(MPCRT_INVALID_DATA, what, " is damaged: ",
                     zip_error_strerror(zip_file_get_error(member.get())),
                     "; write the file again");
    got = size_t(count);
    return {};
  }

  uint64_t claimedBytes() const override { return bytes; }

private:
  std::unique_ptr<zip_file_t, CloseMember> member;
  std::string what;
  uint64_t bytes;
};

/// Opens member `index` of the archive.
Status openMember(zip_t *archive, uint64_t index, const std::string &what,
                  std::unique_ptr<MemberSource> &source) {
  zip_stat_t stat;
  zip_stat_init(&stat);
  if (zip_stat_index(archive, index, 0, &stat) != 0 ||
      !(stat.valid & ZIP_STAT_SIZE))
    return failure(MPCRT_INVALID_DATA, what, " has no size in the archive");
  zip_file_t *member = zip_fopen_index(archive, index, 0);
  if (!member)
    return failure(MPCRT_INVALID_DATA, "cannot read ", what, ": ",
                   zip_strerror(archive),
                   "; write the file again with numpy.savez");
  source = std::make_unique<MemberSource>(member, what, stat.size);
  return {};
}

Status openFailure(const std::string &path, zip_error_t &error) {
  int kind = zip_error_code_zip(&error);
  bool content = kind == ZIP_ER_NOZIP || kind == ZIP_ER_INCONS;
  Status status =
      failure(content ? MPCRT_INVALID_DATA : MPCRT_FILE, "cannot open '", path,
              "' as .npz: ", zip_error_strerror(&error),
              content ? "; expected an archive that numpy.savez wrote" : "");
  zip_error_fini(&error);
  return status;
}

} // namespace

void NpzReader::CloseZip::operator()(zip *archive) const {
  zip_discard(archive);
}

Status NpzReader::open(const std::string &file) {
  path = file;
  int code = 0;
  archive.reset(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (!archive) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    return openFailure(path, error);
  }
  return index();
}

Status NpzReader::openMemory(const void *data, size_t size,
                             const std::string &name) {
  path = name;
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t *source = zip_source_buffer_create(data, size, 0, &error);
  if (!source)
    return openFailure(path, error);
  archive.reset(zip_open_from_source(source, ZIP_RDONLY, &error));
  if (!archive) {
    zip_source_free(source);
    return openFailure(path, error);
  }
  zip_error_fini(&error);
  return index();
}

Status NpzReader::index() {
  members.clear();
  zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char *raw = zip_get_name(archive.get(), zip_uint64_t(i), 0);
    std::string_view name = raw ? raw : "";
    if (!name.ends_with(".npy"))
      continue;
    name.remove_suffix(4);
    if (!members.emplace(name, uint64_t(i)).second)
      return failure(MPCRT_INVALID_DATA, "'", path, "' has two arrays named '",
                     name, "'; write the file again with numpy.savez");
  }
  return {};
}

std::vector<std::string> NpzReader::names() const {
  std::vector<std::string> names;
  for (const auto &[name, index] : members)
    names.push_back(name);
  return names;
}

std::string NpzReader::describe(const std::string &name) const {
  return text("array '", name, "' of '", path, "'");
}

Status NpzReader::header(const std::string &name, NpyHeader &header) const {
  std::unique_ptr<MemberSource> source;
  std::string what = describe(name);
  Status status = openMember(archive.get(), members.at(name), what, source);
  return status.ok() ? readNpyHeader(*source, what, header) : status;
}

Status NpzReader::read(const std::string &name, uint64_t maxBytes,
                       Array &array) const {
  std::unique_ptr<MemberSource> source;
  std::string what = describe(name);
  NpyHeader header;
  Status status = openMember(archive.get(), members.at(name), what, source);
  if (status.ok())
    status = readNpyHeader(*source, what, header);
  if (status.ok())
    status = readNpyData(*source, what, header, maxBytes, array);
  return status;
}

Status writeNpz(const std::string &path,
                const std::vector<NamedArray> &arrays) {
  int code = 0;
  zip_t *archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
  if (!archive) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    Status status = failure(MPCRT_FILE, "cannot create '", path,
                            "': ", zip_error_strerror(&error));
    zip_error_fini(&error);
    return status;
  }
  auto failed = [&] {
    Status status = failure(MPCRT_FILE, "cannot write '", path,
                            "': ", zip_strerror(archive));
    zip_discard(archive);
    return status;
  };
  // The bytes of every member must live until zip_close writes them.
  std::vector<std::string> contents;
  contents.reserve(arrays.size());
  for (const NamedArray &entry : arrays) {
    const Array &array = *entry.array;
    std::string &bytes =
        contents.emplace_back(npyHeaderBytes(array.element, array.shape));
    bytes.append(reinterpret_cast<const char *>(array.bytes.data()),
                 array.bytes.size());
    zip_source_t *source =
        zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
    if (!source)
      return failed();
    zip_int64_t index = zip_file_add(archive, (entry.name + ".npy").c_str(),
                                     source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(source);
      return failed();
    }
    constexpr zip_uint16_t firstDosDay = (1 << 5) | 1; // 1980-01-01
    if (zip_set_file_compression(archive, zip_uint64_t(index), ZIP_CM_STORE,
                                 0) != 0 ||
        zip_file_set_dostime(archive, zip_uint64_t(index), 0, firstDosDay, 0) !=
            0)
      return failed();
  }
  return zip_close(archive) == 0 ? Status() : failed();
}

} // namespace mpcrt::train
