#include "frontend/rules/Axes.h"
#include "compiler/formats/FloatFormat.h"

#include <cstring>

using namespace mlir;

namespace mpc::frontend {

using formats::FloatFormat;
using mpcrt::DType;

LogicalResult normaliseAxes(NodeImport &node, int64_t rank,
                            SmallVector<int64_t> &axes) {
  for (int64_t &axis : axes) {
    int64_t given = axis;
    if (axis < 0)
      axis += rank;
    if (axis < 0 || axis >= rank)
      return node.invalid("axis " + Twine(given) + " is outside rank " +
                          Twine(rank));
  }
  llvm::sort(axes);
  if (std::adjacent_find(axes.begin(), axes.end()) != axes.end())
    return node.invalid("names an axis twice");
  return success();
}

std::optional<int64_t> readAxis(NodeImport &node, int64_t rank,
                                int64_t otherwise, StringRef name) {
  SmallVector<int64_t> axis{node.intAttribute(name, otherwise)};
  if (failed(normaliseAxes(node, rank, axis)))
    return std::nullopt;
  return axis[0];
}

static void reportUnknown(NodeImport &node, StringRef name) {
  (void)node.unsupported("its " + name + " is not known at compile time",
                         "export the model with a constant one");
}

std::optional<SmallVector<int64_t>> readInts(NodeImport &node, StringRef name,
                                             unsigned operand,
                                             int64_t operandSince) {
  if (node.since < operandSince)
    return node.intsAttribute(name, {});
  if (!node.has(operand))
    return SmallVector<int64_t>();
  if (const IntTensor *known = node.ints(operand))
    return llvm::to_vector(known->values);
  reportUnknown(node, name);
  return std::nullopt;
}

std::optional<SmallVector<int64_t>>
readAxes(NodeImport &node, int64_t operandSince, unsigned operand) {
  return readInts(node, "axes", operand, operandSince);
}

std::optional<SmallVector<double>> knownNumbers(NodeImport &node,
                                                unsigned index) {
  if (const IntTensor *known = node.ints(index))
    return SmallVector<double>(known->values.begin(), known->values.end());
  const Tensor *known = node.tensor(index);
  auto numbers = known ? toNumbers(*known) : std::nullopt;
  if (!numbers)
    return std::nullopt;
  return SmallVector<double>(numbers->begin(), numbers->end());
}

std::optional<double> knownNumber(NodeImport &node, unsigned index) {
  auto known = knownNumbers(node, index);
  if (!known || known->size() != 1)
    return std::nullopt;
  return known->front();
}

std::optional<double> readNumber(NodeImport &node, StringRef name,
                                 unsigned operand, int64_t operandSince,
                                 double otherwise) {
  if (node.since < operandSince)
    return node.floatAttribute(name, otherwise);
  if (!node.has(operand))
    return otherwise;
  std::optional<double> known = knownNumber(node, operand);
  if (!known)
    reportUnknown(node, name);
  return known;
}

} // namespace mpc::frontend
