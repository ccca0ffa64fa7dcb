// mpc-run: trains, evaluates and exports compiled models, with the runtime
// alone.
#include "runtime/train/CommandLine.h"
#include "runtime/train/Verbs.h"

#include <CLI/CLI.hpp>

int main(int argc, char **argv) {
  using namespace mpcrt::train;
  CLI::App app("Runs training programs that mpc compiled.", "mpc-run");
  int code = 0;
  addRuntimeVerbs(app, code);
  if (std::optional<int> exit =
          parseCommandLine(app, argc, argv, std::cout, std::cerr))
    return *exit;
  return code;
}
