// What images tell of themselves. A real cubin is read by
// test/tools/inspect.test.
#include "runtime/artifact/GpuCode.h"

#include <cstring>
#include <gtest/gtest.h>
#include <vector>

using namespace mpcrt;

namespace {
std::span<const std::byte> bytesOf(const std::string &text) {
  return {reinterpret_cast<const std::byte *>(text.data()), text.size()};
}

template <typename T> void put(std::string &file, size_t offset, T value) {
  if (file.size() < offset + sizeof value)
    file.resize(offset + sizeof value);
  std::memcpy(file.data() + offset, &value, sizeof value);
}

struct Part {
  std::string name;
  uint32_t type, link;
  std::string bytes;
};

/// An ELF file of these sections; the first holds their names.
std::string elf(std::vector<Part> parts) {
  std::string names(1, '\0');
  std::vector<uint32_t> places;
  for (const Part &part : parts) {
    places.push_back(uint32_t(names.size()));
    names += part.name + '\0';
  }
  parts[0].bytes = names;
  std::string file = "\177ELF\2\1";
  file.resize(64);
  std::vector<uint64_t> offsets;
  for (const Part &part : parts) {
    offsets.push_back(file.size());
    file += part.bytes;
  }
  put<uint64_t>(file, 40, file.size());
  put<uint16_t>(file, 60, uint16_t(parts.size()));
  const size_t table = file.size();
  for (size_t i = 0; i < parts.size(); ++i) {
    put<uint32_t>(file, table + i * 64, places[i]);
    put<uint32_t>(file, table + i * 64 + 4, parts[i].type);
    put<uint64_t>(file, table + i * 64 + 24, offsets[i]);
    put<uint64_t>(file, table + i * 64 + 32, parts[i].bytes.size());
    put<uint32_t>(file, table + i * 64 + 40, parts[i].link);
    put<uint64_t>(file, table + i * 64 + 56, 0);
  }
  return file;
}

/// Two kernels, `a` with 40 registers, `b` with 255 and a stack, and a function
/// that is no kernel, made by a toolkit of CUDA 12.9.
std::string cubin() {
  std::string strings(1, '\0'), symbols(24, '\0'), info;
  auto addSymbol = [&](const std::string &name, unsigned char other) {
    const size_t at = symbols.size();
    symbols.resize(at + 24);
    put<uint32_t>(symbols, at, uint32_t(strings.size()));
    put<unsigned char>(symbols, at + 4, 0x12);
    put<unsigned char>(symbols, at + 5, other);
    strings += name + '\0';
  };
  addSymbol("a", 0x10);
  addSymbol("helper", 0);
  addSymbol("b", 0x10);
  auto addInfo = [&](unsigned char attribute, uint32_t symbol, uint32_t value) {
    const size_t at = info.size();
    put<unsigned char>(info, at, 4);
    put<unsigned char>(info, at + 1, attribute);
    put<uint16_t>(info, at + 2, 8);
    put<uint32_t>(info, at + 4, symbol);
    put<uint32_t>(info, at + 8, value);
  };
  addInfo(0x2f, 1, 40);
  info += std::string("\3\1\0\0", 4); // a record without data
  addInfo(0x2f, 2, 99);
  addInfo(0x2f, 3, 255);
  addInfo(0x12, 3, 64);
  return elf({{".shstrtab", 3, 0, ""},
              {".strtab", 3, 0, strings},
              {".symtab", 2, 1, symbols},
              {".nv.info", 0x70000000, 2, info},
              {".note.nv.tkinfo", 7, 0, "Cuda tools, release 12.9, V12.9.1"},
              {".text.a", 1, 0, std::string(128, 'c')},
              {".text.helper", 1, 0, std::string(64, 'c')},
              {".text.b", 1, 0, std::string(256, 'c')}});
}
} // namespace

TEST(GpuCode, OfACubin) {
  auto code = readGpuCode(bytesOf(cubin()));
  ASSERT_TRUE(code);
  ASSERT_EQ(code->functions.size(), 2u);
  EXPECT_EQ(code->codeBytes, 128 + 64 + 256);
  EXPECT_EQ(code->driver, 12000);
  EXPECT_EQ(code->functions["a"].registers, 40);
  EXPECT_EQ(code->functions["a"].codeBytes, 128);
  EXPECT_EQ(code->functions["a"].stackBytes, 0);
  EXPECT_EQ(code->functions["b"].registers, 255);
  EXPECT_EQ(code->functions["b"].stackBytes, 64);
}

// A driver runs what any toolkit of its own major version made.
TEST(GpuCode, ACubinNeedsADriverOfItsToolkitsMajorVersion) {
  std::string file = cubin();
  file.replace(file.find("12.9"), 4, "13.1");
  EXPECT_EQ(readGpuCode(bytesOf(file))->driver, 13000);
}

TEST(GpuCode, OfText) {
  auto driverOf = [](const std::string &version) {
    return readGpuCode(bytesOf("//\n\n.version " + version + "\n.target sm_80"))
        ->driver;
  };
  EXPECT_EQ(driverOf("7.8"), 12000); // what mpcrt calls is not older
  EXPECT_EQ(driverOf("8.0"), 12000);
  EXPECT_EQ(driverOf("8.6"), 12070);
  EXPECT_EQ(driverOf("8.7"), 12080);
  EXPECT_EQ(driverOf("9.0"), 13000);
  EXPECT_FALSE(readGpuCode(bytesOf("// no code")));
  EXPECT_FALSE(readGpuCode({}));
}

// Whatever is cut off or turned over, nothing outside is read (the sanitizers
// look) and nothing is made up.
TEST(GpuCode, DamagedCubinsGiveNoMoreThanTheyHold) {
  const std::string file = cubin();
  for (size_t size = 0; size < file.size(); ++size) {
    const std::string cut = file.substr(0, size);
    auto code = readGpuCode(bytesOf(cut));
    EXPECT_LE(code ? code->codeBytes : 0, int64_t(size));
  }
  for (size_t at = 16; at < file.size(); ++at)
    for (unsigned char flip : {0xff, 0x80, 0x01}) {
      std::string turned = file;
      turned[at] = char(turned[at] ^ flip);
      readGpuCode(bytesOf(turned));
    }
}
