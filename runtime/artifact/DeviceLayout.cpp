#include "runtime/artifact/DeviceLayout.h"

namespace mpcrt {

namespace {
constexpr uint64_t alignment = 256;
// No sum below this overflows when a part below this is added.
constexpr uint64_t tooMany = uint64_t(1) << 62;

class Layouter {
public:
  /// The offset of a part of that size.
  uint64_t place(uint64_t bytes) {
    uint64_t offset = end;
    if (end < tooMany)
      end = bytes < tooMany
                ? end + (bytes + alignment - 1) / alignment * alignment
                : tooMany;
    return offset;
  }
  uint64_t total() const { return end; }
  /// The bytes since the last call.
  uint64_t part() {
    uint64_t bytes = end - counted;
    counted = end;
    return bytes;
  }

private:
  uint64_t end = 0, counted = 0;
};
} // namespace

uint64_t DeviceLayout::offsetOf(const Buffer &buffer, size_t slot) const {
  switch (buffer.kind) {
  case Buffer::Kind::State:
    return states[size_t(buffer.index)];
  case Buffer::Kind::Input:
    return slots[slot].inputs[size_t(buffer.index)];
  case Buffer::Kind::Label:
    return slots[slot].label;
  case Buffer::Kind::Output:
    return outputs[size_t(buffer.index)];
  case Buffer::Kind::Arena:
    return arena + uint64_t(buffer.offset);
  case Buffer::Kind::Status:
    return status + uint64_t(buffer.offset);
  case Buffer::Kind::Constant:
    return constants.at(buffer.tensor);
  }
  return 0;
}

std::optional<DeviceLayout>
layOut(const Manifest &manifest, const Target &target,
       const std::function<uint64_t(const std::string &)> &constantBytes) {
  DeviceLayout layout;
  Layouter parts;
  for (const StateSpec &state : manifest.states)
    layout.states.push_back(parts.place(state.bytes()));
  layout.parts.states = parts.part();
  layout.arena = parts.place(uint64_t(target.arenaBytes));
  layout.parts.arena = parts.part();
  for (const Buffer &buffer : target.buffers)
    if (buffer.kind == Buffer::Kind::Constant &&
        !layout.constants.contains(buffer.tensor))
      layout.constants[buffer.tensor] =
          parts.place(constantBytes(buffer.tensor));
  layout.parts.constants = parts.part();
  for (DeviceLayout::Slot &slot : layout.slots) {
    for (const TensorSpec &input : manifest.inputs)
      slot.inputs.push_back(parts.place(input.bytes()));
    slot.label = parts.place(manifest.label.bytes());
  }
  layout.parts.batches = parts.part();
  for (const TensorSpec &output : manifest.outputs)
    layout.outputs.push_back(parts.place(output.bytes()));
  layout.parts.outputs = parts.part();
  layout.status = parts.place(uint64_t(statusBytes));
  layout.parts.status = parts.part();
  layout.bytes = parts.total();
  if (layout.bytes >= tooMany)
    return std::nullopt;
  return layout;
}

std::optional<DeviceLayout> layOut(const Manifest &manifest,
                                   const Target &target,
                                   const Container &container) {
  return layOut(manifest, target, [&](const std::string &constant) {
    return container.find(constant)->bytes;
  });
}

} // namespace mpcrt
