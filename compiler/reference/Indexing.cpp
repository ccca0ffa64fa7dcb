#include "compiler/reference/Models.h"
#include <cmath>

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;

// The row that an index means: below 0 it counts from the end, and what lies
// outside then is the nearest inside.
static int64_t rowOf(int64_t index, int64_t rows) {
  if (index < 0)
    index += rows;
  return std::clamp<int64_t>(index, 0, rows - 1);
}

// Calls `body` with the positions of each element of gather's result and of the
// element of `data` that it comes from.
static void forEachTaken(ArrayRef<int64_t> data, const Tensor &indices,
                         int64_t axis, ArrayRef<int64_t> result,
                         llvm::function_ref<void(int64_t, int64_t)> body) {
  size_t rank = indices.shape().size();
  forEachIndex(result, [&](ArrayRef<int64_t> at) {
    Shape from(at.take_front(axis));
    int64_t index = position(indices.shape(), at.slice(axis, rank));
    from.push_back(rowOf(indices.integers[index], data[axis]));
    llvm::append_range(from, at.drop_front(axis + rank));
    body(position(result, at), position(data, from));
  });
}

static LogicalResult gather(GatherOp op, Inputs inputs, Results results) {
  const Tensor &data = *inputs[0];
  Tensor &result = results[0];
  forEachTaken(data.shape(), *inputs[1], op.getAxis(), result.shape(),
               [&](int64_t to, int64_t from) {
                 if (result.isFloat())
                   result.floats[to] = data.floats[from];
                 else
                   result.integers[to] = data.integers[from];
               });
  return success();
}

static LogicalResult gatherGrad(GatherGradOp op, Inputs inputs,
                                Results results) {
  const Tensor &gradient = *inputs[0];
  Tensor &result = results[0];
  if (result.shape()[op.getAxis()] == 0)
    return success();
  forEachTaken(result.shape(), *inputs[1], op.getAxis(), gradient.shape(),
               [&](int64_t taken, int64_t source) {
                 result.floats[source] += gradient.floats[taken];
               });
  return success();
}

static LogicalResult rowLists(RowListsOp, Inputs inputs, Results results) {
  auto &first = results[0].integers, &next = results[1].integers;
  int64_t rows = results[0].size(), count = inputs[0]->size();
  first.assign(size_t(rows), count);
  for (int64_t i = count; i-- > 0;) {
    int64_t row = rowOf(inputs[0]->integers[i], rows);
    next[i] = first[row];
    first[row] = i;
  }
  return success();
}

static LogicalResult sumRows(SumRowsOp, Inputs inputs, Results results) {
  const Tensor &gradient = *inputs[0], &indices = *inputs[1];
  const auto &first = inputs[2]->integers, &next = inputs[3]->integers;
  Tensor &result = results[0];
  int64_t count = indices.size(), rows = inputs[2]->size();
  int64_t width = count == 0 ? 0 : result.size() / count;
  for (int64_t i = 0; i < count; ++i) {
    if (first[rowOf(indices.integers[i], rows)] != i)
      continue;
    for (int64_t from = i; from < count; from = next[from])
      for (int64_t j = 0; j < width; ++j)
        result.floats[i * width + j] += gradient.floats[from * width + j];
  }
  return success();
}

static LogicalResult expandRows(ExpandRowsOp, Inputs inputs, Results results) {
  const Tensor &rows = *inputs[0], &first = *inputs[1];
  Tensor &result = results[0];
  int64_t width = rows.size() / rows.shape()[0];
  for (int64_t i = 0; i < result.size(); ++i) {
    int64_t row = first.integers[i / width];
    if (row < 0 || row >= rows.shape()[0])
      continue;
    if (result.isFloat())
      result.floats[i] = rows.floats[row * width + i % width];
    else
      result.integers[i] = rows.integers[row * width + i % width];
  }
  return success();
}

template <typename Number>
static Number combine(ScatterReduction reduction, Number old, Number update) {
  switch (reduction) {
  case ScatterReduction::None:
    return update;
  case ScatterReduction::Add:
    return old + update;
  case ScatterReduction::Mul:
    return old * update;
  case ScatterReduction::Max:
    return old != old || old > update ? old : update;
  case ScatterReduction::Min:
    return old != old || old < update ? old : update;
  }
  llvm_unreachable("no such reduction");
}

// Sums and products of integers wrap, so they are taken in unsigned numbers.
static int64_t combineIntegers(ScatterReduction reduction, int64_t old,
                               int64_t update) {
  if (reduction == ScatterReduction::Add || reduction == ScatterReduction::Mul)
    return static_cast<int64_t>(combine<uint64_t>(
        reduction, static_cast<uint64_t>(old), static_cast<uint64_t>(update)));
  return combine(reduction, old, update);
}

static LogicalResult scatter(ScatterOp op, Inputs inputs, Results results) {
  const Tensor &indices = *inputs[1], &updates = *inputs[2];
  Tensor &result = results[0];
  result.floats = inputs[0]->floats;
  result.integers = inputs[0]->integers;
  int64_t rows = result.shape()[0];
  if (rows == 0)
    return success();
  int64_t width = result.size() / rows;
  for (int64_t i = 0; i < updates.size(); ++i) {
    int64_t to = rowOf(indices.integers[i / width], rows) * width + i % width;
    if (result.isFloat())
      result.floats[to] =
          combine(op.getReduction(), result.floats[to], updates.floats[i]);
    else
      result.integers[to] = combineIntegers(
          op.getReduction(), result.integers[to], updates.integers[i]);
  }
  return success();
}

// Whether `x` is preferred to `best`, which stands before it. NaN comes before
// every number.
template <typename Number>
static bool isPreferred(ArgReduceOp op, Number x, Number best) {
  bool isNaN = x != x, bestIsNaN = best != best;
  if (isNaN || bestIsNaN)
    return isNaN && (!bestIsNaN || op.getLast());
  if (x == best)
    return op.getLast();
  return op.getSmallest() ? x < best : x > best;
}

static LogicalResult argReduce(ArgReduceOp op, Inputs inputs, Results results) {
  const Tensor &input = *inputs[0];
  int64_t axis = op.getAxis();
  forEachIndex(results[0].shape(), [&](ArrayRef<int64_t> at) {
    int64_t best = 0;
    Shape from(at);
    from.insert(from.begin() + axis, 0);
    auto elementAt = [&](int64_t i) {
      from[axis] = i;
      return position(input.shape(), from);
    };
    for (int64_t i = 1; i < input.shape()[axis]; ++i) {
      int64_t x = elementAt(i), y = elementAt(best);
      bool preferred =
          input.isFloat()
              ? isPreferred(op, input.floats[x], input.floats[y])
              : isPreferred(op, input.integers[x], input.integers[y]);
      if (preferred)
        best = i;
    }
    results[0].integers[position(results[0].shape(), at)] = best;
  });
  return success();
}

// One line along the axis: elements `first`, `first + stride`, ...
template <typename Number, typename Sum>
static void sumLine(CumSumOp op, ArrayRef<Number> input,
                    MutableArrayRef<Number> result, int64_t first,
                    int64_t stride, int64_t count) {
  Sum sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    int64_t at = first + stride * (op.getReverse() ? count - 1 - i : i);
    Sum next = sum + static_cast<Sum>(input[at]);
    result[at] = static_cast<Number>(op.getExclusive() ? sum : next);
    sum = next;
  }
}

static LogicalResult cumSum(CumSumOp op, Inputs inputs, Results results) {
  const Tensor &input = *inputs[0];
  Tensor &result = results[0];
  int64_t count = input.shape()[op.getAxis()];
  int64_t stride = elementCount(input.shape().drop_front(op.getAxis() + 1));
  for (int64_t i = 0; i < input.size(); ++i) {
    if (i / stride % count != 0)
      continue;
    if (input.isFloat())
      sumLine<double, double>(op, input.floats, result.floats, i, stride,
                              count);
    else
      sumLine<int64_t, uint64_t>(op, input.integers, result.integers, i, stride,
                                 count);
  }
  return success();
}

// Whether x stands before y in the result; `inFront` says so of the operand.
template <typename Number>
static bool precedes(TopKOp op, Number x, Number y, bool inFront) {
  bool isNaN = x != x, otherIsNaN = y != y;
  if (isNaN != otherIsNaN)
    return isNaN;
  if (isNaN || x == y)
    return inFront;
  return op.getSmallest() ? x < y : x > y;
}

// Sorts each line, best first.
static LogicalResult topK(TopKOp op, Inputs inputs, Results results) {
  const Tensor &input = *inputs[0];
  Tensor &result = results[0];
  size_t axis = op.getAxis();
  Shape lines(result.shape());
  int64_t k = std::exchange(lines[axis], std::min<int64_t>(lines[axis], 1));
  forEachIndex(lines, [&](ArrayRef<int64_t> line) {
    Shape at(line);
    auto elementAt = [&](int64_t i) {
      at[axis] = i;
      return position(input.shape(), at);
    };
    auto order = llvm::to_vector(llvm::seq<int64_t>(0, input.shape()[axis]));
    llvm::sort(order, [&](int64_t i, int64_t j) {
      int64_t x = elementAt(i), y = elementAt(j);
      return input.isFloat()
                 ? precedes(op, input.floats[x], input.floats[y], i < j)
                 : precedes(op, input.integers[x], input.integers[y], i < j);
    });
    for (int64_t i = 0; i < k; ++i) {
      at[axis] = i;
      result.integers[position(result.shape(), at)] = order[i];
    }
  });
  return success();
}

void mpc::reference::attachIndexingModels(MLIRContext *context) {
  attach<GatherOp, gather>(context);
  attach<GatherGradOp, gatherGrad>(context);
  attach<RowListsOp, rowLists>(context);
  attach<SumRowsOp, sumRows>(context);
  attach<ExpandRowsOp, expandRows>(context);
  attach<ScatterOp, scatter>(context);
  attach<ArgReduceOp, argReduce>(context);
  attach<CumSumOp, cumSum>(context);
  attach<TopKOp, topK>(context);
}
