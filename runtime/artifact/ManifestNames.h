// Names of the manifest's enumerations, shared by its writer and its reader.
#ifndef MPC_RUNTIME_ARTIFACT_MANIFESTNAMES_H
#define MPC_RUNTIME_ARTIFACT_MANIFESTNAMES_H

#include <array>
#include <optional>
#include <string_view>

namespace mpcrt {

// In the order of Role, Init::Kind and Buffer::Kind.
inline constexpr std::array<std::string_view, 8> roleNames = {
    "parameter", "constant", "statistic", "moment",
    "step",      "hyper",    "loop",      "derived"};
inline constexpr std::array<std::string_view, 5> initNames = {
    "fill", "uniform", "normal", "data", "derive"};
inline constexpr std::array<std::string_view, 7> bufferNames = {
    "state", "input", "label", "output", "arena", "status", "constant"};
// In the order of ConvolutionForm::Kind.
inline constexpr std::array<std::string_view, 3> convolutionNames = {
    "forward", "input_gradient", "weight_gradient"};

/// The enumerator of type `E` with that name, or nothing.
template <typename E, size_t N>
std::optional<E> enumFromName(const std::array<std::string_view, N> &names,
                              std::string_view name) {
  for (size_t i = 0; i < N; ++i)
    if (names[i] == name)
      return E(i);
  return std::nullopt;
}

} // namespace mpcrt

#endif // MPC_RUNTIME_ARTIFACT_MANIFESTNAMES_H
