// Operators that surround a tensor.
#include "frontend/OpTable.h"
#include "frontend/rules/Axes.h"
#include "frontend/rules/Movement.h"

using namespace mlir;

namespace mpc::frontend {

namespace {
/// What Pad adds before and after each dimension; below 0 it takes away.
struct Margins {
  SmallVector<int64_t> before, after;
};
} // namespace

static std::optional<Margins> readMargins(NodeImport &node, int64_t rank) {
  auto pads = readInts(node, "pads", 1, 11);
  auto axes = readInts(node, "axes", 3, 18);
  if (!pads || !axes)
    return std::nullopt;
  if (node.since < 18)
    axes->clear();
  if (axes->empty() && !node.has(3))
    llvm::append_range(*axes, llvm::seq<int64_t>(0, rank));
  SmallVector<int64_t> sorted = *axes;
  if (failed(normaliseAxes(node, rank, sorted)))
    return std::nullopt;
  if (pads->size() != 2 * axes->size()) {
    (void)node.invalid("has " + Twine(pads->size()) + " pads; expected " +
                       Twine(2 * axes->size()));
    return std::nullopt;
  }
  Margins margins{SmallVector<int64_t>(rank, 0), SmallVector<int64_t>(rank, 0)};
  for (auto [i, axis] : llvm::enumerate(*axes)) {
    int64_t d = axis < 0 ? axis + rank : axis;
    margins.before[d] = (*pads)[i];
    margins.after[d] = (*pads)[i + axes->size()];
  }
  return margins;
}

// What is taken away first, then what is added.
static Value padWith(NodeImport &node, Value input, const Margins &margins,
                     double value) {
  Part kept(shapeOf(input)), around(shapeOf(input));
  for (size_t d = 0; d < kept.shape.size(); ++d) {
    int64_t before = margins.before[d], after = margins.after[d];
    kept.starts[d] = std::max<int64_t>(0, -before);
    kept.shape[d] += std::min<int64_t>(before, 0) + std::min<int64_t>(after, 0);
    around.starts[d] = std::max<int64_t>(0, before);
    around.shape[d] += before + after;
  }
  Value inner = takePart(node, input, kept);
  if (shapeOf(inner) == ArrayRef<int64_t>(around.shape))
    return inner;
  return PadOp::create(node.builder, node.loc, inner, around.starts,
                       around.steps, around.shape, value);
}

// The element of a dimension that stands at `at`, which may lie outside.
static int64_t sourceOf(int64_t at, int64_t extent, StringRef mode) {
  if (mode == "edge")
    return std::clamp<int64_t>(at, 0, extent - 1);
  auto modulo = [](int64_t x, int64_t n) { return (x % n + n) % n; };
  if (mode == "wrap")
    return modulo(at, extent);
  // A reflection repeats after going there and back, without the ends twice.
  int64_t period = std::max<int64_t>(1, 2 * (extent - 1));
  int64_t phase = modulo(at, period);
  return std::min(phase, period - phase);
}

static FailureOr<Value> padByCopies(NodeImport &node, Value input,
                                    const Margins &margins, StringRef mode) {
  for (size_t d = 0; d < margins.before.size(); ++d) {
    int64_t extent = shapeOf(input)[d];
    SmallVector<int64_t> sources;
    if (failed(checkTable(node, margins.before[d] + extent + margins.after[d])))
      return failure();
    for (int64_t i = -margins.before[d]; i < extent + margins.after[d]; ++i) {
      if (extent == 0)
        return node.invalid("repeats elements of a dimension that has none");
      sources.push_back(sourceOf(i, extent, mode));
    }
    input = takeAlong(node, input, static_cast<int64_t>(d), sources);
  }
  return input;
}

LogicalResult importPad(NodeImport &node) {
  Value input = node.operand(0);
  if (!input)
    return failure();
  auto margins = readMargins(node, static_cast<int64_t>(shapeOf(input).size()));
  if (!margins)
    return failure();
  Shape shape(shapeOf(input));
  for (size_t d = 0; d < shape.size(); ++d)
    if (__builtin_add_overflow(shape[d], margins->before[d], &shape[d]) ||
        __builtin_add_overflow(shape[d], margins->after[d], &shape[d]) ||
        margins->before[d] < -shapeOf(input)[d] ||
        margins->after[d] < -shapeOf(input)[d])
      shape[d] = -1;
  if (failed(checkShape(node, shape)))
    return failure();
  std::string mode = node.textAttribute("mode", "constant");
  if (mode == "constant") {
    auto value = readNumber(node, node.since < 11 ? "value" : "constant_value",
                            2, 11, 0);
    if (!value)
      return failure();
    node.setResult(0, padWith(node, input, *margins, *value));
    return success();
  }
  if (mode != "reflect" && mode != "edge" && mode != "wrap")
    return node.invalid("has mode '" + mode +
                        "'; expected constant, reflect, edge or wrap");
  FailureOr<Value> padded = padByCopies(node, input, *margins, mode);
  if (failed(padded))
    return failure();
  node.setResult(0, *padded);
  return success();
}

// Half of what is too much goes from each end, the odd one from the end.
LogicalResult importCenterCropPad(NodeImport &node) {
  Value input = node.operand(0);
  if (!input)
    return failure();
  auto rank = static_cast<int64_t>(shapeOf(input).size());
  auto wanted = readInts(node, "shape", 1, 18);
  if (!wanted)
    return failure();
  SmallVector<int64_t> axes =
      node.intsAttribute("axes", llvm::to_vector(llvm::seq<int64_t>(0, rank)));
  SmallVector<int64_t> sorted = axes;
  if (failed(normaliseAxes(node, rank, sorted)) ||
      failed(checkShape(node, *wanted)))
    return failure();
  if (wanted->size() != axes.size())
    return node.invalid("has " + Twine(wanted->size()) + " extents for " +
                        Twine(axes.size()) + " axes");
  Margins margins{SmallVector<int64_t>(rank, 0), SmallVector<int64_t>(rank, 0)};
  for (auto [axis, extent] : llvm::zip_equal(axes, *wanted)) {
    int64_t d = axis < 0 ? axis + rank : axis;
    int64_t more = extent - shapeOf(input)[d];
    margins.before[d] = more / 2;
    margins.after[d] = more - more / 2;
  }
  node.setResult(0, padWith(node, input, margins, 0));
  return success();
}

} // namespace mpc::frontend
