#include "compiler/analysis/KernelWork.h"
#include "compiler/dialect/Shapes.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mpc;

static int64_t elementsOf(Value value) { return elementCount(shapeOf(value)); }

// Memory is in whole bytes.
static int64_t bytesOf(Value value, int64_t elements) {
  unsigned bits = elementTypeOf(value).getIntOrFloatBitWidth();
  return elements * ((bits + 7) / 8);
}

// Every element of a filter meets every position of its output channel.
static int64_t convolved(Value positions, Value filter) {
  int64_t channels = std::max<int64_t>(shapeOf(filter).front(), 1);
  return elementsOf(positions) * (elementsOf(filter) / channels);
}

// Multiply-adds; nothing where the op is no product.
static std::optional<int64_t> productsOf(Operation *op) {
  using Count = std::optional<int64_t>;
  return llvm::TypeSwitch<Operation *, Count>(op)
      .Case([](GemmOp gemm) {
        int64_t k = shapeOf(gemm.getA())[gemm.getTransA() ? 0 : 1];
        return elementsOf(gemm.getResult()) * k;
      })
      .Case([](BatchMatmulOp product) {
        int64_t k = shapeOf(product.getA())[product.getTransA() ? 1 : 2];
        return elementsOf(product.getResult()) * k;
      })
      .Case([](ConvOp conv) {
        return convolved(conv.getResult(), conv.getWeight());
      })
      .Case([](ConvInputGradOp conv) {
        return convolved(conv.getGradient(), conv.getWeight());
      })
      .Case([](ConvWeightGradOp conv) {
        return convolved(conv.getGradient(), conv.getResult());
      })
      .Default([](Operation *) { return Count(); });
}

bool mpc::isProduct(Operation *op) { return productsOf(op).has_value(); }

int64_t mpc::operationsOf(Operation *op) {
  if (auto products = productsOf(op))
    return 2 * *products;
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

static Operation *rootIn(KernelOp kernel) {
  for (Operation &op : kernel.getBody().front())
    if (op.getName().getStringRef() == kernel.getRoot())
      return &op;
  return nullptr;
}

static StringRef typeOf(Operation *root) {
  if (!root || !isProduct(root))
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
  Operation *root = rootIn(kernel);
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
