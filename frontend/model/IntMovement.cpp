// Operators that move elements, on integers that are known.
#include "frontend/model/Fold.h"

#include <algorithm>
#include <functional>
#include <limits>

namespace mpc::frontend::fold {

using mpcrt::DType;

bool normalise(int64_t &axis, int64_t rank) {
  if (axis < 0)
    axis += rank;
  return axis >= 0 && axis < rank;
}

int64_t count(const Shape &shape) {
  return mpcrt::elementCount(shape).value_or(
      std::numeric_limits<int64_t>::max());
}

Folded vectorOf(Shape values) {
  IntTensor result;
  result.shape = {static_cast<int64_t>(values.size())};
  result.values = std::move(values);
  return result;
}

std::optional<Shape> broadcastShape(const Shape &a, const Shape &b) {
  const Shape &longer = a.size() < b.size() ? b : a;
  const Shape &shorter = a.size() < b.size() ? a : b;
  Shape result = longer;
  size_t leading = longer.size() - shorter.size();
  for (size_t d = 0; d < shorter.size(); ++d) {
    int64_t &extent = result[leading + d];
    if (extent == 1)
      extent = shorter[d];
    else if (shorter[d] != 1 && shorter[d] != extent)
      return std::nullopt;
  }
  return result;
}

namespace {

// A tensor of `shape` whose element at each index is the one of `input` at
// position from(index); nothing if it is too large.
Folded move(const IntTensor &input, Shape shape,
            const std::function<int64_t(const Shape &)> &from) {
  if (count(shape) > largestFold)
    return std::nullopt;
  IntTensor result;
  result.dtype = input.dtype;
  result.shape = std::move(shape);
  Shape index(result.shape.size(), 0);
  for (int64_t left = count(result.shape); left > 0; --left) {
    result.values.push_back(input.values[from(index)]);
    for (size_t d = index.size(); d-- > 0;) {
      if (++index[d] < result.shape[d])
        break;
      index[d] = 0;
    }
  }
  return result;
}

int64_t position(const Shape &shape, const Shape &index) {
  int64_t result = 0;
  for (size_t d = 0; d < shape.size(); ++d)
    result = result * shape[d] + index[d];
  return result;
}

Folded foldIdentity(const Fold &fold) {
  const IntTensor *input = fold.ints(0);
  return input ? Folded(*input) : std::nullopt;
}

// Gather along the first axis of a vector, and along any axis in general: the
// result's shape is data[:axis] + indices + data[axis+1:].
Folded foldGather(const Fold &fold) {
  const IntTensor *data = fold.ints(0);
  const IntTensor *indices = fold.ints(1);
  if (!data || !indices)
    return std::nullopt;
  int64_t axis = fold.attribute("axis", 0);
  if (!normalise(axis, static_cast<int64_t>(data->shape.size())))
    return std::nullopt;
  int64_t extent = data->shape[axis];
  int64_t outer = count(Shape(data->shape.begin(), data->shape.begin() + axis));
  int64_t inner =
      count(Shape(data->shape.begin() + axis + 1, data->shape.end()));
  IntTensor result;
  result.dtype = data->dtype;
  result.shape.assign(data->shape.begin(), data->shape.begin() + axis);
  result.shape.insert(result.shape.end(), indices->shape.begin(),
                      indices->shape.end());
  result.shape.insert(result.shape.end(), data->shape.begin() + axis + 1,
                      data->shape.end());
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t index : indices->values) {
      if (!normalise(index, extent))
        return std::nullopt;
      auto first = data->values.begin() + (o * extent + index) * inner;
      result.values.insert(result.values.end(), first, first + inner);
    }
  return result;
}

Folded foldConcat(const Fold &fold) {
  if (!fold.ints(0))
    return std::nullopt;
  IntTensor result = *fold.ints(0);
  int64_t axis = fold.attribute("axis", 0);
  if (!normalise(axis, static_cast<int64_t>(result.shape.size())))
    return std::nullopt;
  Shape outer(result.shape.begin(), result.shape.begin() + axis);
  result.values.clear();
  for (int64_t o = 0; o < count(outer); ++o)
    for (size_t i = 0; i < fold.node.inputs.size(); ++i) {
      const IntTensor *part = fold.ints(i);
      if (!part || part->shape.size() != result.shape.size() ||
          !std::equal(outer.begin(), outer.end(), part->shape.begin()))
        return std::nullopt;
      int64_t size =
          count(Shape(part->shape.begin() + axis, part->shape.end()));
      auto first = part->values.begin() + o * size;
      result.values.insert(result.values.end(), first, first + size);
    }
  for (size_t i = 1; i < fold.node.inputs.size(); ++i)
    result.shape[axis] += fold.ints(i)->shape[axis];
  if (count(result.shape) != static_cast<int64_t>(result.values.size()))
    return std::nullopt;
  return result;
}

Folded foldUnsqueeze(const Fold &fold) {
  const IntTensor *input = fold.ints(0);
  std::optional<Shape> axes = fold.axes("axes", 1);
  if (!input || !axes)
    return std::nullopt;
  IntTensor result = *input;
  auto rank = static_cast<int64_t>(input->shape.size() + axes->size());
  for (int64_t &axis : *axes)
    if (!normalise(axis, rank))
      return std::nullopt;
  std::sort(axes->begin(), axes->end());
  for (int64_t axis : *axes) {
    if (axis > static_cast<int64_t>(result.shape.size()))
      return std::nullopt;
    result.shape.insert(result.shape.begin() + axis, 1);
  }
  return result;
}

Folded foldSqueeze(const Fold &fold) {
  const IntTensor *input = fold.ints(0);
  if (!input)
    return std::nullopt;
  std::optional<Shape> axes = fold.axes("axes", 1);
  if (!axes && fold.has(1))
    return std::nullopt;
  auto rank = static_cast<int64_t>(input->shape.size());
  std::vector<bool> drop(rank, false);
  if (axes)
    for (int64_t axis : *axes) {
      if (!normalise(axis, rank) || input->shape[axis] != 1)
        return std::nullopt;
      drop[axis] = true;
    }
  IntTensor result = *input;
  result.shape.clear();
  for (int64_t i = 0; i < rank; ++i)
    if (axes ? !drop[i] : input->shape[i] != 1)
      result.shape.push_back(input->shape[i]);
  return result;
}

// Clamped bounds of one dimension, and the number of elements between them.
struct Stride {
  int64_t start = 0, step = 1, count = 0;

  Stride(int64_t first, int64_t end, int64_t step, int64_t extent)
      : step(step) {
    int64_t lowest = step < 0 ? -1 : 0;
    int64_t highest = std::max(lowest, step < 0 ? extent - 1 : extent);
    auto bound = [&](int64_t at) {
      return std::clamp(at < 0 ? at + extent : at, lowest, highest);
    };
    start = bound(first);
    int64_t distance = step < 0 ? start - bound(end) : bound(end) - start;
    // No dimension that is folded has as many elements as this.
    int64_t pace = std::min(step < 0 ? -step : step, largestFold + 1);
    count = distance > 0 ? (distance + pace - 1) / pace : 0;
  }
};

// Operands from opset 10 on, attributes before.
Folded foldSlice(const Fold &fold) {
  const IntTensor *data = fold.ints(0);
  std::optional<Shape> starts = fold.axes("starts", 1);
  std::optional<Shape> ends = fold.axes("ends", 2);
  std::optional<Shape> axes = fold.axes("axes", 3);
  if (!data || !starts || !ends || (!axes && fold.has(3)) ||
      ends->size() != starts->size() ||
      (axes && axes->size() != starts->size()))
    return std::nullopt;
  Shape steps(starts->size(), 1);
  if (fold.has(4)) {
    const IntTensor *given = fold.ints(4);
    if (!given || given->values.size() != starts->size())
      return std::nullopt;
    steps = given->values;
  }
  auto rank = static_cast<int64_t>(data->shape.size());
  Shape shape = data->shape;
  std::vector<Stride> strides;
  for (int64_t extent : shape)
    strides.emplace_back(0, extent, 1, extent);
  for (size_t i = 0; i < starts->size(); ++i) {
    int64_t axis = axes ? (*axes)[i] : static_cast<int64_t>(i);
    if (!normalise(axis, rank) || steps[i] == 0 ||
        steps[i] == std::numeric_limits<int64_t>::min())
      return std::nullopt;
    strides[axis] =
        Stride((*starts)[i], (*ends)[i], steps[i], data->shape[axis]);
    shape[axis] = strides[axis].count;
  }
  return move(*data, shape, [&](const Shape &index) {
    Shape from = index;
    for (size_t d = 0; d < from.size(); ++d)
      from[d] = strides[d].start + index[d] * strides[d].step;
    return position(data->shape, from);
  });
}

Folded foldReshape(const Fold &fold) {
  const IntTensor *input = fold.ints(0);
  const IntTensor *shape = fold.ints(1);
  if (!input || !shape)
    return std::nullopt;
  IntTensor result = *input;
  result.shape = shape->values;
  auto total = static_cast<int64_t>(input->values.size());
  int64_t known = 1;
  for (int64_t extent : result.shape) {
    if (extent == 0 || extent < -1 || extent > largestFold ||
        known > largestFold)
      return std::nullopt;
    known *= extent == -1 ? 1 : extent;
  }
  for (int64_t &extent : result.shape)
    if (extent == -1)
      extent = total / known;
  return count(result.shape) == total ? Folded(result) : std::nullopt;
}

Folded foldExpand(const Fold &fold) {
  const IntTensor *input = fold.ints(0), *wanted = fold.ints(1);
  if (!input || !wanted)
    return std::nullopt;
  std::optional<Shape> shape = broadcastShape(input->shape, wanted->values);
  return shape ? expand(*input, *shape) : std::nullopt;
}

Folded foldTile(const Fold &fold) {
  const IntTensor *input = fold.ints(0), *repeats = fold.ints(1);
  if (!input || !repeats || repeats->values.size() != input->shape.size())
    return std::nullopt;
  Shape shape = input->shape;
  for (size_t d = 0; d < shape.size(); ++d)
    if (repeats->values[d] < 0 ||
        __builtin_mul_overflow(shape[d], repeats->values[d], &shape[d]))
      return std::nullopt;
  return move(*input, shape, [&](const Shape &index) {
    Shape from = index;
    for (size_t d = 0; d < from.size(); ++d)
      from[d] %= input->shape[d];
    return position(input->shape, from);
  });
}

Folded foldTranspose(const Fold &fold) {
  const IntTensor *input = fold.ints(0);
  if (!input)
    return std::nullopt;
  size_t rank = input->shape.size();
  Shape perm;
  if (auto it = fold.node.attributes.find("perm");
      it != fold.node.attributes.end())
    perm = it->second.ints;
  else
    for (size_t d = rank; d-- > 0;)
      perm.push_back(static_cast<int64_t>(d));
  Shape shape;
  std::vector<bool> used(rank, false);
  for (int64_t d : perm) {
    if (d < 0 || d >= static_cast<int64_t>(rank) || used[d])
      return std::nullopt;
    used[d] = true;
    shape.push_back(input->shape[d]);
  }
  if (shape.size() != rank)
    return std::nullopt;
  return move(*input, shape, [&](const Shape &index) {
    Shape from(rank);
    for (size_t d = 0; d < rank; ++d)
      from[perm[d]] = index[d];
    return position(input->shape, from);
  });
}

Folded foldConstantOfShape(const Fold &fold) {
  const IntTensor *shape = fold.ints(0);
  auto value = fold.node.attributes.find("value");
  if (!shape || value == fold.node.attributes.end() || !value->second.tensor)
    return std::nullopt;
  Folded one = toIntTensor(*value->second.tensor);
  if (!one || one->values.size() != 1)
    return std::nullopt;
  one->shape.clear();
  return expand(*one, shape->values);
}

Folded foldWhere(const Fold &fold) {
  const IntTensor *condition = fold.ints(0), *a = fold.ints(1),
                  *b = fold.ints(2);
  if (!condition || !a || !b || a->dtype != b->dtype)
    return std::nullopt;
  std::optional<Shape> shape = broadcastShape(a->shape, b->shape);
  if (shape)
    shape = broadcastShape(*shape, condition->shape);
  if (!shape)
    return std::nullopt;
  Folded chosen = expand(*condition, *shape), first = expand(*a, *shape),
         second = expand(*b, *shape);
  if (!chosen || !first || !second)
    return std::nullopt;
  for (size_t i = 0; i < second->values.size(); ++i)
    if (chosen->values[i] != 0)
      second->values[i] = first->values[i];
  return second;
}

} // namespace

Folded expand(const IntTensor &input, const Shape &shape) {
  std::optional<Shape> common = broadcastShape(input.shape, shape);
  if (!common || *common != shape)
    return std::nullopt;
  size_t leading = shape.size() - input.shape.size();
  return move(input, shape, [&](const Shape &index) {
    Shape from(index.begin() + leading, index.end());
    for (size_t d = 0; d < from.size(); ++d)
      if (input.shape[d] == 1)
        from[d] = 0;
    return position(input.shape, from);
  });
}

const std::map<std::string, Rule> &movementRules() {
  static const std::map<std::string, Rule> rules = {
      {"Concat", foldConcat},       {"ConstantOfShape", foldConstantOfShape},
      {"Expand", foldExpand},       {"Gather", foldGather},
      {"Identity", foldIdentity},   {"Reshape", foldReshape},
      {"Slice", foldSlice},         {"Squeeze", foldSqueeze},
      {"Tile", foldTile},           {"Transpose", foldTranspose},
      {"Unsqueeze", foldUnsqueeze}, {"Where", foldWhere},
  };
  return rules;
}

} // namespace mpc::frontend::fold
