// What a library computes in place of the kernels of a launch.
#ifndef MPC_RUNTIME_ARTIFACT_LIBRARYCALL_H
#define MPC_RUNTIME_ARTIFACT_LIBRARYCALL_H

#include "runtime/artifact/DType.h"
#include "runtime/artifact/Status.h"

#include <cstdint>
#include <string>
#include <vector>

namespace mpcrt {

struct Manifest;
struct Target;
struct Launch;

/// The one library there is so far: matrix products.
inline constexpr const char *cublasLtLibrary = "cublaslt";

/// alpha * A' * B' + bias for each of a batch, row-major and dense: A' is
/// [m, k], or stored as [k, m] under transA; B' likewise [k, n].
struct LibraryCall {
  std::string library = cublasLtLibrary;
  int64_t launches = 1; ///< it stands for, from the one that names it on
  int64_t batch = 1, m = 1, n = 1, k = 1;
  bool transA = false, transB = false;
  double alpha = 1;
  DType type = DType::F16;       ///< of A and B: F16, BF16 or F32
  DType resultType = DType::F16; ///< of the result and the bias: theirs or F32
  int64_t a = 0, b = 0, result = 0; ///< arguments of the launch
  int64_t bias = -1;                ///< n elements, or -1

  bool operator==(const LibraryCall &) const = default;
};

/// Checks the library call of launch `index`, whose indices must be in range:
/// that the library is known, that its operands are arguments which hold them,
/// that it writes what is a program's to write, and that the launches which it
/// stands for are there and have its arguments. Of constants, whose size the
/// manifest does not know, the size is not checked.
Status checkLibraryCall(const Manifest &manifest, const Target &target,
                        const std::vector<Launch> &launches, size_t index,
                        const std::string &where);

} // namespace mpcrt

#endif // MPC_RUNTIME_ARTIFACT_LIBRARYCALL_H
