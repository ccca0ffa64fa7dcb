// Writes ONNX files byte by byte, so that tests say exactly what is in them.
#ifndef MPC_TEST_UNIT_FRONTEND_ONNXBYTES_H
#define MPC_TEST_UNIT_FRONTEND_ONNXBYTES_H

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace mpc::frontend::test {

/// A message of protocol buffers' wire format.
class Message {
public:
  Message &varint(unsigned field, uint64_t value) {
    put(field << 3);
    put(value);
    return *this;
  }
  Message &bytes(unsigned field, const std::string &value) {
    put(field << 3 | 2);
    put(value.size());
    content += value;
    return *this;
  }
  Message &bytes(unsigned field, const Message &value) {
    return bytes(field, value.content);
  }
  std::string content;

private:
  void put(uint64_t value) {
    for (; value >= 0x80; value >>= 7)
      content += static_cast<char>(value | 0x80);
    content += static_cast<char>(value);
  }
};

template <typename Element>
std::string asBytes(const std::vector<Element> &elements) {
  std::string bytes(elements.size() * sizeof(Element), '\0');
  std::memcpy(bytes.data(), elements.data(), bytes.size());
  return bytes;
}

/// A TensorProto with name, type and shape; the caller adds its elements.
inline Message tensorProto(const std::string &name, int dtype,
                           const std::vector<int64_t> &dims) {
  Message message;
  for (int64_t dim : dims)
    message.varint(1, static_cast<uint64_t>(dim));
  return message.varint(2, dtype).bytes(8, name);
}

/// A ValueInfoProto of FLOAT; an extent of -1 is the symbol "batch".
inline Message valueInfo(const std::string &name,
                         const std::vector<int64_t> &dims) {
  Message shape;
  for (int64_t dim : dims)
    shape.bytes(1, dim < 0 ? Message().bytes(2, "batch")
                           : Message().varint(1, static_cast<uint64_t>(dim)));
  Message type;
  type.bytes(1, Message().varint(1, 1).bytes(2, shape));
  return Message().bytes(1, name).bytes(2, type);
}

/// A NodeProto without attributes.
inline Message nodeProto(const std::string &op, const std::string &name,
                         const std::vector<std::string> &inputs,
                         const std::vector<std::string> &outputs) {
  Message message;
  for (const std::string &input : inputs)
    message.bytes(1, input);
  for (const std::string &output : outputs)
    message.bytes(2, output);
  return message.bytes(3, name).bytes(4, op);
}

/// A ModelProto of opset 17 around a GraphProto.
inline std::string modelProto(const Message &graph, int opset = 17) {
  return Message()
      .varint(1, 8)
      .bytes(7, graph)
      .bytes(8, Message().varint(2, opset))
      .content;
}

} // namespace mpc::frontend::test

#endif
