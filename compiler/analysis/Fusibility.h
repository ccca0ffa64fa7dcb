// Which ops may share a kernel.
#ifndef MPC_COMPILER_ANALYSIS_FUSIBILITY_H
#define MPC_COMPILER_ANALYSIS_FUSIBILITY_H

#include "compiler/dialect/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"

namespace mpc {

/// The value that `value` is a view of, or `value` itself.
mlir::Value viewedValue(mlir::Value value);
/// Whether all that read results of `op` stand behind `place`, in one block.
bool isReadBehind(mlir::Operation *op, mlir::Operation *place);
/// Whether an op needs a kernel: not a read, constant, view or terminator.
bool needsKernel(mlir::Operation *op);

/// The operand of its result's shape that an elementwise op with one result
/// transforms, where all others have a single element; null for other ops.
mlir::Value transformedTensor(mlir::Operation *op);

/// A partition of a function's ops into kernels. Starts with one kernel per op;
/// merge() keeps these rules:
///  - at most one op, the root, is not elementwise;
///  - without a root, all results have one shape, and so has every op;
///  - with one, each result depends on results of the root of its own shape
///    alone, element by element; ops that do not depend on the root are read
///    inside the kernel only; no result is the next value of a state that the
///    kernel reads, as only elementwise kernels may write in place;
///  - an op that a library computes has a kernel of its own;
///  - expand_rows counts as elementwise, but stands only in kernels without a
///    root and reads what other kernels have made;
///  - kernels do not depend on each other in a cycle.
class KernelPartition {
public:
  struct Kernel {
    llvm::SetVector<mlir::Operation *> ops;
    mlir::Operation *root = nullptr;
  };

  explicit KernelPartition(mlir::func::FuncOp function);

  /// Merges as the schedule phase wants it: elementwise ops with producers of
  /// their shape, casts with their only reader, what transforms one tensor with
  /// an only reader that reads once, scalars with each other.
  void fuse();

  llvm::ArrayRef<Kernel> kernels() const { return all; }
  /// The number of the kernel of `op`, or -1.
  int64_t kernelOf(mlir::Operation *op) const;
  /// Kernels that use results of kernel `number`, through views too.
  llvm::SetVector<int64_t> usersOf(int64_t number) const;

private:
  bool fitEdge(mlir::Value value, mlir::Operation *user) const;
  bool isValid(const Kernel &kernel) const;
  bool hasPathAround(int64_t from, int64_t to) const;
  bool overwritesInput(mlir::Value result, const Kernel &kernel) const;
  bool merge(int64_t first, int64_t second);
  void mergeEdge(mlir::Value value, mlir::Operation *user, bool withRoots);

  llvm::SmallVector<Kernel> all; ///< empty where merged into another
  llvm::DenseMap<mlir::Operation *, int64_t> numbers;
  llvm::DenseMap<mlir::Value, mlir::Attribute> committed; ///< value -> state
};

} // namespace mpc

#endif
