// Tensors of the reference interpreter: every number as an f64 or an i64.
#ifndef MPC_COMPILER_REFERENCE_TENSOR_H
#define MPC_COMPILER_REFERENCE_TENSOR_H

#include "compiler/dialect/Shapes.h"
#include "compiler/formats/FloatFormat.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <vector>

namespace mpc::reference {

/// A dense tensor in row-major order. `floats` holds the elements if the
/// element type is a float, `integers` if it is an integer (i1 as 0 and 1,
/// others sign extended); the other vector is empty.
struct Tensor {
  mlir::RankedTensorType type;
  std::vector<double> floats;
  std::vector<int64_t> integers;

  Tensor() = default;
  /// All elements 0.
  explicit Tensor(mlir::RankedTensorType type);
  /// Holds `values`, unrounded, or wrapped to the integer type's width.
  Tensor(mlir::RankedTensorType type, std::vector<double> values);
  Tensor(mlir::RankedTensorType type, std::vector<int64_t> values);

  llvm::ArrayRef<int64_t> shape() const { return type.getShape(); }
  int64_t size() const { return elementCount(shape()); }
  bool isFloat() const;
  /// The one element of a scalar.
  double scalar() const { return floats.front(); }
  int64_t integer() const { return integers.front(); }
};

/// The format of a float type of the dialect.
formats::FloatFormat formatOf(mlir::Type elementType);

/// What a tensor op stores for the f64 value of its formula: the dialect
/// computes in f32 and rounds that to the result's type, so both roundings
/// happen here. For one addition, subtraction, multiplication, division or
/// square root the first one gives exactly what f32 arithmetic gives, because
/// 53 >= 2 * 24 + 2 (Figueroa 1995, "When is double rounding innocuous?").
double roundResult(double value, formats::FloatFormat format);

/// Wraps to the width of an integer type; i1 keeps the lowest bit.
int64_t wrapInteger(int64_t value, mlir::Type elementType);

/// Rounds or wraps every element to the tensor's own type.
void roundElements(Tensor &tensor);

/// Calls `body` for every index of `shape`, the last dimension fastest.
void forEachIndex(llvm::ArrayRef<int64_t> shape,
                  llvm::function_ref<void(llvm::ArrayRef<int64_t>)> body);

/// The row-major position of `index` in `shape`.
int64_t position(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> index);

/// The position in `shape` of the element that NumPy broadcasting puts at
/// `index`, which may have more dimensions.
int64_t broadcastPosition(llvm::ArrayRef<int64_t> shape,
                          llvm::ArrayRef<int64_t> index);

} // namespace mpc::reference

#endif
