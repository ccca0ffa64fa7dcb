// Short words for the ops that a node is decomposed into. All carry the node's
// name and op type.
#ifndef MPC_FRONTEND_RULES_DECOMPOSITION_H
#define MPC_FRONTEND_RULES_DECOMPOSITION_H

#include "frontend/NodeImport.h"

namespace mpc::frontend {

class Decomposition {
public:
  explicit Decomposition(NodeImport &node) : node(node) {}

  using Value = mlir::Value;
  using Axes = llvm::ArrayRef<int64_t>;

  template <typename Op, typename... Args> Value make(Args &&...args) {
    return Op::create(node.builder, node.loc, std::forward<Args>(args)...)
        ->getResult(0);
  }
  Value add(Value x, Value y) { return make<AddOp>(x, y); }
  Value sub(Value x, Value y) { return make<SubOp>(x, y); }
  Value mul(Value x, Value y) { return make<MulOp>(x, y); }
  Value div(Value x, Value y) { return make<DivOp>(x, y); }
  Value unary(UnaryFunction function, Value x) {
    return make<UnaryOp>(function, x);
  }
  Value sum(Value x, Axes axes, bool keepDims) {
    return make<ReduceSumOp>(x, axes, keepDims);
  }
  Value mean(Value x, Axes axes, bool keepDims) {
    return make<ReduceMeanOp>(x, axes, keepDims);
  }
  /// `x` itself if it has the shape already.
  Value reshape(Value x, llvm::ArrayRef<int64_t> shape);
  /// The same elements in another float format; `x` itself if it has it.
  Value cast(Value x, mlir::Type element);
  /// `x` where the condition holds, `y` elsewhere, with the element type of
  /// `x`.
  Value select(Value condition, Value x, Value y);
  /// A scalar of the element type of `like`.
  Value number(double value, Value like);
  /// 0, 1, ... in the given shape, as integers of the given type.
  Value count(llvm::ArrayRef<int64_t> shape, mlir::Type element);
  /// A vector [C] as [C, 1, ..., 1], to go with dimension 1 of `rank`.
  Value perChannel(Value vector, int64_t rank);

private:
  NodeImport &node;
};

} // namespace mpc::frontend

#endif
