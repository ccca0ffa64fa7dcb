// What a library computes in place of the kernels of a launch.
#ifndef MPC_RUNTIME_ARTIFACT_LIBRARYCALL_H
#define MPC_RUNTIME_ARTIFACT_LIBRARYCALL_H

#include "runtime/artifact/DType.h"
#include "runtime/artifact/Status.h"

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace mpcrt {

struct Manifest;
struct Target;
struct Launch;

/// Who computes what no library does: generated kernels.
inline constexpr const char *noLibrary = "generated";

/// A library that an artifact may name.
struct LibraryInfo {
  const char *name;          ///< in artifacts
  const char *title, *files; ///< in messages: what it is called, what is loaded
  const char *computes;      ///< in the singular
};
inline constexpr LibraryInfo cublasLt = {"cublaslt", "cuBLASLt",
                                         "libcublasLt.so.13 or .12", "product"};
inline constexpr LibraryInfo cudnn = {"cudnn", "cuDNN", "libcudnn.so.9",
                                      "convolution"};
inline constexpr const LibraryInfo *libraries[] = {&cublasLt, &cudnn};

/// result = A' * B', for each of a batch, row-major and dense: A' is [m, k], or
/// stored as [k, m] under transA; B' likewise [k, n].
struct ProductForm {
  int64_t batch = 1, m = 1, n = 1, k = 1;
  bool transA = false, transB = false;
  double alpha = 1; ///< a factor of the product

  bool operator==(const ProductForm &) const = default;
};

/// A convolution of `input` [N, C, H, W] with `weight` [F, C / groups, KH, KW],
/// or one of its gradients; all of them dense. Padding is the same on both
/// sides.
struct ConvolutionForm {
  enum class Kind {
    Forward,       ///< of A by B
    InputGradient, ///< of the result's gradient A, by the weight B
    WeightGradient ///< of the result's gradient A, by the input B
  };
  Kind kind = Kind::Forward;
  std::array<int64_t, 4> input = {1, 1, 1, 1}, weight = {1, 1, 1, 1};
  std::array<int64_t, 2> strides = {1, 1}, pads = {0, 0}, dilations = {1, 1};
  int64_t groups = 1;

  /// [N, F, OH, OW]; not all above 0 if the window does not fit.
  std::array<int64_t, 4> output() const;
  bool operator==(const ConvolutionForm &) const = default;
};

/// A library's product or convolution, plus a bias, rounded once.
struct LibraryCall {
  int64_t launches = 1;    ///< it stands for, from the one that names it on
  DType type = DType::F16; ///< of A and B: F16, BF16 or F32
  DType resultType = DType::F16; ///< of the result and the bias: theirs or F32
  int64_t a = 0, b = 0, result = 0; ///< arguments of the launch
  /// Of a product n elements, of a forward convolution F; -1 for none.
  int64_t bias = -1;
  /// What cuBLASLt computes, or what cuDNN does.
  std::variant<ProductForm, ConvolutionForm> form;

  const LibraryInfo &library() const {
    return std::holds_alternative<ProductForm>(form) ? cublasLt : cudnn;
  }
  bool operator==(const LibraryCall &) const = default;
};

/// Checks the library call of launch `index`, whose indices must be in range:
/// that it is of a form which its library computes, that its operands are
/// arguments which hold them, that it writes what is a program's to write, and
/// that the launches which it stands for are there and have its arguments. Of
/// constants, whose size the manifest does not know, the size is not checked.
Status checkLibraryCall(const Manifest &manifest, const Target &target,
                        const std::vector<Launch> &launches, size_t index,
                        const std::string &where);

} // namespace mpcrt

#endif // MPC_RUNTIME_ARTIFACT_LIBRARYCALL_H
