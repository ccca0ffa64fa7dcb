// JSON -> Manifest. Only the structure is checked while reading;
// ManifestValidate.cpp checks what the fields say.
#include "runtime/artifact/Manifest.h"
#include "runtime/artifact/ManifestJson.h"
#include "runtime/artifact/ManifestNames.h"

namespace mpcrt {

DType readDType(const JsonReader &name) {
  std::string type = name.text();
  std::optional<DType> dtype = dtypeFromName(type);
  if (!dtype)
    name.fail("is '" + type + "', expected a known type");
  return dtype.value_or(DType::F32);
}

namespace {
template <typename Fn>
auto readList(const JsonReader &list, Fn fn)
    -> std::vector<decltype(fn(list))> {
  std::vector<decltype(fn(list))> items;
  for (size_t i = 0, n = list.size(); i < n && !list.failed(); ++i)
    items.push_back(fn(list.at(i)));
  return items;
}

std::string optionalText(const JsonReader &object, const char *key) {
  return object.has(key) ? object[key].text() : "";
}

std::vector<std::string> readTexts(const JsonReader &list) {
  return readList(list, [](const JsonReader &item) { return item.text(); });
}

std::vector<int64_t> readIntegers(const JsonReader &list) {
  return readList(list, [](const JsonReader &item) { return item.integer(0); });
}

TensorSpec readTensor(const JsonReader &object) {
  TensorSpec spec;
  spec.name = object["name"].text();
  spec.dtype = readDType(object["dtype"]);
  spec.shape = readIntegers(object["shape"]);
  return spec;
}

LabelSpec readLabel(const JsonReader &object) {
  LabelSpec label;
  static_cast<TensorSpec &>(label) = readTensor(object);
  std::string kind = object["kind"].text();
  label.isClass = kind == "class";
  if (!label.isClass && kind != "value")
    object["kind"].fail("is '" + kind + "', expected 'class' or 'value'");
  if (label.isClass) {
    label.classes = object["classes"].integer(1);
    label.classAxis = object["class_axis"].integer(0, maxRank - 1);
    label.ignoreIndex =
        object["ignore_index"].integer(std::numeric_limits<int64_t>::min());
  }
  return label;
}

Init readInit(const JsonReader &object) {
  std::string kind = object["kind"].text();
  std::optional<Init::Kind> known = enumFromName<Init::Kind>(initNames, kind);
  if (!known) {
    object["kind"].fail("is '" + kind + "', expected a known recipe");
    return Init();
  }
  switch (*known) {
  case Init::Kind::Fill:
    return Init::fill(object["value"].number());
  case Init::Kind::Uniform:
    return Init::uniform(object["bound"].number());
  case Init::Kind::Normal:
    return Init::normal(object["std"].number());
  case Init::Kind::Data:
    return Init::data(object["tensor"].text());
  case Init::Kind::Derive:
    return Init::derive();
  }
  return Init();
}

StateSpec readState(const JsonReader &object) {
  StateSpec state;
  static_cast<TensorSpec &>(state) = readTensor(object);
  std::string role = object["role"].text();
  if (std::optional<Role> known = roleFromName(role))
    state.role = *known;
  else
    object["role"].fail("is '" + role + "', expected a known role");
  state.init = readInit(object["init"]);
  state.derivedFrom = optionalText(object, "derived_from");
  state.parameter = optionalText(object, "parameter");
  state.node = optionalText(object, "node");
  return state;
}

Buffer readBuffer(const JsonReader &object) {
  std::string kind = object["kind"].text();
  std::optional<Buffer::Kind> known =
      enumFromName<Buffer::Kind>(bufferNames, kind);
  if (!known) {
    object["kind"].fail("is '" + kind + "', expected a known kind of buffer");
    return Buffer();
  }
  Buffer buffer;
  buffer.kind = *known;
  switch (*known) {
  case Buffer::Kind::State:
  case Buffer::Kind::Input:
  case Buffer::Kind::Output:
    buffer.index = object["index"].integer(0);
    break;
  case Buffer::Kind::Label:
    break;
  case Buffer::Kind::Arena:
  case Buffer::Kind::Status:
    buffer.offset = object["offset"].integer(0);
    buffer.bytes = object["bytes"].integer(0);
    break;
  case Buffer::Kind::Constant:
    buffer.tensor = object["tensor"].text();
    break;
  }
  return buffer;
}

TensorMap readMap(const JsonReader &object) {
  TensorMap map;
  map.arg = object["arg"].integer(0);
  map.dtype = readDType(object["dtype"]);
  map.extents = readIntegers(object["extents"]);
  map.pitches = readIntegers(object["pitches"]);
  map.box = readIntegers(object["box"]);
  map.swizzle = object["swizzle"].integer(0);
  return map;
}

Kernel readKernel(const JsonReader &object, bool cpu) {
  Kernel kernel;
  kernel.name = object["name"].text();
  if (cpu) {
    kernel.offset = object["offset"].integer(0);
    return kernel;
  }
  kernel.grid = readNumbers<3>(object["grid"], 1);
  kernel.block = readNumbers<3>(object["block"], 1);
  kernel.sharedBytes = object["shared_bytes"].integer(0);
  kernel.maps = readList(object["maps"], readMap);
  // Artifacts of before there were graphs with branches lack it.
  kernel.access = optionalText(object, "access");
  kernel.waits = object.has("waits") && object["waits"].boolean();
  return kernel;
}

// Artifacts of before there were measurements lack them.
void readWork(const JsonReader &object, Launch &launch) {
  auto number = [&](const char *key) {
    return object.has(key) ? object[key].integer(0) : 0;
  };
  launch.bytesRead = number("bytes_read");
  launch.bytesWritten = number("bytes_written");
  launch.operations = number("flops");
  if (object.has("type"))
    launch.type = object["type"].text();
}

Launch readLaunch(const JsonReader &object, bool cpu) {
  Launch launch;
  launch.kernel = object["kernel"].integer(0);
  if (cpu)
    launch.tiles = object["tiles"].integer(0);
  launch.args = readIntegers(object["args"]);
  launch.nodes = readTexts(object["nodes"]);
  launch.op = object["op"].text();
  launch.direction = object["direction"].text();
  readWork(object, launch);
  if (!cpu && object.has("library"))
    launch.library = readLibraryCall(object["library"]);
  return launch;
}

Target readTarget(const JsonReader &object) {
  Target target;
  target.target = object["target"].text();
  const bool cpu = target.isCpu();
  target.isa = object["isa"].text();
  target.image = object["image"].text();
  if (cpu) {
    target.features = readTexts(object["features"]);
    target.codeBytes = object["code_bytes"].integer(0);
  }
  target.arenaBytes = object["arena_bytes"].integer(0);
  target.buffers = readList(object["buffers"], readBuffer);
  target.kernels = readList(object["kernels"], [&](const JsonReader &kernel) {
    return readKernel(kernel, cpu);
  });
  auto readEntry = [&, entries = object["entries"]](const char *name) {
    return readList(entries[name]["launches"], [&](const JsonReader &launch) {
      return readLaunch(launch, cpu);
    });
  };
  target.trainStep = readEntry("train_step");
  target.forward = readEntry("forward");
  target.derive = readEntry("derive");
  return target;
}

ModelInfo readModel(const JsonReader &object) {
  return {object["name"].text(), object["digest"].text()};
}

TrainingInfo readTraining(const JsonReader &object) {
  TrainingInfo training;
  training.precision = object["precision"].text();
  training.optimizer = object["optimizer"].text();
  training.loss = object["loss"].text();
  training.scaled = object["scaled"].boolean();
  training.batch = object["batch"].integer(1);
  training.seed = object["seed"].unsignedInteger();
  if (object.has("label_smoothing"))
    training.labelSmoothing = object["label_smoothing"].number();
  if (!(training.labelSmoothing >= 0 && training.labelSmoothing < 1))
    object["label_smoothing"].fail("is not in [0, 1)");
  return training;
}

// Checked before anything else: other formats may look different all over.
Status checkFormat(const JsonReader &root, const char *what, int64_t expected,
                   const char *advice) {
  int64_t format = root["format"].integer(0);
  if (!root.failed() && format != expected)
    return Status(Code::Damaged, std::string(what) + " has format " +
                                     std::to_string(format) +
                                     ", this runtime reads format " +
                                     std::to_string(expected) + "; " + advice);
  return Status();
}
} // namespace

Result<Manifest> Manifest::fromJson(std::string_view text) {
  Result<nlohmann::json> document = parseJson(text, "manifest");
  if (!document.ok())
    return document.status();
  Status failure;
  JsonReader root(*document, "manifest", &failure);
  Status format =
      checkFormat(root, "artifact", artifactFormat, "compile the model again");
  if (!format.ok())
    return format;

  Manifest manifest;
  manifest.producer = root["producer"].text();
  manifest.model = readModel(root["model"]);
  manifest.training = readTraining(root["training"]);
  manifest.inputs = readList(root["inputs"], readTensor);
  manifest.label = readLabel(root["label"]);
  manifest.outputs = readList(root["outputs"], readTensor);
  manifest.states = readList(root["states"], readState);
  manifest.targets = readList(root["targets"], readTarget);
  manifest.report = root["report"].raw();
  if (root.failed())
    return failure;
  Status valid = manifest.validate();
  if (!valid.ok())
    return valid;
  return manifest;
}

Result<CheckpointManifest> CheckpointManifest::fromJson(std::string_view text) {
  Result<nlohmann::json> document = parseJson(text, "checkpoint manifest");
  if (!document.ok())
    return document.status();
  Status failure;
  JsonReader root(*document, "checkpoint manifest", &failure);
  Status format = checkFormat(root, "checkpoint", checkpointFormat,
                              "use the version of mpc that saved it");
  if (!format.ok())
    return format;

  CheckpointManifest manifest;
  manifest.model = readModel(root["model"]);
  manifest.training = readTraining(root["training"]);
  JsonReader loop = root["loop"];
  manifest.loop.epoch = loop["epoch"].integer(0);
  manifest.loop.position = loop["position"].integer(0);
  manifest.loop.attemptedSteps = loop["attempted_steps"].integer(0);
  manifest.loop.consecutiveSkips = loop["consecutive_skips"].integer(0);
  manifest.loop.shuffleSeed = loop["shuffle_seed"].unsignedInteger();
  manifest.digest = root["digest"].text();
  if (root.failed())
    return failure;
  return manifest;
}

} // namespace mpcrt
