// What libraries compute in place of kernels. They are loaded when an artifact
// names them.
#ifndef MPC_RUNTIME_SRC_CUDA_LIBRARIES_H
#define MPC_RUNTIME_SRC_CUDA_LIBRARIES_H

#include "runtime/artifact/Manifest.h"
#include "runtime/src/cuda/Driver.h"

#include <memory>
#include <vector>

namespace mpcrt::cuda {

/// As much as PyTorch gives cuBLASLt on the same cards.
inline constexpr size_t mostWorkspaceBytes = size_t(32) << 20;

/// A call that its library is ready to enqueue, always by the same algorithm.
class PreparedCall {
public:
  /// Where the operands lie; `bias` only if the call has one.
  struct Operands {
    const void *a = nullptr, *b = nullptr, *bias = nullptr;
    void *result = nullptr;
  };

  virtual ~PreparedCall() = default;
  /// At most mostWorkspaceBytes.
  virtual size_t workspaceBytes() const = 0;
  /// Its status, 0 if all is well.
  virtual int enqueue(const Operands &operands, void *workspace,
                      CUstream stream) const = 0;
};

/// A library that has started in the context that is current.
class Library {
public:
  virtual ~Library() = default;
  /// Null if the library has no algorithm for it. The library must outlive it.
  virtual std::unique_ptr<PreparedCall>
  prepare(const LibraryCall &call) const = 0;
};

/// A library with those functions, whose calls are made of them and of a
/// LibraryCall; their prepare() tells whether the library has an algorithm.
template <typename Functions, typename Call> class LibraryOf : public Library {
public:
  /// Null if the library is not there or does not start.
  static std::unique_ptr<Library> open() {
    auto library = std::make_unique<LibraryOf>();
    return library->functions.load() ? std::move(library) : nullptr;
  }
  std::unique_ptr<PreparedCall>
  prepare(const LibraryCall &call) const override {
    auto made = std::make_unique<Call>(functions, call);
    return made->prepare() ? std::move(made) : nullptr;
  }

private:
  Functions functions;
};

/// Of a target, all that libraries compute.
class Libraries {
public:
  /// Loads the libraries that the target's entries name and prepares their
  /// calls; the context must be current. `fallback` says what is not found,
  /// does not start, or has no algorithm; it stays empty if that is nothing.
  static Libraries prepare(const Target &target, std::string &fallback);

  /// Null if kernels compute it, since the library does not.
  const PreparedCall *find(const LibraryCall &call) const;
  /// Of the one workspace that all calls use, one after another.
  size_t workspaceBytes() const;
  /// `prepared` must be find(call). Code::Device if the library refuses.
  static Status enqueue(const LibraryCall &call, const PreparedCall &prepared,
                        const PreparedCall::Operands &operands, void *workspace,
                        CUstream stream);

private:
  struct Entry {
    LibraryCall call;
    std::unique_ptr<PreparedCall> prepared; ///< null if it is refused
  };
  // In this order: calls must go before their libraries.
  std::vector<std::unique_ptr<Library>> libraries;
  std::vector<Entry> entries;
};

} // namespace mpcrt::cuda

#endif // MPC_RUNTIME_SRC_CUDA_LIBRARIES_H
