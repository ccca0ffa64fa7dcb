// What all libraries have in common that are loaded by name and give a handle.
#ifndef MPC_RUNTIME_SRC_CUDA_STARTEDLIBRARY_H
#define MPC_RUNTIME_SRC_CUDA_STARTEDLIBRARY_H

#include "runtime/src/cuda/SharedObject.h"

// For lists of F(member, symbol, types of its parameters...): pointers to the
// functions, and how `library` sets them; `complete` stays true if it has all.
#define MPCRT_DECLARE_FUNCTION(member, symbol, ...)                            \
  int (*member)(__VA_ARGS__) = nullptr;
#define MPCRT_FIND_FUNCTION(member, symbol, ...)                               \
  complete = library.find(member, #symbol) && complete;

namespace mpcrt::cuda {

/// The functions of a `Table`, `create` and `destroy` among them, and a handle
/// for the context that was current when the library started.
template <typename Table, typename Handle> struct StartedLibrary : Table {
  Handle handle = nullptr;

  /// Loads the first of Table::files that is there; it stays loaded. False if
  /// there is none, if it lacks a function, or if it does not start.
  bool load() {
    return this->find(SharedObject(Table::files)) && this->create(&handle) == 0;
  }
  StartedLibrary() = default;
  ~StartedLibrary() {
    if (handle)
      (void)this->destroy(handle);
  }
  StartedLibrary(const StartedLibrary &) = delete;
  StartedLibrary &operator=(const StartedLibrary &) = delete;
};

} // namespace mpcrt::cuda

#endif // MPC_RUNTIME_SRC_CUDA_STARTEDLIBRARY_H
