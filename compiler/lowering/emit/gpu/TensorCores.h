// The instructions of tensor cores and of what feeds them, in few words. The
// names of PTX stand beside them.
#ifndef MPC_COMPILER_LOWERING_EMIT_GPU_TENSORCORES_H
#define MPC_COMPILER_LOWERING_EMIT_GPU_TENSORCORES_H

#include "compiler/lowering/emit/gpu/ThreadBuilder.h"
#include <array>

namespace mpc {

class TensorCores {
public:
  using Value = mlir::Value;

  explicit TensorCores(ThreadBuilder &b) : b(b) {}

  /// Lane 0's value, known to be the same in the whole warp (shfl.sync).
  Value uniform(Value x);
  /// True in one lane of the warp (elect.sync).
  Value elect();
  /// Lets all lanes of the warp see what they wrote (bar.warp.sync).
  void syncWarp();
  /// Changes how many registers the warpgroup's threads have (setmaxnreg).
  void setRegisters(int64_t count, bool more);

  // Barriers in shared memory (mbarrier).
  void initBarrier(Value barrier, int64_t arrivals);
  /// Lets all units see barriers that were just initialised.
  void publishBarriers();
  /// `barrier` may be another block's.
  void arrive(Value barrier);
  /// Arrives, and makes the phase wait for that many bytes.
  void arriveExpecting(Value barrier, int64_t bytes);
  void arriveExpecting(Value barrier, Value bytes);
  /// Until the phase of that parity is over.
  void wait(Value barrier, Value parity);

  /// Copies the map's box at `indices`, innermost first, to shared memory; the
  /// barrier counts its bytes (cp.async.bulk.tensor). With more than one block
  /// to the same place in the first `blocks` of the cluster, each of which has
  /// a barrier there.
  void copyBox(Value to, Value map, mlir::ValueRange indices, Value barrier,
               int64_t blocks = 1);
  /// Copies so many bytes, a multiple of 16, from global to shared memory, both
  /// at multiples of 16; the barrier counts them (cp.async.bulk).
  void copyBytes(Value to, Value from, Value bytes, Value barrier);
  void prefetch(Value map);

  // Blocks of a cluster, which run at the same time.
  /// Waits for all their threads (barrier.cluster).
  void syncCluster();
  /// Writes an f32 or i32 to another block's shared memory; the barrier there
  /// counts its bytes (st.async).
  void send(Value value, Value place, Value barrier);
  /// Lets copies overwrite what this thread read or wrote in shared memory
  /// (fence.proxy.async).
  void fenceCopies();
  /// The place in block number `rank` that `pointer` is in this one (mapa).
  Value inBlock(Value pointer, Value rank);

  // Products of a warpgroup (wgmma). Sums are one value of `count` f32.
  Value sharedAddress(Value pointer);
  Value descriptor(Value address, uint64_t layout);
  void beginProducts();
  /// Adds a 64 x 16 by 16 x `columns` product to `sums`, or to nothing if they
  /// are null; `left` and `right` are descriptors.
  Value multiply64(Value sums, Value left, Value right, int64_t columns,
                   mlir::Type element, bool leftDepthFirst,
                   bool rightDepthFirst);
  void endProducts();
  /// Until at most so many groups between begin and end are unfinished.
  void waitForProducts(int64_t unfinished);
  /// The sums, in registers at this point and not read before it: what wgmma
  /// and the waits for it do to registers is nothing the optimiser could see.
  Value pinSums(Value sums, int64_t count);
  /// Sums number `first` and the next as a vector.
  Value pair(Value sums, int64_t first);

  // Products of a warp (mma.sync), from sm_80 on, and how their operands come.
  using Fragment = std::array<Value, 4>; ///< of i32, or f32 for sums
  /// Starts to copy 16 bytes from global to shared memory; zeros are written
  /// where `isInside` (null: always) does not hold (cp.async).
  void copyChunk(Value to, Value from, Value isInside);
  /// Ends a group of this thread's copies.
  void endCopies();
  /// Until at most so many groups of this thread's copies are unfinished.
  void waitForCopies(int64_t unfinished);
  /// Four matrices of 8 x 8 16-bit elements. `row` is where row l % 8 of matrix
  /// l / 8 begins, for lane l. Of each the lane gets elements 2 (l % 4) and the
  /// next of row l / 4, or of that column if `transposed` (ldmatrix).
  Fragment loadMatrices(Value row, bool transposed);
  /// sums + a 16 x 16 by 16 x 8 product. The operands are quarters as
  /// loadMatrices() gives them, depth last: `left` rows 0 and 8 of depth 0,
  /// then of depth 8; `right` depth 0 and 8.
  Fragment multiply16(const Fragment &sums, const Fragment &left,
                      std::array<Value, 2> right, mlir::Type element);

private:
  ThreadBuilder &b;
};

} // namespace mpc

#endif
