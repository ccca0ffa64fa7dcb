// For each row of a tensor the list of the indices that name it, ascending.
#ifndef MPC_COMPILER_LOWERING_EMIT_ROWLISTS_H
#define MPC_COMPILER_LOWERING_EMIT_ROWLISTS_H

#include "compiler/lowering/emit/Rows.h"

namespace mpc {

/// Workspace 0 has the first index of each row, workspace 1 the next one of
/// each index, as i32; the number of indices ends a list.
class RowLists {
public:
  RowLists(mlir::Value indices, int64_t rows);

  /// Of the phases that build the lists. On a CPU one thread walks all indices
  /// backwards. On a GPU the lists are emptied; then each index enters its row:
  /// workspace 2 has the last index of each row, workspace 3 the row of each
  /// index. The first and the last one are the same in whatever order indices
  /// come. Then the next one of each index that is not its row's last is looked
  /// for behind it: an only one has none, and of many the next one is near.
  llvm::SmallVector<int64_t> tiles(Target target) const;
  llvm::SmallVector<mlir::MemRefType> workspaces(Target target) const;
  static TeamShape team(KernelOp kernel, int64_t phase);

  /// Emits k.phase if it is one of these phases, else returns false.
  bool build(TileKernel &k) const;

  using Body = llvm::function_ref<LoopBuilder::Values(
      LoopBuilder &, mlir::Value number, mlir::ValueRange)>;
  /// Folds values = body(b, number, values) over the indices of `row` in order.
  LoopBuilder::Values fold(TileKernel &k, LoopBuilder &b, mlir::Value row,
                           mlir::ValueRange init, Body body) const;
  /// The same over a list from `first`, an i32, to `count`; `next` loads what
  /// follows a number.
  using Next = llvm::function_ref<mlir::Value(LoopBuilder &, mlir::Value)>;
  static LoopBuilder::Values foldList(LoopBuilder &b, mlir::Value first,
                                      int64_t count, Next next,
                                      mlir::ValueRange init, Body body);

private:
  mlir::Value indices;
  int64_t rows, count;

  int64_t paddedRows() const;
  int64_t paddedCount() const;
  mlir::Value rowAt(TileKernel &k, LoopBuilder &b, mlir::Value number) const;
  void thread(TileKernel &k) const;
  void empty(TileKernel &k) const;
  void enter(TileKernel &k) const;
  void link(TileKernel &k) const;
  mlir::Value nextOf(TileKernel &k, LoopBuilder &b, mlir::Value number,
                     mlir::Value row) const;
  mlir::Value leastIn(TileKernel &k, LoopBuilder &b, mlir::Value first,
                      mlir::Value number, mlir::Value row) const;
};

} // namespace mpc

#endif
