// Loads a shared library that need not be there.
#ifndef MPC_RUNTIME_SRC_CUDA_SHAREDOBJECT_H
#define MPC_RUNTIME_SRC_CUDA_SHAREDOBJECT_H

#include <cstddef>
#include <dlfcn.h>

namespace mpcrt::cuda {

/// NVIDIA's libraries have handlers of their own, so they stay loaded.
class SharedObject {
public:
  /// Loads the first of the names that the linker finds.
  template <size_t count>
  explicit SharedObject(const char *const (&names)[count]) {
    for (const char *name : names)
      if (!handle)
        handle = dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  }
  explicit operator bool() const { return handle; }

  /// Sets the function, or null if the library has none of that name; false
  /// then.
  template <typename Function>
  bool find(Function *&function, const char *name) const {
    function =
        handle ? reinterpret_cast<Function *>(dlsym(handle, name)) : nullptr;
    return function;
  }

private:
  void *handle = nullptr;
};

} // namespace mpcrt::cuda

#endif // MPC_RUNTIME_SRC_CUDA_SHAREDOBJECT_H
