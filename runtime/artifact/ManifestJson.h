// Parts of a manifest that its reader and its writer have in files of their
// own.
#ifndef MPC_RUNTIME_ARTIFACT_MANIFESTJSON_H
#define MPC_RUNTIME_ARTIFACT_MANIFESTJSON_H

#include "runtime/artifact/Json.h"
#include "runtime/artifact/LibraryCall.h"

#include <array>

namespace mpcrt {

/// The element type of that name.
DType readDType(const JsonReader &name);

/// A list of exactly N numbers that are at least `least`.
template <size_t N>
std::array<int64_t, N> readNumbers(const JsonReader &list, int64_t least) {
  std::array<int64_t, N> numbers;
  numbers.fill(least);
  if (size_t count = list.size(); count != N)
    list.fail("has " + std::to_string(count) + " elements, expected " +
              std::to_string(N));
  else
    for (size_t i = 0; i < N; ++i)
      numbers[i] = list.at(i).integer(least);
  return numbers;
}

LibraryCall readLibraryCall(const JsonReader &object);
nlohmann::ordered_json libraryCallJson(const LibraryCall &call);

} // namespace mpcrt

#endif // MPC_RUNTIME_ARTIFACT_MANIFESTJSON_H
