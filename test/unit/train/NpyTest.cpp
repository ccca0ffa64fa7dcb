// .npy and .npz: what NumPy writes is read, what is written NumPy reads, and
// what is malformed gives one clear error.
#include "runtime/train/Npz.h"
#include "test/unit/train/Arrays.h"
#include "test/unit/train/TempDir.h"

#include <gtest/gtest.h>
#include <numeric>
#include <zip.h>

using namespace mpcrt::train;

namespace {

const std::string fixtures = MPC_SOURCE_DIR "/test/unit/train/fixtures/";
constexpr uint64_t plenty = 1 << 20;

Array readMember(const std::string &file, const std::string &name) {
  NpzReader reader;
  Status status = reader.open(file);
  EXPECT_TRUE(status.ok()) << status.message;
  Array array;
  status = reader.read(name, plenty, array);
  EXPECT_TRUE(status.ok()) << status.message;
  return array;
}

template <typename T> std::vector<T> counting(size_t count) {
  std::vector<T> values(count);
  std::iota(values.begin(), values.end(), T(0));
  return values;
}

Status parse(const std::string &dictionary) {
  NpyHeader header;
  return parseNpyDictionary(dictionary, "it", header);
}

/// A .npy file with any header and any number of zero bytes behind it.
std::string npyWith(const std::string &dictionary, size_t dataBytes) {
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += char(dictionary.size() & 255);
  bytes += char(dictionary.size() >> 8);
  return bytes + dictionary + std::string(dataBytes, '\0');
}

std::string shaped(const std::string &descr, const std::string &shape) {
  return "{'descr': '" + descr +
         "', 'fortran_order': False, 'shape': " + shape + ", }\n";
}

} // namespace

TEST(Npz, ReadsEveryTypeThatNumpyWrites) {
  for (const char *file : {"stored.npz", "deflated.npz"}) {
    SCOPED_TRACE(file);
    std::string path = fixtures + file;
    EXPECT_EQ(valuesOf<float>(readMember(path, "f4").bytes),
              counting<float>(6));
    EXPECT_EQ(valuesOf<double>(readMember(path, "f8").bytes),
              counting<double>(6));
    EXPECT_EQ(valuesOf<int32_t>(readMember(path, "i4").bytes),
              counting<int32_t>(6));
    EXPECT_EQ(valuesOf<int64_t>(readMember(path, "i8").bytes),
              counting<int64_t>(6));
    EXPECT_EQ(valuesOf<uint8_t>(readMember(path, "u1").bytes),
              counting<uint8_t>(6));
    EXPECT_EQ(valuesOf<uint8_t>(readMember(path, "b1").bytes),
              counting<uint8_t>(2));
    // 0 to 5 in IEEE half precision.
    EXPECT_EQ(
        valuesOf<uint16_t>(readMember(path, "f2").bytes),
        (std::vector<uint16_t>{0, 0x3c00, 0x4000, 0x4200, 0x4400, 0x4500}));
    EXPECT_EQ(readMember(path, "f4").shape, (std::vector<int64_t>{2, 3}));
    EXPECT_TRUE(readMember(path, "scalar").shape.empty());
    EXPECT_EQ(readMember(path, "empty").shape, (std::vector<int64_t>{0, 3}));
  }
}

TEST(Npz, FortranOrderBecomesCOrder) {
  Array array = readMember(fixtures + "stored.npz", "fortran");
  EXPECT_EQ(array.shape, (std::vector<int64_t>{2, 3, 4}));
  EXPECT_EQ(valuesOf<float>(array.bytes), counting<float>(24));
}

TEST(Npz, ObjectArraysAreRefusedAndHarmNoOther) {
  NpzReader reader;
  ASSERT_TRUE(reader.open(fixtures + "objects.npz").ok());
  Array array;
  EXPECT_TRUE(reader.read("good", plenty, array).ok());
  Status status = reader.read("bad", plenty, array);
  EXPECT_EQ(status.code, MPCRT_INVALID_DATA);
  EXPECT_NE(status.message.find("holds Python objects"), std::string::npos)
      << status.message;
}

TEST(Npz, WrittenArraysComeBackAndEqualArraysGiveEqualFiles) {
  TempDir dir;
  Array f = arrayOf<float>(Element::F4, {2, 2}, {1, 2, 3, -4.5f});
  Array i = arrayOf<int64_t>(Element::I8, {3}, {7, -8, 9});
  for (const char *name : {"a.npz", "b.npz"})
    ASSERT_TRUE(writeNpz(dir / name, {{"f", &f}, {"i/with:signs", &i}}).ok());
  EXPECT_EQ(readAll(dir / "a.npz"), readAll(dir / "b.npz"));
  EXPECT_EQ(readMember(dir / "a.npz", "f").bytes, f.bytes);
  EXPECT_EQ(readMember(dir / "a.npz", "i/with:signs").bytes, i.bytes);
}

TEST(Npz, NumpyReadsWhatIsWritten) {
  if (std::system("python3 -c 'import numpy' 2>/dev/null") != 0)
    GTEST_SKIP() << "needs python3 with numpy";
  TempDir dir;
  Array f = arrayOf<float>(Element::F4, {2, 3}, counting<float>(6));
  Array s = arrayOf<double>(Element::F8, {}, {2.5});
  ASSERT_TRUE(writeNpz(dir / "w.npz", {{"f", &f}, {"s", &s}}).ok());
  std::string program = "import numpy as n; a = n.load('" + dir / "w.npz" +
                        "'); assert a['f'].tolist() == [[0, 1, 2], [3, 4, 5]]; "
                        "assert a['f'].dtype == 'float32' and a['s'] == 2.5";
  EXPECT_EQ(std::system(("python3 -c \"" + program + "\"").c_str()), 0);
}

TEST(Npz, AMissingFileIsAFileErrorAndGarbageIsInvalidData) {
  TempDir dir;
  NpzReader reader;
  EXPECT_EQ(reader.open(dir / "none.npz").code, MPCRT_FILE);
  EXPECT_EQ(reader.open(dir.write("g.npz", "not a zip archive")).code,
            MPCRT_INVALID_DATA);
  EXPECT_EQ(reader.open(dir.write("e.npz", "")).code, MPCRT_INVALID_DATA);
}

TEST(Npz, EveryTruncationIsAnError) {
  TempDir dir;
  std::string whole = readAll(fixtures + "deflated.npz");
  for (size_t size = 0; size < whole.size(); size += 7) {
    NpzReader reader;
    std::string path = dir.write("t.npz", whole.substr(0, size));
    EXPECT_FALSE(reader.open(path).ok()) << "cut to " << size << " bytes";
  }
}

TEST(Npz, DamagedElementsFailTheChecksum) {
  TempDir dir;
  std::string bytes = readAll(fixtures + "stored.npz");
  // The elements of f4 in the file: 0.0f, 1.0f, 2.0f.
  size_t at = bytes.find(std::string("\0\0\x80\x3f\0\0\0\x40", 8));
  ASSERT_NE(at, std::string::npos);
  bytes[at] = 1;
  NpzReader reader;
  ASSERT_TRUE(reader.open(dir.write("d.npz", bytes)).ok());
  Array array;
  Status status = reader.read("f4", plenty, array);
  EXPECT_EQ(status.code, MPCRT_INVALID_DATA);
  EXPECT_NE(status.message.find("CRC"), std::string::npos) << status.message;
}

TEST(Npz, AnArrayBeyondTheBoundIsRefusedBeforeMemoryIsTaken) {
  NpzReader reader;
  ASSERT_TRUE(reader.open(fixtures + "stored.npz").ok());
  Array array;
  EXPECT_EQ(reader.read("f8", 47, array).code, MPCRT_OUT_OF_MEMORY);
  EXPECT_EQ(array.bytes.capacity(), 0u);
  EXPECT_TRUE(reader.read("f8", 48, array).ok());
}

TEST(Npz, TwoMembersOfOneNameAreRefused) {
  TempDir dir;
  Array a = arrayOf<float>(Element::F4, {1}, {1});
  ASSERT_TRUE(writeNpz(dir / "a.npz", {{"aa", &a}, {"ab", &a}}).ok());
  std::string bytes = readAll(dir / "a.npz");
  for (size_t at = bytes.find("ab.npy"); at != std::string::npos;
       at = bytes.find("ab.npy", at))
    bytes[at + 1] = 'a';
  NpzReader reader;
  Status status = reader.open(dir.write("b.npz", bytes));
  EXPECT_EQ(status.code, MPCRT_INVALID_DATA);
  EXPECT_NE(status.message.find("two arrays named 'aa'"), std::string::npos)
      << status.message;
}

TEST(Npy, ReadsAllThreeVersions) {
  for (int version : {1, 2, 3}) {
    Array array;
    Status status = readNpyFile(
        fixtures + "version" + std::to_string(version) + ".npy", plenty, array);
    ASSERT_TRUE(status.ok()) << status.message;
    EXPECT_EQ(valuesOf<int64_t>(array.bytes), counting<int64_t>(3));
  }
}

TEST(Npy, HeaderLengthIsAMultipleOf64) {
  for (size_t rank = 0; rank < 30; ++rank) {
    std::vector<int64_t> shape(rank, 123456789);
    EXPECT_EQ(npyHeaderBytes(Element::F4, shape).size() % 64, 0u);
  }
}

TEST(Npy, TheHeaderWrittenIsTheHeaderRead) {
  using Shape = std::vector<int64_t>;
  for (Shape shape : {Shape{}, Shape{5}, Shape{2, 0, 7}}) {
    std::string bytes = npyHeaderBytes(Element::I4, shape);
    NpyHeader header;
    ASSERT_TRUE(parseNpyDictionary(bytes.substr(10), "it", header).ok());
    EXPECT_EQ(header.shape, shape);
    EXPECT_EQ(header.element, Element::I4);
    EXPECT_FALSE(header.fortranOrder);
  }
}

TEST(Npy, KeysMayComeInAnyOrder) {
  EXPECT_TRUE(
      parse("{\"shape\": (2,), 'descr': '<f4', 'fortran_order': True}").ok());
}

TEST(Npy, MalformedHeadersAreRefused) {
  for (const char *dictionary :
       {"", "{", "{}", "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-0,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1.5,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3 4)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': [3]}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3,}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)} x",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (), 'more': 1}",
        "{'descr': '<f4' 'fortran_order': False, 'shape': ()}",
        "{'descr': __import__('os'), 'fortran_order': False, 'shape': ()}"})
    EXPECT_EQ(parse(dictionary).code, MPCRT_INVALID_DATA) << dictionary;
}

TEST(Npy, UnsupportedTypesAreNamedWithWhatIsExpected) {
  struct Case {
    const char *descr, *says;
  };
  for (Case c : {Case{"'>f4'", "big-endian"}, Case{"'<c8'", "dtype '<c8'"},
                 Case{"'|S3'", "dtype '|S3'"}, Case{"'|O'", "Python objects"},
                 Case{"[('a', '<f4')]", "structured dtype"}}) {
    Status status = parse(std::string("{'descr': ") + c.descr +
                          ", 'fortran_order': False, 'shape': (1,)}");
    EXPECT_EQ(status.code, MPCRT_INVALID_DATA);
    EXPECT_NE(status.message.find(c.says), std::string::npos) << status.message;
  }
}

TEST(Npy, ShapesThatOverflowAreRefused) {
  EXPECT_TRUE(parse(shaped("|u1", "(9223372036854775807,)")).ok());
  EXPECT_FALSE(parse(shaped("<f4", "(9223372036854775807,)")).ok());
  EXPECT_FALSE(parse(shaped("|u1", "(4294967296, 4294967296)")).ok());
  // The product is 0, but a product of the others must not overflow either.
  EXPECT_FALSE(parse(shaped("|u1", "(4294967296, 4294967296, 0)")).ok());
  EXPECT_FALSE(parse(shaped("|u1", "(99999999999999999999,)")).ok());
}

TEST(Npy, TooFewOrTooManyBytesAreRefusedWithBothNumbers) {
  TempDir dir;
  Array array;
  std::string dictionary = shaped("<f4", "(3,)");
  for (size_t bytes : {0u, 11u, 13u}) {
    Status status = readNpyFile(dir.write("n.npy", npyWith(dictionary, bytes)),
                                plenty, array);
    EXPECT_EQ(status.code, MPCRT_INVALID_DATA);
    std::string found = std::to_string(10 + dictionary.size() + bytes);
    EXPECT_NE(status.message.find("has " + found + " bytes"), std::string::npos)
        << status.message;
  }
  EXPECT_TRUE(
      readNpyFile(dir.write("n.npy", npyWith(dictionary, 12)), plenty, array)
          .ok());
}

TEST(Npy, AHeaderThatPromisesTerabytesTakesNoMemory) {
  TempDir dir;
  Array array;
  std::string path =
      dir.write("n.npy", npyWith(shaped("<f4", "(1000000000000,)"), 4));
  EXPECT_EQ(readNpyFile(path, plenty, array).code, MPCRT_INVALID_DATA);
  EXPECT_EQ(array.bytes.capacity(), 0u);
}

TEST(Npy, OtherFilesVersionsAndLongHeadersAreRefused) {
  TempDir dir;
  Array array;
  auto code = [&](const std::string &bytes) {
    return readNpyFile(dir.write("n.npy", bytes), plenty, array).code;
  };
  EXPECT_EQ(code("hello, this is text"), MPCRT_INVALID_DATA);
  EXPECT_EQ(code(""), MPCRT_INVALID_DATA);
  std::string good = npyWith(shaped("<f4", "(1,)"), 4);
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_EQ(code(good.substr(0, size)), MPCRT_INVALID_DATA) << size;
  good[6] = 4;
  EXPECT_EQ(code(good), MPCRT_INVALID_DATA);
  EXPECT_EQ(code(npyWith(std::string(20000, ' '), 0)), MPCRT_INVALID_DATA);
  EXPECT_EQ(readNpyFile(dir / "none.npy", plenty, array).code, MPCRT_FILE);
  EXPECT_EQ(readNpyFile(dir / ".", plenty, array).code, MPCRT_FILE);
}
