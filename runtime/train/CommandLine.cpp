#include "runtime/train/CommandLine.h"

#include "runtime/train/Status.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace mpcrt::train {

size_t editDistance(std::string_view from, std::string_view to) {
  // Rows of the table for the previous two, and the current, length of `from`.
  std::vector<size_t> older(to.size() + 1), old(to.size() + 1),
      row(to.size() + 1);
  for (size_t j = 0; j <= to.size(); ++j)
    row[j] = j;
  for (size_t i = 1; i <= from.size(); ++i) {
    older.swap(old);
    old.swap(row);
    row[0] = i;
    for (size_t j = 1; j <= to.size(); ++j) {
      size_t change = old[j - 1] + (from[i - 1] != to[j - 1]);
      row[j] = std::min({old[j] + 1, row[j - 1] + 1, change});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] &&
          from[i - 2] == to[j - 1])
        row[j] = std::min(row[j], older[j - 2] + 1);
    }
  }
  return row[to.size()];
}

std::string nearest(std::string_view word,
                    const std::vector<std::string> &candidates) {
  size_t limit = std::clamp<size_t>(word.size() / 3, 1, 3);
  std::string best;
  size_t least = limit + 1;
  for (const std::string &candidate : candidates)
    if (size_t distance = editDistance(word, candidate); distance < least) {
      least = distance;
      best = candidate;
    }
  return best;
}

namespace {

std::vector<std::string> optionNames(const CLI::App &app) {
  std::vector<std::string> names;
  for (const CLI::Option *option : app.get_options()) {
    for (const std::string &name : option->get_lnames())
      names.push_back("--" + name);
    for (const std::string &name : option->get_snames())
      names.push_back("-" + name);
  }
  return names;
}

std::vector<std::string> verbNames(const CLI::App &app) {
  std::vector<std::string> names;
  for (const CLI::App *verb : app.get_subcommands({}))
    names.push_back(verb->get_name());
  return names;
}

/// `a, b or c`
std::string joined(const std::vector<std::string> &words) {
  std::string list;
  for (size_t i = 0; i < words.size(); ++i)
    list += (i == 0 ? "" : i + 1 < words.size() ? ", " : " or ") + words[i];
  return list;
}

std::string suggestion(std::string_view word,
                       const std::vector<std::string> &candidates,
                       const std::string &command) {
  std::string near = nearest(word, candidates);
  return near.empty() ? text("; see ", command, " --help")
                      : text("; did you mean '", near, "'?");
}

/// What is wrong with an argument that nothing takes.
std::string explainExtra(const CLI::App &app, const CLI::App &verb,
                         const std::string &command, const std::string &extra) {
  if (extra.starts_with("-")) {
    std::string name = extra.substr(0, extra.find('='));
    return text("unknown option '", name, "' for ", command,
                suggestion(name, optionNames(verb), command));
  }
  if (&verb == &app && !app.get_subcommands({}).empty())
    return text("unknown verb '", extra, "'",
                suggestion(extra, verbNames(app), command));
  return text("unexpected argument '", extra, "' for ", command, "; see ",
              command, " --help");
}

std::string explain(const CLI::App &app, const CLI::ParseError &error) {
  const CLI::App *verb = &app;
  std::string command = app.get_name();
  while (!verb->get_subcommands().empty()) {
    verb = verb->get_subcommands().back();
    command += " " + verb->get_name();
  }
  // Options are looked at first: a value behind an unknown one is no mistake of
  // its own.
  std::vector<std::string> extras = verb->remaining();
  for (const std::string &extra : app.remaining())
    extras.push_back(extra);
  auto option =
      std::find_if(extras.begin(), extras.end(), [](const std::string &extra) {
        return extra.starts_with("-");
      });
  if (!extras.empty())
    return explainExtra(app, *verb, command,
                        option != extras.end() ? *option : extras.front());
  if (verb == &app && !verbNames(app).empty())
    return text("no verb given; expected ", joined(verbNames(app)));
  std::string message = error.what();
  if (!message.empty() && message.back() == '.')
    message.pop_back();
  return text(message, "; see ", command, " --help");
}

/// Of an option that may be repeated, CLI11 lets one occurrence take all that
/// follows, the positional arguments too.
void takeOneValueEach(CLI::App &app) {
  for (CLI::Option *option : app.get_options())
    option->allow_extra_args(false);
  for (CLI::App *verb : app.get_subcommands({}))
    takeOneValueEach(*verb);
}

} // namespace

std::optional<int> parseCommandLine(CLI::App &app, int argc,
                                    const char *const *argv, std::ostream &out,
                                    std::ostream &err) {
  try {
    takeOneValueEach(app);
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError &error) {
    if (error.get_exit_code() == 0)
      return app.exit(error, out, err);
    err << "error: " << explain(app, error) << std::endl;
    return MPCRT_USAGE;
  } catch (const std::exception &error) {
    err << "error: internal error: " << error.what() << std::endl;
    return MPCRT_INTERNAL;
  }
}

} // namespace mpcrt::train
