// The strict parser of the dictionary in a .npy header, and its writer.
#include "runtime/train/Npy.h"

#include <charconv>
#include <limits>

namespace mpcrt::train {
namespace {

/// A cursor over the literal. Each `take` consumes leading spaces.
class Literal {
public:
  explicit Literal(std::string_view rest) : rest(rest) {}

  bool take(char c) {
    skipSpace();
    if (rest.empty() || rest.front() != c)
      return false;
    rest.remove_prefix(1);
    return true;
  }

  bool takeWord(std::string_view word) {
    skipSpace();
    if (!rest.starts_with(word))
      return false;
    rest.remove_prefix(word.size());
    return true;
  }

  /// A quoted string without escapes.
  bool takeString(std::string_view &value) {
    skipSpace();
    if (rest.empty() || (rest.front() != '\'' && rest.front() != '"'))
      return false;
    size_t end = rest.find(rest.front(), 1);
    if (end == std::string_view::npos)
      return false;
    value = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    return value.find('\\') == std::string_view::npos;
  }

  /// A number without sign; Python 2 wrote an `L` behind it.
  bool takeInteger(int64_t &value) {
    skipSpace();
    auto [end, error] =
        std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (error != std::errc() || value < 0 || rest.front() == '-')
      return false;
    rest.remove_prefix(size_t(end - rest.data()));
    if (!rest.empty() && rest.front() == 'L')
      rest.remove_prefix(1);
    return true;
  }

  bool atEnd() {
    skipSpace();
    return rest.empty();
  }

  bool nextIs(char c) {
    skipSpace();
    return !rest.empty() && rest.front() == c;
  }

private:
  void skipSpace() {
    size_t first = rest.find_first_not_of(" \n");
    rest.remove_prefix(first == std::string_view::npos ? rest.size() : first);
  }

  std::string_view rest;
};

Status parseDescr(Literal &literal, const std::string &what, Element &element) {
  static constexpr const char *expected =
      "; expected float16, float32, float64, int32, int64, int8, uint8 or bool";
  if (literal.nextIs('['))
    return failure(MPCRT_INVALID_DATA, what, " has a structured dtype",
                   expected, "; save each field as an array of its own");
  std::string_view descr;
  if (!literal.takeString(descr))
    return failure(MPCRT_INVALID_DATA, what,
                   " has a damaged header: 'descr' is not a string");
  struct Row {
    std::string_view descr;
    Element element;
  };
  static constexpr Row table[] = {{"<f2", Element::F2}, {"<f4", Element::F4},
                                  {"<f8", Element::F8}, {"<i4", Element::I4},
                                  {"<i8", Element::I8}, {"|u1", Element::U1},
                                  {"|b1", Element::B1}, {"|i1", Element::I1}};
  for (const Row &row : table)
    if (row.descr == descr) {
      element = row.element;
      return {};
    }
  if (descr.starts_with("|O"))
    return failure(MPCRT_INVALID_DATA, what, " holds Python objects", expected,
                   "; objects are not loaded because that would run code");
  if (descr.starts_with(">"))
    return failure(MPCRT_INVALID_DATA, what, " is big-endian ('", descr,
                   "'); save it with .astype('<", descr.substr(1), "')");
  return failure(MPCRT_INVALID_DATA, what, " has dtype '", descr, "'",
                 expected);
}

bool parseShape(Literal &literal, std::vector<int64_t> &shape) {
  shape.clear();
  if (!literal.take('('))
    return false;
  while (!literal.take(')')) {
    int64_t dim = 0;
    if (!literal.takeInteger(dim))
      return false;
    shape.push_back(dim);
    bool comma = literal.take(',');
    // `(3)` is a number in Python and not a tuple.
    if (!comma && (shape.size() == 1 || !literal.nextIs(')')))
      return false;
  }
  return true;
}

/// Refuses shapes whose bytes cannot be counted in 63 bits, zeros left aside,
/// so that no later product overflows whatever the order of its factors.
Status checkShape(const std::string &what, const NpyHeader &header) {
  uint64_t limit = uint64_t(std::numeric_limits<int64_t>::max());
  uint64_t bytes = elementBytes(header.element);
  if (header.shape.size() > 32)
    return failure(MPCRT_INVALID_DATA, what, " has ", header.shape.size(),
                   " dimensions; expected at most 32");
  for (int64_t dim : header.shape) {
    if (dim == 0)
      continue;
    if (bytes > limit / uint64_t(dim))
      return failure(MPCRT_INVALID_DATA, what, " has shape ",
                     shapeText(header.shape),
                     ", which is more than a file can hold");
    bytes *= uint64_t(dim);
  }
  return {};
}

} // namespace

Status parseNpyDictionary(std::string_view dictionary, const std::string &what,
                          NpyHeader &header) {
  auto damaged = [&](const auto &...parts) {
    return failure(MPCRT_INVALID_DATA, what,
                   " has a damaged header: ", parts...,
                   "; save it again with numpy.save or numpy.savez");
  };
  Literal literal(dictionary);
  if (!literal.take('{'))
    return damaged("no dictionary");
  bool descr = false, order = false, shape = false;
  while (!literal.take('}')) {
    std::string_view key;
    if (!literal.takeString(key) || !literal.take(':'))
      return damaged("a key was expected");
    bool &seen = key == "descr" ? descr : key == "shape" ? shape : order;
    if (key != "descr" && key != "fortran_order" && key != "shape")
      return damaged("unknown key '", key, "'");
    if (seen)
      return damaged("'", key, "' occurs twice");
    seen = true;
    if (key == "descr") {
      if (Status status = parseDescr(literal, what, header.element);
          !status.ok())
        return status;
    } else if (key == "shape") {
      if (!parseShape(literal, header.shape))
        return damaged("'shape' is not a tuple of sizes");
    } else {
      header.fortranOrder = literal.takeWord("True");
      if (!header.fortranOrder && !literal.takeWord("False"))
        return damaged("'fortran_order' is neither True nor False");
    }
    if (!literal.take(',') && !literal.nextIs('}'))
      return damaged("a comma was expected after '", key, "'");
  }
  if (!literal.atEnd())
    return damaged("text after the dictionary");
  if (!descr || !order || !shape)
    return damaged("'", !descr ? "descr" : (order ? "shape" : "fortran_order"),
                   "' is missing");
  return checkShape(what, header);
}

std::string npyHeaderBytes(Element element, std::span<const int64_t> shape) {
  static constexpr const char *descrs[] = {"<f2", "<f4", "<f8", "<i4",
                                           "<i8", "|u1", "|b1", "|i1"};
  std::string dictionary = std::string("{'descr': '") +
                           descrs[size_t(element)] +
                           "', 'fortran_order': False, 'shape': (";
  for (size_t i = 0; i < shape.size(); ++i)
    dictionary += (i ? " " : "") + std::to_string(shape[i]) +
                  (i + 1 < shape.size() || i == 0 ? "," : "");
  dictionary += "), }";
  bool isLong = dictionary.size() + 64 > 65535;
  size_t prefix = isLong ? 12 : 10;
  size_t length = (prefix + dictionary.size() + 1 + 63) / 64 * 64 - prefix;
  dictionary.resize(length - 1, ' ');
  dictionary += '\n';

  std::string bytes = "\x93NUMPY";
  bytes += char(isLong ? 2 : 1);
  bytes += char(0);
  for (size_t i = 0; i < (isLong ? 4u : 2u); ++i)
    bytes += char((length >> (8 * i)) & 255);
  return bytes + dictionary;
}

} // namespace mpcrt::train
