// Writes the artifact of the test program, for tests of commands.
// usage: mpc-test-program OUT.mpx TARGET...
#include "test/unit/runtime/program/TestProgram.h"

#include <fstream>

using namespace mpcrt;

int main(int argc, char **argv) {
  if (argc < 3)
    return 2;
  Manifest manifest = test::sampleManifest();
  const Target cpu = manifest.targets[0];
  manifest.targets.clear();
  for (int i = 2; i < argc; ++i)
    manifest.targets.push_back(
        argv[i] == cpu.target ? cpu : test::gpuTarget(argv[i]));
  const std::vector<std::byte> bytes = test::artifactOf(manifest);
  std::ofstream file(argv[1], std::ios::binary);
  file.write(reinterpret_cast<const char *>(bytes.data()),
             std::streamsize(bytes.size()));
  return file.flush() ? 0 : 5;
}
