// Any bytes as an ONNX model: refused with a reason, or a graph that holds
// together. Most random changes of a protocol buffer break a length and end at
// the first check, so half of them are made to fields: the lengths stay right.
#include "frontend/model/OnnxReader.h"
#include "frontend/model/Wire.h"
#include "test/fuzz/FuzzGraph.h"

#include <cstdlib>
#include <cstring>
#include <random>

using namespace mpc::frontend;

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maxSize);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  auto file = std::as_bytes(std::span(data, size));
  Problems problems;
  auto graph = readOnnx(file, "/nowhere/model.onnx", problems);
  if (graph)
    fuzz::importWithoutIr(*graph, file, problems);
  else if (problems.empty())
    std::abort();
  return 0;
}

namespace {

using Bytes = std::string;

Bytes bytesOf(std::span<const std::byte> span) {
  return {reinterpret_cast<const char *>(span.data()), span.size()};
}

void putVarint(Bytes &out, uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

class FieldMutator {
public:
  explicit FieldMutator(unsigned seed) : random(seed) {}

  /// The message with one of its fields, at any depth, changed.
  Bytes mutate(const Bytes &message) {
    std::vector<WireField> fields;
    WireReader reader(std::as_bytes(std::span(message)));
    for (WireField field; reader.next(field);)
      fields.push_back(field);
    if (fields.empty() || reader.damaged())
      return mutateText(message);
    size_t chosen = draw(fields.size());
    Bytes out;
    for (size_t i = 0; i < fields.size(); ++i)
      out += i == chosen ? change(fields, i) : bytesOf(fields[i].whole);
    return out;
  }

private:
  size_t draw(size_t count) { return random() % count; }

  Bytes change(const std::vector<WireField> &fields, size_t index) {
    const WireField &field = fields[index];
    switch (draw(8)) {
    case 0:
      return {};
    case 1:
      return bytesOf(field.whole) + bytesOf(field.whole);
    case 2:
      return bytesOf(fields[draw(fields.size())].whole);
    default:
      break;
    }
    Bytes out;
    if (field.isBytes) {
      Bytes payload = mutate(bytesOf(field.payload));
      putVarint(out, field.number << 3 | 2);
      putVarint(out, payload.size());
      return out + payload;
    }
    static constexpr uint64_t numbers[] = {
        0, 1, 2, 7, 0xffffffff, 0x7fffffff, 0x7fffffffffffffff, ~uint64_t(0)};
    putVarint(out, field.number << 3);
    putVarint(out, draw(2) ? numbers[draw(8)] : field.value + draw(3) - 1);
    return out;
  }

  Bytes mutateText(Bytes text) {
    size_t size = text.size();
    text.resize(size + 16);
    text.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t *>(text.data()), size,
                                 text.size()));
    return text;
  }

  std::minstd_rand random;
};

} // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size,
                                          size_t maxSize, unsigned seed) {
  if (seed % 2)
    return LLVMFuzzerMutate(data, size, maxSize);
  Bytes text(reinterpret_cast<char *>(data), size);
  Bytes changed = FieldMutator(seed / 2 + 1).mutate(text);
  if (changed.size() > maxSize)
    return LLVMFuzzerMutate(data, size, maxSize);
  std::memcpy(data, changed.data(), changed.size());
  return changed.size();
}
