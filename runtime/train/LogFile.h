// The log of a run for programs: one JSON object per line.
#ifndef MPCRT_TRAIN_LOGFILE_H
#define MPCRT_TRAIN_LOGFILE_H

#include "runtime/train/Status.h"

#include <cstdint>
#include <cstdio>
#include <memory>

namespace mpcrt::train {

/// Builds one flat JSON object. NaN and infinity, which JSON lacks, become
/// null; an f32 is written with the digits that give it back.
class JsonLine {
public:
  JsonLine &add(const char *key, int64_t value);
  JsonLine &add(const char *key, bool value);
  JsonLine &add(const char *key, float value);
  JsonLine &add(const char *key, double value);
  /// `value` must not need escapes.
  JsonLine &add(const char *key, const char *value);

  /// The object, without a line's end.
  std::string str() const { return body + "}"; }

private:
  JsonLine &raw(const char *key, std::string_view value);

  std::string body = "{";
};

/// A file that takes lines; each is handed to the system at once, so that
/// others can follow the run.
class LogFile {
public:
  /// Opens the file, emptied or at its end. MPCRT_FILE if that fails.
  Status open(const std::string &path, bool append);
  bool isOpen() const { return file != nullptr; }
  /// Writes a line. The first failure is reported (MPCRT_FILE) and closes the
  /// log.
  Status write(const JsonLine &line);

private:
  std::string path;
  std::unique_ptr<std::FILE, int (*)(std::FILE *)> file{nullptr, &std::fclose};
};

} // namespace mpcrt::train

#endif
