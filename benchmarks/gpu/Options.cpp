#include "benchmarks/gpu/Options.h"
#include <filesystem>

namespace mpc::bench {

std::optional<Options> parseOptions(int argc, char **argv) {
  Options options;
  bool isRight = true;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    if (argument == "--bf16")
      options.bf16 = true;
    else if (argument == "--csv" && i + 1 < argc)
      options.csv = argv[++i];
    else if (argument.starts_with("-"))
      isRight = false;
    else if (options.folder.empty())
      options.folder = argument;
    else
      options.names.insert(argument);
  }
  if (isRight && !options.folder.empty())
    return options;
  std::fprintf(stderr, "usage: %s FOLDER [--bf16] [--csv F] [NAME...]\n",
               std::filesystem::path(argv[0]).filename().c_str());
  return std::nullopt;
}

File openCsv(const Options &options, const char *firstLine) {
  File file(options.csv.empty() ? nullptr
                                : std::fopen(options.csv.c_str(), "w"));
  if (file)
    std::fprintf(file.get(), "%s\n", firstLine);
  return file;
}

} // namespace mpc::bench
