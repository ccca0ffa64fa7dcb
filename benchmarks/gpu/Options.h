// The command line of programs that compare kernels:
//
//   PROGRAM FOLDER [--bf16] [--csv F] [NAME...]
#ifndef MPC_BENCHMARKS_GPU_OPTIONS_H
#define MPC_BENCHMARKS_GPU_OPTIONS_H

#include <cstdio>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace mpc::bench {

struct Options {
  std::string folder, csv;
  bool bf16 = false;
  std::set<std::string> names; ///< empty: all

  bool wants(const std::string &name) const {
    return names.empty() || names.contains(name);
  }
};

/// Nothing, with a message on stderr, if it is used wrongly.
std::optional<Options> parseOptions(int argc, char **argv);

struct CloseFile {
  void operator()(std::FILE *file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;
/// The file of --csv with this first line; null if there is none.
File openCsv(const Options &options, const char *firstLine);

} // namespace mpc::bench

#endif
