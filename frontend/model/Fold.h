// What folding a node on known integers is written with.
#ifndef MPC_FRONTEND_MODEL_FOLD_H
#define MPC_FRONTEND_MODEL_FOLD_H

#include "frontend/model/IntTensor.h"

namespace mpc::frontend::fold {

using Folded = std::optional<IntTensor>;
using Shape = std::vector<int64_t>;

/// A node being folded, with checked access to operands and attributes.
struct Fold {
  const Node &node;
  const std::vector<FoldOperand> &operands;

  const IntTensor *ints(size_t index) const {
    return index < operands.size() ? operands[index].ints : nullptr;
  }
  bool has(size_t index) const {
    return index < node.inputs.size() && !node.inputs[index].empty();
  }
  int64_t attribute(const char *name, int64_t otherwise) const {
    auto it = node.attributes.find(name);
    return it == node.attributes.end() ? otherwise : it->second.i;
  }
  /// Numbers that are an attribute in older opsets and operand `index` in newer
  /// ones.
  std::optional<Shape> axes(const char *name, size_t index) const {
    if (auto it = node.attributes.find(name); it != node.attributes.end())
      return it->second.ints;
    if (const IntTensor *operand = ints(index))
      return operand->values;
    return std::nullopt;
  }
};

using Rule = Folded (*)(const Fold &);

/// Rules of operators that move elements.
const std::map<std::string, Rule> &movementRules();

/// Counts an axis below 0 from the end; false if it lies outside `rank`.
bool normalise(int64_t &axis, int64_t rank);
/// Number of elements; the largest number if it cannot be counted.
int64_t count(const Shape &shape);
Folded vectorOf(Shape values);
/// The NumPy broadcast of two shapes, or nothing.
std::optional<Shape> broadcastShape(const Shape &a, const Shape &b);
/// `input` broadcast to `shape`; nothing if it does not or is too large.
Folded expand(const IntTensor &input, const Shape &shape);

} // namespace mpc::frontend::fold

#endif
