#include "runtime/artifact/GpuCode.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <vector>

namespace mpcrt {

namespace {
// ELF, and what NVIDIA adds to it.
constexpr size_t sectionTableOffset = 40, sectionCountOffset = 60,
                 sectionNamesOffset = 62, headerBytes = 64, sectionBytes = 64,
                 symbolBytes = 24;
constexpr uint32_t symbolTable = 2;
constexpr unsigned char entryFlag = 0x10; // st_other of a kernel
// Records of .nv.info: a format, an attribute, and with this format a size.
constexpr unsigned char sized = 4;
constexpr std::string_view textPrefix = ".text.";
constexpr unsigned char registerCount = 0x2f, minimalStack = 0x12;

class Bytes {
public:
  explicit Bytes(std::span<const std::byte> bytes) : bytes(bytes) {}

  size_t size() const { return bytes.size(); }
  /// 0 where it does not lie inside.
  template <typename T> T at(uint64_t offset) const {
    T value = 0;
    if (offset <= bytes.size() && bytes.size() - offset >= sizeof value)
      std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
  }
  /// The part that lies inside.
  Bytes part(uint64_t offset, uint64_t length) const {
    const size_t start = size_t(std::min<uint64_t>(offset, bytes.size()));
    return Bytes(bytes.subspan(
        start, size_t(std::min<uint64_t>(length, bytes.size() - start))));
  }
  /// Up to the next zero.
  std::string_view text(uint64_t offset) const {
    const Bytes rest = part(offset, bytes.size());
    const auto *start = reinterpret_cast<const char *>(rest.bytes.data());
    return {start, strnlen(start, rest.size())};
  }
  std::string_view all() const {
    return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
  }

private:
  std::span<const std::byte> bytes;
};

struct Section {
  std::string_view name;
  uint32_t type = 0, link = 0;
  uint64_t offset = 0, size = 0;
};

std::vector<Section> sectionsOf(const Bytes &file) {
  std::vector<Section> sections(file.at<uint16_t>(sectionCountOffset));
  const uint64_t table = file.at<uint64_t>(sectionTableOffset);
  if (table > file.size())
    return {};
  for (size_t i = 0; i < sections.size(); ++i) {
    const Bytes header = file.part(table + i * sectionBytes, sectionBytes);
    sections[i] = {{},
                   header.at<uint32_t>(4),
                   header.at<uint32_t>(40),
                   header.at<uint64_t>(24),
                   header.at<uint64_t>(32)};
  }
  const size_t names = file.at<uint16_t>(sectionNamesOffset);
  if (names >= sections.size())
    return {};
  for (size_t i = 0; i < sections.size(); ++i)
    sections[i].name = file.part(sections[names].offset, sections[names].size)
                           .text(file.at<uint32_t>(table + i * sectionBytes));
  return sections;
}

class Cubin {
public:
  explicit Cubin(const Bytes &file) : file(file), sections(sectionsOf(file)) {}

  GpuCode read() {
    for (const Section &section : sections)
      if (section.type == symbolTable && section.link < sections.size())
        readSymbols(section);
    for (const Section &section : sections) {
      if (section.name == ".nv.info")
        readInfo(file.part(section.offset, section.size));
      if (section.name == ".note.nv.tkinfo")
        readToolkit(file.part(section.offset, section.size).all());
      if (section.name.starts_with(textPrefix))
        addCode(section);
    }
    return std::move(code);
  }

private:
  Bytes file;
  std::vector<Section> sections;
  GpuCode code;
  std::map<uint32_t, std::string> names; ///< of kernels, by their symbols

  void readSymbols(const Section &table) {
    const Bytes symbols = file.part(table.offset, table.size);
    const Section &strings = sections[table.link];
    for (uint64_t at = 0; at + symbolBytes <= symbols.size();
         at += symbolBytes) {
      if (!(symbols.at<unsigned char>(at + 5) & entryFlag))
        continue;
      std::string name(file.part(strings.offset, strings.size)
                           .text(symbols.at<uint32_t>(at)));
      code.functions[name];
      names[uint32_t(at / symbolBytes)] = std::move(name);
    }
  }

  void readInfo(const Bytes &info) {
    constexpr size_t head = 4;
    for (uint64_t at = 0; at + head <= info.size();) {
      const auto format = info.at<unsigned char>(at);
      const auto attribute = info.at<unsigned char>(at + 1);
      const uint16_t size = info.at<uint16_t>(at + 2);
      auto name = names.find(info.at<uint32_t>(at + head));
      if (format == sized && name != names.end()) {
        GpuFunction &function = code.functions[name->second];
        const uint32_t value = info.at<uint32_t>(at + head + 4);
        if (attribute == registerCount)
          function.registers = value;
        if (attribute == minimalStack)
          function.stackBytes = value;
      }
      at += head + (format == sized ? size : 0);
    }
  }

  // Drivers run what any toolkit of their own major version made.
  void readToolkit(std::string_view note) {
    constexpr std::string_view mark = "release ";
    const size_t found = note.find(mark);
    int major = 0;
    if (found != std::string_view::npos &&
        std::sscanf(std::string(note.substr(found + mark.size(), 8)).c_str(),
                    "%4d", &major) == 1)
      code.driver = std::max(oldestDriver, major * 1000);
  }

  void addCode(const Section &section) {
    const int64_t bytes =
        int64_t(file.part(section.offset, section.size).size());
    code.codeBytes += bytes;
    auto function = code.functions.find(
        std::string(section.name.substr(textPrefix.size())));
    if (function != code.functions.end())
      function->second.codeBytes = bytes;
  }
};

// Which CUDA brought a version of PTX (PTX ISA, release notes).
int cudaOf(int ptx) {
  constexpr struct {
    int ptx, cuda;
  } releases[] = {{90, 13000}, {88, 12090}, {87, 12080},
                  {86, 12070}, {85, 12050}, {84, 12040},
                  {83, 12030}, {82, 12020}, {81, 12010}};
  for (const auto &release : releases)
    if (ptx >= release.ptx)
      return release.cuda;
  return oldestDriver;
}
} // namespace

std::optional<GpuCode> readGpuCode(std::span<const std::byte> image) {
  const Bytes file(image);
  // 64 bits, little-endian.
  if (file.size() >= headerBytes && file.all().starts_with("\177ELF\2\1"))
    return Cubin(file).read();
  constexpr std::string_view mark = "\n.version ";
  const size_t found = file.all().find(mark);
  if (found == std::string_view::npos)
    return std::nullopt;
  int major = 0, minor = 0;
  const std::string version(file.all().substr(found + mark.size(), 8));
  if (std::sscanf(version.c_str(), "%3d.%1d", &major, &minor) != 2)
    return std::nullopt;
  GpuCode code;
  code.driver = cudaOf(major * 10 + minor);
  return code;
}

} // namespace mpcrt
