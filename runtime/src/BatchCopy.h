// Where a batch comes from, and how it gets into a program's own memory.
#ifndef MPC_RUNTIME_SRC_BATCHCOPY_H
#define MPC_RUNTIME_SRC_BATCHCOPY_H

#include "runtime/src/ThreadPool.h"

#include <cstddef>
#include <cstdint>

namespace mpcrt {

/// Tensors of the caller: one per input and the label; of the device too, if
/// they are whole batches.
struct Batch {
  const void *const *inputs = nullptr;
  const void *label = nullptr;
  /// Null if each tensor is a batch; else its samples are these of each.
  const int64_t *samples = nullptr;
  int64_t count = 0; ///< of samples
};

/// Copies `bytes`, a batch of the tensor `from`, to `to`. Threads share it if
/// that pays.
void copyBatch(ThreadPool &pool, const Batch &batch, const void *from, void *to,
               size_t bytes);

} // namespace mpcrt

#endif // MPC_RUNTIME_SRC_BATCHCOPY_H
