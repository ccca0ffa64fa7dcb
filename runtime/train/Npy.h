// NumPy's .npy format, versions 1.0 to 3.0: a magic string, a header that is a
// Python dictionary literal, and the elements.
// Format:
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#ifndef MPCRT_TRAIN_NPY_H
#define MPCRT_TRAIN_NPY_H

#include "runtime/train/Array.h"
#include "runtime/train/Status.h"

#include <string_view>

namespace mpcrt::train {

/// A stream of bytes with a claimed length.
class ByteSource {
public:
  virtual ~ByteSource() = default;
  /// Reads up to `size` bytes and stores how many came; 0 means the end.
  virtual Status read(void *data, size_t size, size_t &got) = 0;
  /// The length that the container claims. It may lie, so memory is asked for
  /// as bytes arrive and not by this number.
  virtual uint64_t claimedBytes() const = 0;
};

/// What the header of a .npy file says.
struct NpyHeader {
  Element element = Element::F4;
  bool fortranOrder = false;
  std::vector<int64_t> shape;
  /// Bytes of magic, length and dictionary.
  uint64_t headerBytes = 0;

  /// Bytes of all elements; readNpyHeader made sure that they can be counted.
  uint64_t dataBytes() const {
    return uint64_t(elementCount(shape)) * elementBytes(element);
  }
};

/// Parses the dictionary literal of a header. Exactly the keys `descr`,
/// `fortran_order` and `shape` are accepted, in any order. `what` names the
/// array in messages. Object, structured, big-endian and unknown dtypes fail
/// with MPCRT_INVALID_DATA.
Status parseNpyDictionary(std::string_view dictionary, const std::string &what,
                          NpyHeader &header);

/// Reads the header from the start of `source` and checks the claimed length of
/// the source against it.
Status readNpyHeader(ByteSource &source, const std::string &what,
                     NpyHeader &header);

/// Reads the elements that follow the header, in C order whatever the file's.
/// Fails with MPCRT_OUT_OF_MEMORY if they exceed `maxBytes`, before memory is
/// taken, and with MPCRT_INVALID_DATA if the source ends early or goes on.
Status readNpyData(ByteSource &source, const std::string &what,
                   const NpyHeader &header, uint64_t maxBytes, Array &array);

/// Reads the header of a .npy file.
Status readNpyFileHeader(const std::string &path, NpyHeader &header);

/// Reads a whole .npy file.
Status readNpyFile(const std::string &path, uint64_t maxBytes, Array &array);

/// Returns the .npy header (version 1.0, or 2.0 if it is long) of a C-order
/// array; its length is a multiple of 64 bytes.
std::string npyHeaderBytes(Element element, std::span<const int64_t> shape);

/// The memory of this machine in bytes: the default bound for one array.
uint64_t physicalMemory();

} // namespace mpcrt::train

#endif
