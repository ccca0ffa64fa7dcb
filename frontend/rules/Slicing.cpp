// Operators that join tensors and take parts of them.
#include "frontend/OpTable.h"
#include "frontend/rules/Axes.h"
#include "frontend/rules/Movement.h"

using namespace mlir;

namespace mpc::frontend {

LogicalResult importConcat(NodeImport &node) {
  SmallVector<Value> inputs;
  for (unsigned i = 0; i < node.node.inputs.size(); ++i) {
    Value input = node.operand(i);
    if (!input)
      return failure();
    inputs.push_back(input);
  }
  if (inputs.empty())
    return node.invalid("joins nothing");
  auto axis =
      readAxis(node, static_cast<int64_t>(shapeOf(inputs[0]).size()), 1);
  if (!axis)
    return failure();
  Shape first(shapeOf(inputs[0]));
  for (Value input : inputs) {
    Shape shape(shapeOf(input));
    if (shape.size() == first.size())
      shape[*axis] = first[*axis];
    if (shape != first || elementTypeOf(input) != elementTypeOf(inputs[0]))
      return node.invalid("cannot join " + shapeText(shapeOf(input)) + " to " +
                          shapeText(first) + " along axis " + Twine(*axis));
  }
  if (inputs.size() == 1) {
    node.forward();
    return success();
  }
  node.setResult(0, ConcatOp::create(node.builder, node.loc, inputs, *axis));
  return success();
}

// The sizes of Split's results.
static std::optional<SmallVector<int64_t>> splitSizes(NodeImport &node,
                                                      int64_t extent) {
  auto sizes = readInts(node, "split", 1, 13);
  if (!sizes)
    return std::nullopt;
  auto outputs = static_cast<int64_t>(node.node.outputs.size());
  if (sizes->empty()) {
    int64_t parts = node.intAttribute("num_outputs", outputs);
    if (parts != outputs || (node.since < 18 && extent % parts != 0)) {
      (void)node.invalid("cannot split " + Twine(extent) + " into " +
                         Twine(parts) + " equal parts for " + Twine(outputs) +
                         " results");
      return std::nullopt;
    }
    int64_t size = llvm::divideCeil(extent, parts);
    for (int64_t i = 0, left = extent; i < parts; ++i, left -= sizes->back())
      sizes->push_back(std::min(size, left));
  }
  int64_t total = 0;
  for (int64_t size : *sizes)
    if (size < 0 || __builtin_add_overflow(total, size, &total))
      total = -1;
  if (total != extent || static_cast<int64_t>(sizes->size()) < outputs) {
    (void)node.invalid("splits " + Twine(extent) + " into [" +
                       shapeText(*sizes) + "] for " + Twine(outputs) +
                       " results");
    return std::nullopt;
  }
  return sizes;
}

LogicalResult importSplit(NodeImport &node) {
  Value input = node.operand(0);
  if (!input)
    return failure();
  auto axis = readAxis(node, static_cast<int64_t>(shapeOf(input).size()), 0);
  if (!axis)
    return failure();
  auto sizes = splitSizes(node, shapeOf(input)[*axis]);
  if (!sizes)
    return failure();
  int64_t start = 0;
  for (unsigned i = 0; i < node.node.outputs.size(); ++i) {
    int64_t end = start + (*sizes)[i];
    if (node.wants(i))
      node.setResult(i, takeRange(node, input, *axis, start, end));
    start = end;
  }
  return success();
}

// One dimension of Slice. Bounds below 0 count from the end; what lies outside
// then is cut off.
static void sliceDimension(Part &part, int64_t axis, int64_t start, int64_t end,
                           int64_t step) {
  int64_t extent = part.shape[axis];
  int64_t lowest = step < 0 ? -1 : 0;
  int64_t highest = step < 0 ? extent - 1 : extent;
  auto bound = [&](int64_t at) {
    return std::clamp(at < 0 ? at + extent : at, lowest,
                      std::max(lowest, highest));
  };
  start = bound(start);
  end = bound(end);
  auto distance = static_cast<uint64_t>(
      std::max<int64_t>(0, step < 0 ? start - end : end - start));
  uint64_t stride =
      step < 0 ? -static_cast<uint64_t>(step) : static_cast<uint64_t>(step);
  auto count = static_cast<int64_t>((distance + stride - 1) / stride);
  part.shape[axis] = count;
  part.starts[axis] = count == 0 ? 0 : start;
  part.steps[axis] = count < 2 ? 1 : step;
}

LogicalResult importSlice(NodeImport &node) {
  Value input = node.operand(0);
  auto starts = readInts(node, "starts", 1, 10);
  auto ends = readInts(node, "ends", 2, 10);
  auto axes = readInts(node, "axes", 3, 10);
  auto steps = readInts(node, "steps", 4, 10);
  if (!input || !starts || !ends || !axes || !steps)
    return failure();
  auto rank = static_cast<int64_t>(shapeOf(input).size());
  if (axes->empty())
    llvm::append_range(
        *axes, llvm::seq<int64_t>(0, static_cast<int64_t>(starts->size())));
  if (steps->empty())
    steps->assign(starts->size(), 1);
  if (ends->size() != starts->size() || axes->size() != starts->size() ||
      steps->size() != starts->size())
    return node.invalid("has " + Twine(starts->size()) + " starts, " +
                        Twine(ends->size()) + " ends, " + Twine(axes->size()) +
                        " axes and " + Twine(steps->size()) + " steps");
  // The numbers belong to axes in the order given.
  SmallVector<int64_t> sorted = *axes;
  if (failed(normaliseAxes(node, rank, sorted)))
    return failure();
  Part part(shapeOf(input));
  for (auto [axis, start, end, step] :
       llvm::zip_equal(*axes, *starts, *ends, *steps)) {
    if (step == 0)
      return node.invalid("has a step of 0");
    sliceDimension(part, axis < 0 ? axis + rank : axis, start, end, step);
  }
  node.setResult(0, takePart(node, input, part));
  return success();
}

} // namespace mpc::frontend
