// Protocol buffers' wire format, read in place. The outer levels of an ONNX
// file are walked with this, so that weights are located and never copied.
#ifndef MPC_FRONTEND_MODEL_WIRE_H
#define MPC_FRONTEND_MODEL_WIRE_H

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace mpc::frontend {

/// One field of a message. `payload` is set for length-delimited fields, and
/// `whole` always: it spans the field with its tag.
struct WireField {
  uint32_t number = 0;
  bool isBytes = false;
  uint64_t value = 0;
  std::span<const std::byte> payload;
  std::span<const std::byte> whole;

  std::string text() const {
    return {reinterpret_cast<const char *>(payload.data()), payload.size()};
  }
};

/// Walks the fields of one message.
class WireReader {
public:
  explicit WireReader(std::span<const std::byte> message) : rest(message) {}

  /// Reads the next field; false at the end or where the bytes are damaged.
  bool next(WireField &field);
  /// Whether the walk ended because the bytes are no message.
  bool damaged() const { return isDamaged; }

private:
  bool readVarint(uint64_t &value);
  bool take(uint64_t count, std::span<const std::byte> &taken);

  std::span<const std::byte> rest;
  bool isDamaged = false;
};

} // namespace mpc::frontend

#endif
