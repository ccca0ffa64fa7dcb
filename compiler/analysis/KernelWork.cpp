#include "compiler/analysis/KernelWork.h"
#include "compiler/dialect/Shapes.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mpc;

static int64_t elementsOf(Value value) { return elementCount(shapeOf(value)); }

// Memory is in whole bytes.
static int64_t bytesOf(Value value, int64_t elements) {
  unsigned bits = elementTypeOf(value).getIntOrFloatBitWidth();
  return elements * ((bits + 7) / 8);
}

int64_t mpc::operationsOf(Operation *op) {
  if (auto product = dyn_cast<ProductOpInterface>(op))
    return 2 * product.getMultiplyAdds();
  if (isa<ConstantOp>(op) || op->hasTrait<OpTrait::IsTerminator>() ||
      op->hasTrait<trait::MovesElements>())
    return 0;
  int64_t read = 0, written = 0;
  for (Value value : op->getOperands())
    read += elementsOf(value);
  for (Value value : op->getResults())
    written = std::max(written, elementsOf(value));
  bool isElementwise = op->hasTrait<trait::Elementwise>();
  return isElementwise ? written : std::max(read, written);
}

// The root and all that it depends on.
static llvm::SetVector<Operation *> upTo(Operation *root) {
  llvm::SetVector<Operation *> ops;
  if (root)
    ops.insert(root);
  for (size_t i = 0; i < ops.size(); ++i)
    for (Value operand : ops[i]->getOperands())
      if (Operation *source = operand.getDefiningOp())
        ops.insert(source);
  return ops;
}

static StringRef typeOf(Operation *root) {
  if (!root || !isa<ProductOpInterface>(root))
    return "f32";
  Type left = elementTypeOf(root->getOperand(0));
  Type right = elementTypeOf(root->getOperand(1));
  if (left != right)
    return "f32";
  return left.isF16() ? "f16" : left.isBF16() ? "bf16" : "f32";
}

// What is moved out of a tensor is no more than arrives.
static int64_t elementsRead(Value argument) {
  int64_t all = elementsOf(argument), read = 0;
  for (Operation *user : argument.getUsers()) {
    if (!user->hasTrait<trait::MovesElements>())
      return all;
    for (Value result : user->getResults())
      read += elementsOf(result);
  }
  return std::min(all, read);
}

KernelWork mpc::workOf(KernelOp kernel) {
  KernelWork work;
  Block &body = kernel.getBody().front();
  Operation *root = kernel.getRootOp();
  llvm::SetVector<Operation *> before = upTo(root);
  for (Operation &op : body)
    (!root || before.contains(&op) ? work.before : work.after) +=
        operationsOf(&op);
  work.type = typeOf(root);
  for (Value argument : body.getArguments())
    work.operandBytes.push_back(bytesOf(argument, elementsRead(argument)));
  for (Value result : kernel.getResults())
    work.resultBytes.push_back(bytesOf(result, elementsOf(result)));
  return work;
}
