#include "frontend/model/Nearest.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace mpc::frontend {
namespace {

// Longer words are no typing mistakes, and the distance takes quadratic time.
constexpr size_t longestWord = 64;

std::string letters(const std::string &word) {
  std::string plain;
  for (char c : word)
    if (c != '_')
      plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return plain;
}

// Levenshtein's distance, row by row, with two swapped letters as one change.
size_t distance(const std::string &from, const std::string &to) {
  std::vector<size_t> before, last, row(to.size() + 1);
  for (size_t j = 0; j < row.size(); ++j)
    row[j] = j;
  for (size_t i = 1; i <= from.size(); ++i) {
    before = last;
    last = row;
    row[0] = i;
    for (size_t j = 1; j <= to.size(); ++j) {
      size_t replaced = last[j - 1] + (from[i - 1] != to[j - 1]);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] &&
          from[i - 2] == to[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row.back();
}

bool begins(const std::string &word, const std::string &with) {
  return with.size() >= 3 && word.compare(0, with.size(), with) == 0;
}

} // namespace

bool hasSameLetters(const std::string &one, const std::string &other) {
  return letters(one) == letters(other);
}

std::string nearest(const std::string &word,
                    const std::vector<std::string> &candidates) {
  std::string wanted = letters(word);
  if (wanted.size() < 2 || wanted.size() > longestWord)
    return "";
  std::string best;
  size_t least = std::max<size_t>(wanted.size() / 3, 1) + 1;
  std::string beginning;
  for (const std::string &candidate : candidates) {
    std::string plain = letters(candidate);
    if (size_t found = distance(wanted, plain); found < least) {
      least = found;
      best = candidate;
    }
    if (beginning.empty() && (begins(wanted, plain) || begins(plain, wanted)))
      beginning = candidate;
  }
  return best.empty() ? beginning : best;
}

} // namespace mpc::frontend
