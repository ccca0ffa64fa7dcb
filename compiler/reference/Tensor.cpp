#include "compiler/reference/Tensor.h"
#include "llvm/Support/MathExtras.h"
#include <cassert>

using namespace mlir;

namespace mpc::reference {

Tensor::Tensor(RankedTensorType type) : type(type) {
  if (isFloat())
    floats.assign(size(), 0.0);
  else
    integers.assign(size(), 0);
}

Tensor::Tensor(RankedTensorType type, std::vector<double> values)
    : type(type), floats(std::move(values)) {
  assert(isFloat() && static_cast<int64_t>(floats.size()) == size());
}

Tensor::Tensor(RankedTensorType type, std::vector<int64_t> values)
    : type(type), integers(std::move(values)) {
  assert(!isFloat() && static_cast<int64_t>(integers.size()) == size());
  roundElements(*this);
}

bool Tensor::isFloat() const { return isa<FloatType>(type.getElementType()); }

formats::FloatFormat formatOf(Type elementType) {
  if (elementType.isF16())
    return formats::FloatFormat::F16;
  if (elementType.isBF16())
    return formats::FloatFormat::BF16;
  assert(elementType.isF32() && "not a float type of the dialect");
  return formats::FloatFormat::F32;
}

double roundResult(double value, formats::FloatFormat format) {
  double computed = formats::roundTo(value, formats::FloatFormat::F32);
  return formats::roundTo(computed, format);
}

int64_t wrapInteger(int64_t value, Type elementType) {
  unsigned width = elementType.getIntOrFloatBitWidth();
  return width == 1 ? value & 1 : llvm::SignExtend64(value, width);
}

void roundElements(Tensor &tensor) {
  Type element = tensor.type.getElementType();
  if (tensor.isFloat())
    for (double &value : tensor.floats)
      value = roundResult(value, formatOf(element));
  for (int64_t &value : tensor.integers)
    value = wrapInteger(value, element);
}

void forEachIndex(ArrayRef<int64_t> shape,
                  llvm::function_ref<void(ArrayRef<int64_t>)> body) {
  Shape index(shape.size(), 0);
  for (int64_t count = elementCount(shape); count > 0; --count) {
    body(index);
    for (size_t d = shape.size(); d-- > 0;) {
      if (++index[d] < shape[d])
        break;
      index[d] = 0;
    }
  }
}

int64_t position(ArrayRef<int64_t> shape, ArrayRef<int64_t> index) {
  int64_t result = 0;
  for (size_t d = 0; d < shape.size(); ++d)
    result = result * shape[d] + index[d];
  return result;
}

int64_t broadcastPosition(ArrayRef<int64_t> shape, ArrayRef<int64_t> index) {
  ArrayRef<int64_t> own = index.take_back(shape.size());
  int64_t result = 0;
  for (size_t d = 0; d < shape.size(); ++d)
    result = result * shape[d] + (shape[d] == 1 ? 0 : own[d]);
  return result;
}

} // namespace mpc::reference
