// Parsing with messages that help: an unknown name comes with the nearest one.
#ifndef MPCRT_TRAIN_COMMANDLINE_H
#define MPCRT_TRAIN_COMMANDLINE_H

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace mpcrt::train {

/// Insertions, deletions, substitutions and swaps of neighbours that turn one
/// text into the other (optimal string alignment).
size_t editDistance(std::string_view from, std::string_view to);

/// The candidate nearest to `word`, the first of equals, or "" if none is
/// within a third of its length (at least 1, at most 3 edits).
std::string nearest(std::string_view word,
                    const std::vector<std::string> &candidates);

/// Parses a command line. Each occurrence of an option takes one value,
/// wherever it stands; a list is given by repeating it. Returns nothing if the
/// program should go on, else its exit code: 0 after help or version (on
/// `out`), 2 after a mistake, which is explained on `err` in one line. Unknown
/// options, verbs and missing values are mistakes. No exception leaves it.
std::optional<int> parseCommandLine(CLI::App &app, int argc,
                                    const char *const *argv, std::ostream &out,
                                    std::ostream &err);

} // namespace mpcrt::train

#endif
