// The mpc command: registers the verbs and calls them.
#include "runtime/train/CommandLine.h"
#include "runtime/train/Verbs.h"
#include "tools/mpc/CompileVerbs.h"
#include "tools/mpc/Config.h"
#include "tools/mpc/DoctorVerb.h"
#include "tools/mpc/EvalModel.h"
#include <iostream>

int main(int argc, char **argv) {
  CLI::App app("mpc compiles whole mixed-precision training steps", "mpc");
  int exitCode = 0;
  mpc::addCompileVerbs(app, exitCode);
  mpcrt::train::addRuntimeVerbs(app, exitCode, mpc::evalModelOrArtifact);
  mpc::addDoctorVerb(app, exitCode);

  auto arguments = mpc::expandConfig({argv, argv + argc});
  if (!arguments.ok()) {
    std::cerr << "error: " << arguments.status().message() << "\n";
    return static_cast<int>(arguments.status().code());
  }
  std::vector<const char *> pointers;
  for (const std::string &argument : *arguments)
    pointers.push_back(argument.c_str());
  auto finished =
      mpcrt::train::parseCommandLine(app, static_cast<int>(pointers.size()),
                                     pointers.data(), std::cout, std::cerr);
  return finished ? *finished : exitCode;
}
