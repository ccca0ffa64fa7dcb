#include "runtime/src/Image.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace mpcrt {

Image::Image(Image &&other) noexcept
    : address(std::exchange(other.address, nullptr)),
      length(std::exchange(other.length, 0)) {}

Image &Image::operator=(Image &&other) noexcept {
  std::swap(address, other.address);
  std::swap(length, other.length);
  return *this;
}

Image::~Image() {
  if (address)
    munmap(address, length);
}

Result<Image> Image::map(const void *bytes, size_t size, size_t codeBytes) {
  Image image;
  if (size == 0)
    return image;
  size_t page = size_t(sysconf(_SC_PAGESIZE));
  auto rounded = [page](size_t bytes) {
    return (bytes + page - 1) / page * page;
  };
  size_t length = rounded(size);
  void *address = mmap(nullptr, length, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (address == MAP_FAILED)
    return Status(Code::OutOfMemory,
                  "no memory for " + std::to_string(size) + " bytes of code");
  image.address = static_cast<std::byte *>(address);
  image.length = length;
  std::memcpy(address, bytes, size);
  size_t code = rounded(codeBytes);
  if ((code && mprotect(address, code, PROT_READ | PROT_EXEC) != 0) ||
      (code < length &&
       mprotect(image.address + code, length - code, PROT_READ) != 0))
    return Status(Code::Device,
                  std::string("this system forbids executable memory: ") +
                      std::strerror(errno) + "; allow it for this process");
  char *begin = static_cast<char *>(address);
  __builtin___clear_cache(begin, begin + codeBytes);
  return image;
}

KernelFunction Image::kernel(int64_t offset) const {
  return reinterpret_cast<KernelFunction>(address + offset);
}

} // namespace mpcrt
