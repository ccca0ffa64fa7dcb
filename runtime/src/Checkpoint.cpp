// Saving and loading of a program's state.
#include "runtime/artifact/ContainerWriter.h"
#include "runtime/artifact/Digest.h"
#include "runtime/src/Program.h"

#include <cstring>

namespace mpcrt {

namespace {
// What other tools expect: views of tensors need the alignment of their type.
constexpr size_t fileAlignment = 8;
constexpr size_t longestList = 20;

// Differences between a file and the program, one line each.
class Differences {
public:
  void add(const std::string &name, const std::string &found,
           const std::string &expected) {
    if (++count <= longestList)
      text += "\n  " + name + ": found " + found + ", expected " + expected;
  }
  Status status(const std::string &file, const std::string &advice) const {
    if (count == 0)
      return Status();
    std::string more;
    if (count > longestList)
      more = "\n  and " + std::to_string(count - longestList) + " more";
    return Status(Code::Damaged, "'" + file + "' does not fit this program; " +
                                     advice + text + more);
  }

private:
  size_t count = 0;
  std::string text;
};

void compareTensors(const Manifest &manifest, const Container &file,
                    bool (*takes)(Role), Differences &differences) {
  for (const StateSpec &state : manifest.states) {
    if (!takes(state.role))
      continue;
    const ContainerTensor *tensor = file.find(state.name);
    std::string expected = typeText(state.dtype, state.shape);
    if (!tensor)
      differences.add(state.name, "nothing", expected);
    else if (tensor->dtype != state.dtype || tensor->shape != state.shape)
      differences.add(state.name, typeText(tensor->dtype, tensor->shape),
                      expected);
  }
}

// A checkpoint holds what the program has and nothing else.
void findStrangers(const Manifest &manifest, const Container &file,
                   Differences &differences) {
  std::map<std::string_view, Role> known;
  for (const StateSpec &state : manifest.states)
    known.emplace(state.name, state.role);
  for (const ContainerTensor &tensor : file.tensors()) {
    auto found = known.find(tensor.name);
    if (found == known.end() || !isSaved(found->second))
      differences.add(tensor.name, typeText(tensor.dtype, tensor.shape),
                      "nothing");
  }
}

void compareTraining(const Manifest &program, const CheckpointManifest &file,
                     Differences &differences) {
  auto compare = [&](const char *name, const std::string &found,
                     const std::string &expected) {
    if (found != expected)
      differences.add(name, found, expected);
  };
  compare("(model digest)", file.model.digest, program.model.digest);
  compare("(precision)", file.training.precision, program.training.precision);
  compare("(optimizer)", file.training.optimizer, program.training.optimizer);
  compare("(loss)", file.training.loss, program.training.loss);
  compare("(batch)", std::to_string(file.training.batch),
          std::to_string(program.training.batch));
}

Status refuseCode(const Container &file) {
  const std::string *kind = file.metadata(kindKey);
  if (kind && *kind == artifactKind)
    return Status(Code::Damaged, "'" + file.name() +
                                     "' is an artifact, which holds code; "
                                     "expected a checkpoint or weights");
  return Status();
}

std::string digestOf(const Manifest &manifest, const Container &file) {
  Digest digest;
  for (const StateSpec &state : manifest.states)
    if (isDigested(state.role)) {
      const ContainerTensor *tensor = file.find(state.name);
      digest.update(tensor->data, tensor->bytes);
    }
  return digest.hex();
}
} // namespace

Status Program::addStates(bool (*takes)(Role), std::vector<StateView> &views,
                          ContainerWriter &writer) const {
  for (size_t i = 0; i < theManifest.states.size(); ++i) {
    const StateSpec &state = theManifest.states[i];
    if (!takes(state.role))
      continue;
    Result<StateView> view = executor->read(i);
    if (!view.ok())
      return view.status();
    const void *data = views.emplace_back(std::move(*view)).data;
    writer.add(state.name, state.dtype, state.shape, data, state.bytes());
  }
  return Status();
}

Status Program::save(const std::string &path, const LoopState &loop) const {
  Result<std::string> hex = digest();
  if (!hex.ok())
    return hex.status();
  CheckpointManifest checkpoint{theManifest.model, theManifest.training, loop,
                                *hex};
  ContainerWriter writer(fileAlignment);
  writer.setMetadata(kindKey, std::string(checkpointKind));
  writer.setMetadata(manifestKey, checkpoint.toJson());
  std::vector<StateView> views;
  if (Status status = addStates(isSaved, views, writer); !status.ok())
    return status;
  writer.seal();
  return writer.write(path);
}

Status Program::saveWeights(const std::string &path) const {
  ContainerWriter writer(fileAlignment);
  writer.setMetadata(kindKey, std::string(weightsKind));
  std::vector<StateView> views;
  if (Status status = addStates(isWeight, views, writer); !status.ok())
    return status;
  writer.seal();
  return writer.write(path);
}

Status Program::adopt(const Container &file, bool (*takes)(Role)) {
  for (size_t i = 0; i < theManifest.states.size(); ++i) {
    const StateSpec &state = theManifest.states[i];
    if (!takes(state.role) || state.bytes() == 0)
      continue;
    Status status = executor->write(i, [&](void *place) {
      std::memcpy(place, file.find(state.name)->data, state.bytes());
      return Status();
    });
    if (!status.ok())
      return status;
  }
  return executor->derive();
}

Status Program::load(const std::string &path, LoopState *loop) {
  Result<Container> file = Container::open(path);
  if (!file.ok())
    return file.status();
  Status status = refuseCode(*file);
  if (status.ok())
    status = file->checkSeal();
  if (!status.ok())
    return status;
  const std::string *kind = file->metadata(kindKey);
  const std::string *text = file->metadata(manifestKey);
  if (!kind || *kind != checkpointKind || !text)
    return Status(Code::Damaged, "'" + path +
                                     "' holds weights only, expected a "
                                     "checkpoint; load it as weights");
  Result<CheckpointManifest> manifest = CheckpointManifest::fromJson(*text);
  if (!manifest.ok())
    return Status(Code::Damaged,
                  "'" + path + "': " + manifest.status().message());

  Differences differences;
  compareTraining(theManifest, *manifest, differences);
  compareTensors(theManifest, *file, isSaved, differences);
  findStrangers(theManifest, *file, differences);
  status = differences.status(path, "use the artifact that saved it");
  if (!status.ok())
    return status;
  std::string found = digestOf(theManifest, *file);
  if (found != manifest->digest)
    return Status(Code::Damaged, "'" + path +
                                     "' is damaged: its tensors have "
                                     "digest " +
                                     found + ", expected " + manifest->digest +
                                     "; use an older checkpoint");
  status = checkHypers([&](size_t i) -> Result<float> {
    float value;
    std::memcpy(&value, file->find(theManifest.states[i].name)->data,
                sizeof value);
    return value;
  });
  if (!status.ok())
    return Status(Code::Damaged, "'" + path + "': " + status.message() +
                                     "; use an older checkpoint");
  status = adopt(*file, isSaved);
  if (status.ok() && loop)
    *loop = manifest->loop;
  return status;
}

Status Program::loadWeights(const std::string &path) {
  Result<Container> file = Container::open(path);
  if (!file.ok())
    return file.status();
  Status status = refuseCode(*file);
  if (status.ok())
    status = file->checkSeal();
  if (!status.ok())
    return status;
  Differences differences;
  compareTensors(theManifest, *file, isWeight, differences);
  status = differences.status(path, "use weights of the same model");
  return status.ok() ? adopt(*file, isWeight) : status;
}

} // namespace mpcrt
