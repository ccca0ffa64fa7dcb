// For each row of a tensor the list of the indices that name it, ascending.
#ifndef MPC_COMPILER_LOWERING_EMIT_ROWLISTS_H
#define MPC_COMPILER_LOWERING_EMIT_ROWLISTS_H

#include "compiler/lowering/emit/Rows.h"

namespace mpc {

/// Workspace 0 has the first index of each row, workspace 1 the next one of
/// each index; the number of indices ends a list.
class RowLists {
public:
  RowLists(mlir::Value indices, int64_t rows);

  /// Of the phases that build the lists. On a CPU one thread walks all indices
  /// backwards. On a GPU the lists are emptied, a thread per row, and the row
  /// of each index goes to workspace 2; then a warp per index looks through all
  /// indices for its neighbours in the list: work that grows with the square of
  /// their number, all of it side by side.
  llvm::SmallVector<int64_t> tiles(Target target) const;
  llvm::SmallVector<mlir::MemRefType> workspaces(Target target) const;
  static TeamShape team(KernelOp kernel, int64_t phase);

  /// Emits k.phase if it is one of these phases, else returns false.
  bool build(TileKernel &k) const;

  /// Folds body(b, number, value) over the indices of `row` in order.
  mlir::Value
  fold(TileKernel &k, LoopBuilder &b, mlir::Value row, mlir::Value init,
       llvm::function_ref<mlir::Value(LoopBuilder &, mlir::Value, mlir::Value)>
           body) const;

private:
  mlir::Value indices;
  int64_t rows, count;

  /// An index and the row that it names, as i32.
  struct Entry {
    mlir::Value number, row;
  };

  int64_t paddedCount() const;
  mlir::Value rowAt(TileKernel &k, LoopBuilder &b, mlir::Value number) const;
  void thread(TileKernel &k) const;
  void prepare(TileKernel &k) const;
  void link(TileKernel &k) const;
  llvm::SmallVector<mlir::Value> lookThrough(TileKernel &k, LoopBuilder &b,
                                             Entry entry, mlir::Value others,
                                             mlir::ValueRange found) const;
};

} // namespace mpc

#endif
