// Any bytes as a JSON model: refused with a reason, or a graph that holds
// together.
#include "frontend/model/JsonReader.h"
#include "test/fuzz/FuzzGraph.h"

#include <cstdlib>

using namespace mpc::frontend;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  auto file = std::as_bytes(std::span(data, size));
  Problems problems;
  auto graph = readJson(file, "/nowhere/model.json", problems);
  if (graph)
    fuzz::importWithoutIr(*graph, file, problems);
  else if (problems.empty())
    std::abort();
  return 0;
}
