#include "compiler/lowering/ElementTypes.h"

#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;

std::optional<mpcrt::DType> mpc::artifactType(Type element) {
  if (element.isF32())
    return mpcrt::DType::F32;
  if (element.isF16())
    return mpcrt::DType::F16;
  if (element.isBF16())
    return mpcrt::DType::BF16;
  if (element.isInteger(64))
    return mpcrt::DType::I64;
  if (element.isInteger(32))
    return mpcrt::DType::I32;
  if (element.isInteger(8))
    return mpcrt::DType::I8;
  if (element.isInteger(1))
    return mpcrt::DType::Bool;
  return std::nullopt;
}
