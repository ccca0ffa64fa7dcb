// Writes a program per op of Cases.h, for ops_compare: the compiler is too
// large to carry to where the GPU is.
#include "benchmarks/ops/Cases.h"
#include "test/gpu/numerics/Compile.h"
#include <cstdio>
#include <filesystem>
#include <set>

using namespace mpc;

int main(int argc, char **argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: ops_programs FOLDER [NAME...]\n"
                         "writes FOLDER/NAME.FORMAT.mpx for sm_90a\n");
    return 2;
  }
  const std::string folder = argv[1];
  const std::set<std::string> wanted(argv + 2, argv + argc);
  std::filesystem::create_directories(folder);
  for (std::string format : {"f32", "f16", "bf16"})
    for (const bench::OpCase &c : bench::opCases(format == "f32" ? 4 : 2)) {
      if (!wanted.empty() && !wanted.contains(c.name))
        continue;
      if (c.one.op == "cast" && format == "f32")
        continue;
      if (!test::compileArtifact(
              test::functionText(c.one, {format, format}, "forward"), c.name,
              "sm_90a", folder + "/" + c.name + "." + format + ".mpx"))
        return 1;
    }
  return 0;
}
