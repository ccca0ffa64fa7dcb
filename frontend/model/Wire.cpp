#include "frontend/model/Wire.h"

namespace mpc::frontend {

bool WireReader::readVarint(uint64_t &value) {
  value = 0;
  for (unsigned shift = 0; shift < 64 && !rest.empty(); shift += 7) {
    auto byte = static_cast<uint64_t>(rest.front());
    rest = rest.subspan(1);
    value |= (byte & 0x7f) << shift;
    if (!(byte & 0x80))
      return true;
  }
  return false;
}

bool WireReader::take(uint64_t count, std::span<const std::byte> &taken) {
  if (count > rest.size())
    return false;
  taken = rest.first(count);
  rest = rest.subspan(count);
  return true;
}

bool WireReader::next(WireField &field) {
  if (rest.empty() || isDamaged)
    return false;
  std::span<const std::byte> start = rest;
  field = WireField();
  uint64_t tag = 0;
  isDamaged = true;
  if (!readVarint(tag) || tag >> 3 == 0 || tag >> 3 > 0x1fffffff)
    return false;
  field.number = static_cast<uint32_t>(tag >> 3);
  std::span<const std::byte> fixed;
  switch (tag & 7) {
  case 0:
    if (!readVarint(field.value))
      return false;
    break;
  case 1:
    if (!take(8, fixed))
      return false;
    break;
  case 2:
    if (!readVarint(field.value) || !take(field.value, field.payload))
      return false;
    field.isBytes = true;
    break;
  case 5:
    if (!take(4, fixed))
      return false;
    break;
  default:
    return false;
  }
  isDamaged = false;
  field.whole = start.first(start.size() - rest.size());
  return true;
}

} // namespace mpc::frontend
