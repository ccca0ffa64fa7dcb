// Operators that read or write elements by index tensors.
#include "frontend/OpTable.h"
#include "frontend/rules/Axes.h"
#include "frontend/rules/FlatIndices.h"

using namespace mlir;

namespace mpc::frontend {

LogicalResult importGather(NodeImport &node) {
  Value data = node.operand(0, SlotUse{SlotUse::Kind::Embedding});
  if (!data)
    return failure();
  ArrayRef<int64_t> shape = shapeOf(data);
  auto axis = readAxis(node, static_cast<int64_t>(shape.size()), 0);
  if (!axis)
    return failure();
  Value indices = indexOperand(node, 1, shape[*axis]);
  if (!indices)
    return failure();
  Shape result(shape.take_front(*axis));
  llvm::append_range(result, shapeOf(indices));
  llvm::append_range(result, shape.drop_front(*axis + 1));
  if (failed(checkShape(node, result)))
    return failure();
  if (elementCount(result) == 0)
    node.setResult(0, filled(node, elementTypeOf(data), result, 0));
  else
    node.setResult(
        0, GatherOp::create(node.builder, node.loc, data, indices, *axis));
  return success();
}

// Where the elements stand that GatherElements and ScatterElements name: at
// their own position, but along the axis where the index says.
static Value elementPositions(NodeImport &node, Value data) {
  ArrayRef<int64_t> shape = shapeOf(data);
  auto axis = readAxis(node, static_cast<int64_t>(shape.size()), 0);
  Value indices = axis ? indexOperand(node, 1, shape[*axis]) : Value();
  if (!indices)
    return nullptr;
  ArrayRef<int64_t> wanted = shapeOf(indices);
  bool fits = wanted.size() == shape.size();
  for (size_t d = 0; fits && d < shape.size(); ++d)
    fits = static_cast<int64_t>(d) == *axis || wanted[d] <= shape[d];
  if (!fits) {
    (void)node.invalid("indices " + shapeText(wanted) + " do not fit data " +
                       shapeText(shape));
    return nullptr;
  }
  FlatIndices flat(node, wanted);
  if (failed(flat.check(shape)))
    return nullptr;
  SmallVector<int64_t> strides = rowMajorStrides(shape);
  flat.addIndices(indices, shape[*axis], strides[*axis]);
  for (auto [d, stride] : llvm::enumerate(strides))
    if (static_cast<int64_t>(d) != *axis)
      flat.addPositions(static_cast<int64_t>(d), stride);
  return flat.get();
}

LogicalResult importGatherElements(NodeImport &node) {
  Value data = node.operand(0);
  Value positions = data ? elementPositions(node, data) : Value();
  if (!positions)
    return failure();
  ArrayRef<int64_t> result = shapeOf(positions);
  if (elementCount(result) == 0) {
    node.setResult(0, filled(node, elementTypeOf(data), result, 0));
    return success();
  }
  Value flat = reshaped(node, data, {elementCount(shapeOf(data))});
  node.setResult(0,
                 GatherOp::create(node.builder, node.loc, flat, positions, 0));
  return success();
}

namespace {
/// Data of GatherND and ScatterND as rows, and the rows that are named: one per
/// tuple of the last dimension of `indices`.
struct NamedRows {
  Value rows, numbers;
  Shape rest; ///< of a row
};
} // namespace

static std::optional<NamedRows> namedRows(NodeImport &node, Value data,
                                          Value indices, int64_t batch) {
  ArrayRef<int64_t> shape = shapeOf(data), tuples = shapeOf(indices);
  auto rank = static_cast<int64_t>(shape.size());
  int64_t depth = tuples.empty() ? -1 : tuples.back();
  bool fits = batch >= 0 && depth >= 0 && batch + depth <= rank &&
              batch < static_cast<int64_t>(tuples.size()) &&
              shape.take_front(batch) == tuples.take_front(batch);
  if (fits && elementCount(shape.slice(batch, depth)) == 0)
    fits = elementCount(tuples) == 0;
  if (!fits) {
    (void)node.invalid("indices " + shapeText(tuples) + " do not fit data " +
                       shapeText(shape));
    return std::nullopt;
  }
  ArrayRef<int64_t> named = shape.take_front(batch + depth);
  SmallVector<int64_t> strides = rowMajorStrides(named);
  FlatIndices flat(node, tuples.drop_back());
  if (failed(flat.check(named)))
    return std::nullopt;
  auto last = static_cast<int64_t>(tuples.size()) - 1;
  for (int64_t j = 0; j < depth; ++j) {
    Value column = takeRange(node, indices, last, j, j + 1);
    flat.addIndices(reshaped(node, column, tuples.drop_back()),
                    shape[batch + j], strides[batch + j]);
  }
  if (depth == 0)
    flat.addIndices(
        filled(node, node.builder.getI64Type(), tuples.drop_back(), 0), 1, 0);
  for (int64_t d = 0; d < batch; ++d)
    flat.addPositions(d, strides[d]);
  NamedRows result;
  result.rest = Shape(shape.drop_front(batch + depth));
  result.numbers = flat.get();
  Shape rows = result.rest;
  rows.insert(rows.begin(), elementCount(named));
  result.rows = reshaped(node, data, rows);
  return result;
}

LogicalResult importGatherND(NodeImport &node) {
  Value data = node.operand(0);
  Value indices = data ? indexOperand(node, 1, anyExtent) : Value();
  if (!indices)
    return failure();
  auto named =
      namedRows(node, data, indices, node.intAttribute("batch_dims", 0));
  if (!named)
    return failure();
  Shape result(shapeOf(named->numbers));
  llvm::append_range(result, named->rest);
  if (elementCount(result) == 0)
    node.setResult(0, filled(node, elementTypeOf(data), result, 0));
  else
    node.setResult(0, GatherOp::create(node.builder, node.loc, named->rows,
                                       named->numbers, 0));
  return success();
}

static std::optional<ScatterReduction> readReduction(NodeImport &node) {
  std::string name = node.textAttribute("reduction", "none");
  auto reduction = symbolizeScatterReduction(name);
  if (!reduction)
    (void)node.invalid("has reduction '" + name +
                       "'; expected none, add, mul, max or min");
  return reduction;
}

// Writes one row of updates per row number.
static Value scatterRows(NodeImport &node, Value rows, Value numbers,
                         Value updates, ScatterReduction reduction) {
  int64_t count = elementCount(shapeOf(numbers));
  Shape update(shapeOf(rows));
  update[0] = count;
  return ScatterOp::create(node.builder, node.loc, rows,
                           reshaped(node, numbers, {count}),
                           reshaped(node, updates, update), reduction);
}

static LogicalResult checkUpdates(NodeImport &node, Value data, Value updates,
                                  ArrayRef<int64_t> expected) {
  if (shapeOf(updates) == expected &&
      elementTypeOf(updates) == elementTypeOf(data))
    return success();
  return node.invalid("its updates are " + shapeText(shapeOf(updates)) +
                      "; expected " + shapeText(expected) +
                      " of the data's type");
}

LogicalResult importScatterElements(NodeImport &node) {
  Value data = node.operand(0), updates = node.operand(2);
  auto reduction = readReduction(node);
  if (!data || !updates || !reduction)
    return failure();
  Value positions = elementPositions(node, data);
  if (!positions ||
      failed(checkUpdates(node, data, updates, shapeOf(positions))))
    return failure();
  Value flat = reshaped(node, data, {elementCount(shapeOf(data))});
  Value result = scatterRows(node, flat, positions, updates, *reduction);
  node.setResult(0, reshaped(node, result, shapeOf(data)));
  return success();
}

LogicalResult importScatterND(NodeImport &node) {
  Value data = node.operand(0), updates = node.operand(2);
  auto reduction = readReduction(node);
  Value indices = indexOperand(node, 1, anyExtent);
  if (!data || !updates || !reduction || !indices)
    return failure();
  auto named = namedRows(node, data, indices, 0);
  if (!named)
    return failure();
  Shape expected(shapeOf(named->numbers));
  llvm::append_range(expected, named->rest);
  if (failed(checkUpdates(node, data, updates, expected)))
    return failure();
  Value result =
      scatterRows(node, named->rows, named->numbers, updates, *reduction);
  node.setResult(0, reshaped(node, result, shapeOf(data)));
  return success();
}

} // namespace mpc::frontend
