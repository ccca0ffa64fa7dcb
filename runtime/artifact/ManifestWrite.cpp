// Manifest -> JSON.
#include "runtime/artifact/Manifest.h"
#include "runtime/artifact/ManifestJson.h"
#include "runtime/artifact/ManifestNames.h"

namespace mpcrt {

// Keys keep the order in which they are written here.
using json = nlohmann::ordered_json;

namespace {
std::string dumped(const json &document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

json tensorJson(const TensorSpec &spec) {
  return {
      {"name", spec.name},
      {"dtype", dtypeName(spec.dtype)},
      {"shape", spec.shape},
  };
}

template <typename Range, typename Fn>
json listJson(const Range &range, Fn fn) {
  json list = json::array();
  for (const auto &item : range)
    list.push_back(fn(item));
  return list;
}

json labelJson(const LabelSpec &label) {
  json object = tensorJson(label);
  object["kind"] = label.isClass ? "class" : "value";
  if (label.isClass) {
    object["classes"] = label.classes;
    object["class_axis"] = label.classAxis;
    object["ignore_index"] = label.ignoreIndex;
  }
  return object;
}

json initJson(const Init &init) {
  json object = {{"kind", initNames[size_t(init.kind)]}};
  switch (init.kind) {
  case Init::Kind::Fill:
    object["value"] = init.value;
    break;
  case Init::Kind::Uniform:
    object["bound"] = init.value;
    break;
  case Init::Kind::Normal:
    object["std"] = init.value;
    break;
  case Init::Kind::Data:
    object["tensor"] = init.tensor;
    break;
  case Init::Kind::Derive:
    break;
  }
  return object;
}

json stateJson(const StateSpec &state) {
  json object = tensorJson(state);
  object["role"] = roleName(state.role);
  object["init"] = initJson(state.init);
  if (!state.derivedFrom.empty())
    object["derived_from"] = state.derivedFrom;
  if (!state.parameter.empty())
    object["parameter"] = state.parameter;
  if (!state.node.empty())
    object["node"] = state.node;
  return object;
}

json bufferJson(const Buffer &buffer) {
  json object = {{"kind", bufferNames[size_t(buffer.kind)]}};
  switch (buffer.kind) {
  case Buffer::Kind::State:
  case Buffer::Kind::Input:
  case Buffer::Kind::Output:
    object["index"] = buffer.index;
    break;
  case Buffer::Kind::Label:
    break;
  case Buffer::Kind::Arena:
  case Buffer::Kind::Status:
    object["offset"] = buffer.offset;
    object["bytes"] = buffer.bytes;
    break;
  case Buffer::Kind::Constant:
    object["tensor"] = buffer.tensor;
    break;
  }
  return object;
}

json kernelJson(const Kernel &kernel, bool cpu) {
  if (cpu)
    return {{"name", kernel.name}, {"offset", kernel.offset}};
  json object = {
      {"name", kernel.name},
      {"grid", kernel.grid},
      {"block", kernel.block},
      {"shared_bytes", kernel.sharedBytes},
      {"maps", listJson(kernel.maps,
                        [](const TensorMap &map) {
                          return json{{"arg", map.arg},
                                      {"dtype", dtypeName(map.dtype)},
                                      {"extents", map.extents},
                                      {"pitches", map.pitches},
                                      {"box", map.box},
                                      {"swizzle", map.swizzle}};
                        })},
  };
  if (!kernel.access.empty())
    object["access"] = kernel.access;
  if (kernel.waits)
    object["waits"] = true;
  return object;
}

json launchJson(const Launch &launch, bool cpu) {
  json object = {{"kernel", launch.kernel}};
  if (cpu)
    object["tiles"] = launch.tiles;
  object["args"] = launch.args;
  object["nodes"] = launch.nodes;
  object["op"] = launch.op;
  object["direction"] = launch.direction;
  object["bytes_read"] = launch.bytesRead;
  object["bytes_written"] = launch.bytesWritten;
  object["flops"] = launch.operations;
  object["type"] = launch.type;
  if (launch.library)
    object["library"] = libraryCallJson(*launch.library);
  return object;
}

json targetJson(const Target &target) {
  const bool cpu = target.isCpu();
  auto entryJson = [cpu](const std::vector<Launch> &launches) {
    return json{{"launches", listJson(launches, [cpu](const Launch &launch) {
                   return launchJson(launch, cpu);
                 })}};
  };
  json object = {{"target", target.target}, {"isa", target.isa}};
  if (cpu)
    object["features"] = target.features;
  object["image"] = target.image;
  if (cpu)
    object["code_bytes"] = target.codeBytes;
  object["arena_bytes"] = target.arenaBytes;
  object["buffers"] = listJson(target.buffers, bufferJson);
  object["kernels"] = listJson(target.kernels, [cpu](const Kernel &kernel) {
    return kernelJson(kernel, cpu);
  });
  object["entries"] = {{"train_step", entryJson(target.trainStep)},
                       {"forward", entryJson(target.forward)},
                       {"derive", entryJson(target.derive)}};
  return object;
}

json modelJson(const ModelInfo &model) {
  return {{"name", model.name}, {"digest", model.digest}};
}

json trainingJson(const TrainingInfo &training) {
  json object = {
      {"precision", training.precision}, {"optimizer", training.optimizer},
      {"loss", training.loss},           {"scaled", training.scaled},
      {"batch", training.batch},         {"seed", training.seed},
  };
  if (training.labelSmoothing != 0)
    object["label_smoothing"] = training.labelSmoothing;
  return object;
}
} // namespace

std::string_view roleName(Role role) { return roleNames[size_t(role)]; }

std::optional<Role> roleFromName(std::string_view name) {
  return enumFromName<Role>(roleNames, name);
}

bool isSaved(Role role) { return role != Role::Derived; }

bool isDigested(Role role) { return role <= Role::Step; }

bool isWeight(Role role) { return role <= Role::Statistic; }

std::string Manifest::toJson() const {
  json document;
  document["format"] = artifactFormat;
  document["producer"] = producer;
  document["model"] = modelJson(model);
  document["training"] = trainingJson(training);
  document["inputs"] = listJson(inputs, tensorJson);
  document["label"] = labelJson(label);
  document["outputs"] = listJson(outputs, tensorJson);
  document["states"] = listJson(states, stateJson);
  document["targets"] = listJson(targets, targetJson);
  document["report"] = json::parse(report, nullptr, false);
  if (document["report"].is_discarded())
    document["report"] = nullptr;
  return dumped(document);
}

std::string CheckpointManifest::toJson() const {
  json document;
  document["format"] = checkpointFormat;
  document["model"] = modelJson(model);
  document["training"] = trainingJson(training);
  document["loop"] = {
      {"epoch", loop.epoch},
      {"position", loop.position},
      {"attempted_steps", loop.attemptedSteps},
      {"shuffle_seed", loop.shuffleSeed},
      {"consecutive_skips", loop.consecutiveSkips},
  };
  document["digest"] = digest;
  return dumped(document);
}

} // namespace mpcrt
