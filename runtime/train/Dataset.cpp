#include "runtime/train/Dataset.h"

#include <algorithm>
#include <cstring>

namespace mpcrt::train {
namespace {

std::string listed(const std::vector<std::string> &names) {
  std::string list;
  for (const std::string &name : names)
    list += (list.empty() ? "" : ", ") + name;
  return list.empty() ? "nothing" : list;
}

} // namespace

/// The arrays of an .npz file or of .npy files, behind one face.
class Dataset::Source {
public:
  Source(const DataFiles &files, uint64_t maxBytes)
      : files(files), maxBytes(maxBytes) {}

  Status open() {
    if (files.npz.empty())
      return {};
    if (files.npz.ends_with(".npy"))
      return failure(MPCRT_USAGE, "'", files.npz,
                     "' is one array; --data and --val take .npz files that "
                     "numpy.savez wrote");
    return npz.open(files.npz);
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names = npzNames();
    for (const auto &[name, path] : files.arrays)
      names.push_back(name);
    return names;
  }

  bool has(const std::string &name) const {
    std::vector<std::string> all = names();
    return std::find(all.begin(), all.end(), name) != all.end();
  }

  std::string describe(const std::string &name) const {
    const std::string *path = fileOf(name);
    return path ? text("array '", name, "' of '", *path, "'")
                : npz.describe(name);
  }

  Status shape(const std::string &name, std::vector<int64_t> &shape) const {
    const std::string *path = fileOf(name);
    NpyHeader header;
    Status status =
        path ? readNpyFileHeader(*path, header) : npz.header(name, header);
    shape = header.shape;
    return status;
  }

  Status read(const std::string &name, Array &array) const {
    const std::string *path = fileOf(name);
    return path ? readNpyFile(*path, maxBytes, array)
                : npz.read(name, maxBytes, array);
  }

  /// What messages call the whole.
  std::string title() const {
    return files.npz.empty() ? "the data" : text("'", files.npz, "'");
  }

private:
  std::vector<std::string> npzNames() const {
    return files.npz.empty() ? std::vector<std::string>() : npz.names();
  }
  const std::string *fileOf(const std::string &name) const {
    for (const auto &[key, path] : files.arrays)
      if (key == name)
        return &path;
    return nullptr;
  }

  const DataFiles &files;
  uint64_t maxBytes;
  NpzReader npz;
};

bool sampleShape(const TensorSpec &spec, int64_t batch,
                 std::vector<int64_t> &shape) {
  if (batch < 1 || spec.shape.empty() || spec.shape[0] < batch ||
      spec.shape[0] % batch != 0)
    return false;
  shape.assign(spec.shape.begin() + 1, spec.shape.end());
  if (spec.shape[0] != batch)
    shape.insert(shape.begin(), spec.shape[0] / batch);
  return true;
}

void Dataset::Column::gather(std::span<const int64_t> indices) {
  for (size_t i = 0; i < indices.size(); ++i)
    std::memcpy(&batch[i * sampleBytes],
                &bytes[size_t(indices[i]) * sampleBytes], sampleBytes);
}

void Dataset::gather(std::span<const int64_t> indices) {
  gathered.assign(indices.begin(), indices.end());
  if (!whole)
    for (Column &column : columns)
      column.gather(indices);
  if (hasLabels())
    label.gather(indices);
}

Status Dataset::loadColumn(Source &source, const std::string &name,
                           const TensorSpec &spec, const std::string &role,
                           int64_t batch, const DataOptions &options,
                           Column &column) {
  std::vector<int64_t> wanted, found;
  std::string what = source.describe(name);
  if (!sampleShape(spec, batch, wanted))
    return failure(MPCRT_INVALID_DATA, role, " has shape ",
                   shapeText(spec.shape), ", but a batch has ", batch,
                   " samples; expected a first dimension that is a multiple");
  if (Status status = source.shape(name, found); !status.ok())
    return status;
  if (found.empty())
    return failure(MPCRT_INVALID_DATA, what,
                   " is a scalar; expected one row per sample");
  std::vector<int64_t> sample(found.begin() + 1, found.end());
  if (sample != wanted)
    return failure(MPCRT_INVALID_DATA, what, " has sample shape ",
                   shapeText(sample), ", but ", role, " wants ",
                   shapeText(wanted),
                   "; reshape the data or compile the model for it");
  if (count >= 0 && found[0] != count)
    return failure(MPCRT_INVALID_DATA, what, " has ", found[0],
                   " samples, but ", countedBy, " has ", count,
                   "; expected the same number in every array");
  count = found[0];
  countedBy = what;
  Array array;
  if (Status status = source.read(name, array); !status.ok())
    return status;
  std::string note;
  Status status = convertArray(array, what, spec.dtype,
                               {options.allowNonfinite}, column.bytes, note);
  if (status.ok() && !note.empty() && options.note)
    options.note(note);
  column.sampleBytes = size_t(elementCount(wanted)) * dtypeBytes(spec.dtype);
  column.batch.resize(column.sampleBytes * size_t(batch));
  return status;
}

Status Dataset::checkClasses(const std::string &what,
                             const LabelSpec &spec) const {
  size_t size = dtypeBytes(spec.tensor.dtype);
  for (size_t i = 0; i < label.bytes.size() / size; ++i) {
    int64_t value = elementAsInteger(spec.tensor.dtype, label.bytes.data(), i);
    if ((value >= 0 && value < spec.classes) || value == spec.ignoreIndex)
      continue;
    return failure(MPCRT_INVALID_DATA, what, " has label ", value,
                   " at sample ", i / (label.sampleBytes / size),
                   "; expected 0 to ", spec.classes - 1, ", or ",
                   spec.ignoreIndex, " for a label to ignore");
  }
  return {};
}

bool Dataset::allLabelsIgnored(const LabelSpec &spec,
                               std::span<const int64_t> samples) const {
  if (spec.classes == 0 || !hasLabels())
    return false;
  mpcrt_dtype dtype = spec.tensor.dtype;
  const size_t each = label.sampleBytes / dtypeBytes(dtype);
  for (int64_t sample : samples)
    for (size_t i = 0; i < each; ++i)
      if (elementAsInteger(dtype, label.bytes.data(),
                           size_t(sample) * each + i) != spec.ignoreIndex)
        return false;
  return true;
}

// The arrays of the inputs, and whether they are one batch as they are.
Status Dataset::findArrays(Source &source, const Program &program,
                           bool allowWhole, std::vector<std::string> &names) {
  whole = allowWhole;
  for (const TensorSpec &spec : program.inputs()) {
    std::string name = spec.name;
    if (!source.has(name) && program.inputs().size() == 1 && source.has("x"))
      name = "x";
    if (!source.has(name))
      return failure(MPCRT_INVALID_DATA, source.title(),
                     " has no array for model input '", spec.name, "'; found ",
                     listed(source.names()));
    names.push_back(name);
    std::vector<int64_t> found;
    if (whole)
      if (Status status = source.shape(name, found); !status.ok())
        return status;
    whole = whole && found == spec.shape;
  }
  return {};
}

Status Dataset::loadWhole(const Source &source, const std::string &name,
                          const TensorSpec &spec, const DataOptions &options,
                          Column &column) {
  Array array;
  std::string what = source.describe(name), note;
  Status status = source.read(name, array);
  if (status.ok())
    status = convertArray(array, what, spec.dtype, {options.allowNonfinite},
                          column.batch, note);
  if (status.ok() && !note.empty() && options.note)
    options.note(note);
  return status;
}

Status Dataset::load(const DataFiles &files, const Program &program,
                     const DataOptions &options) {
  Source source(files, options.maxBytes);
  if (Status status = source.open(); !status.ok())
    return status;
  std::vector<std::string> names;
  if (Status status = findArrays(source, program, options.wholeBatch, names);
      !status.ok())
    return status;
  if (whole) {
    count = program.batch();
    countedBy = "a batch of the model";
  }
  columns.assign(program.inputs().size(), {});
  for (size_t i = 0; i < columns.size(); ++i) {
    const TensorSpec &spec = program.inputs()[i];
    Status status = whole
                        ? loadWhole(source, names[i], spec, options, columns[i])
                        : loadColumn(source, names[i], spec,
                                     text("model input '", spec.name, "'"),
                                     program.batch(), options, columns[i]);
    if (!status.ok())
      return status;
  }
  const std::optional<LabelSpec> &spec = program.label();
  bool present = source.has(options.labelName);
  if (spec && !present && options.labelsRequired)
    return failure(MPCRT_INVALID_DATA, source.title(),
                   " has no labels: array '", options.labelName,
                   "' is missing, found ", listed(source.names()),
                   "; name them with --label");
  if (spec && present) {
    Status status = loadColumn(source, options.labelName, spec->tensor,
                               "the label", program.batch(), options, label);
    if (status.ok() && spec->classes > 0)
      status = checkClasses(source.describe(options.labelName), *spec);
    if (!status.ok())
      return status;
  }
  for (const Column &column : columns) {
    inputPointers.push_back(column.batch.data());
    arrayPointers.push_back(column.bytes.data());
  }
  return {};
}

} // namespace mpcrt::train
