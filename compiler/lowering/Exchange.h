// What the threads of a team have, moved between them.
#ifndef MPC_COMPILER_LOWERING_EXCHANGE_H
#define MPC_COMPILER_LOWERING_EXCHANGE_H

#include "compiler/lowering/Emitter.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

namespace mpc {

/// Moves values between the threads of a GPU's team, several at once, and joins
/// them.
class Exchange {
public:
  using Value = mlir::Value;
  using Values = llvm::SmallVector<Value>;

  static constexpr int64_t warp = 32;

  Exchange(TileKernel &k, TileKernel::JoinValue join)
      : k(k), b(k.b), loc(k.loc), join(join) {}

  /// Pairs of ever closer threads, so that all of a warp end with the same.
  void joinWarp(Values &values) { joinLanes(values, warp); }
  /// The same of each `lanes` neighbours.
  void joinLanes(Values &values, int64_t lanes);
  /// One of each value per warp of this block, in their order.
  void joinWarps(Values &values);
  /// One of each value per block, in their order.
  void joinBlocks(Values &values);
  /// One of the only value per thread of the team, in their order.
  void joinColumns(Values &values);
  /// Of every block what its warps have of `values`, joined, then `known`.
  TileKernel::OfBlocks gatherBlocks(mlir::ValueRange values,
                                    mlir::ValueRange known);

private:
  /// Where the blocks' values are.
  struct BlockSlots {
    int64_t first, blocks;
    int64_t at(size_t i, int64_t block) const {
      return first + int64_t(i) * blocks + block;
    }
  };
  BlockSlots send(Values values, mlir::ValueRange known);
  int64_t blockJoinsBefore();
  void sendToBlock(Value value, Value block, Value slot);

  int64_t warps() const { return k.team.size / warp; }
  Value slotOfWarp(size_t i, int64_t warp);
  void storeOfWarp(mlir::ValueRange values);

  /// Where the value of each sender is.
  using Slot = llvm::function_ref<Value(size_t value, int64_t sender)>;
  void joinSlots(Values &values, int64_t senders, Slot slot);
  void joinMeeting(Values &values, int64_t senders, Slot slot);

  Value address(Value slot);
  void store(Value value, Value slot);
  Value load(mlir::Type type, Value slot);
  // Integers below 32 bits travel as 32.
  mlir::Type wideType(mlir::Type type);
  Value widened(Value value);
  Value narrowed(Value value, mlir::Type type);

  Value number(int32_t value);
  Value shuffle(Value value, int32_t distance);
  Value fromThread(Value value, int32_t distance);

  TileKernel &k;
  mlir::OpBuilder &b;
  mlir::Location loc;
  TileKernel::JoinValue join;
};

} // namespace mpc

#endif
