// The mpc command: registers the verbs and calls them.
#include "runtime/train/CommandLine.h"
#include "runtime/train/Verbs.h"
#include "tools/mpc/CompileVerbs.h"
#include "tools/mpc/EvalModel.h"
#include <iostream>

int main(int argc, char **argv) {
  CLI::App app("mpc compiles whole mixed-precision training steps", "mpc");
  int exitCode = 0;
  mpc::addCompileVerbs(app, exitCode);
  mpcrt::train::addRuntimeVerbs(app, exitCode, mpc::evalModelOrArtifact);
  auto finished =
      mpcrt::train::parseCommandLine(app, argc, argv, std::cout, std::cerr);
  return finished ? *finished : exitCode;
}
