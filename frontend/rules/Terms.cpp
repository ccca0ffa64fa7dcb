#include "frontend/rules/Terms.h"

using namespace mlir;

namespace mpc::frontend {

bool hasLabel(const std::string &labels, char label) {
  return labels.find(label) != std::string::npos;
}

std::string selectLabels(const std::string &from,
                         llvm::function_ref<bool(char)> isWanted) {
  std::string labels;
  llvm::copy_if(from, std::back_inserter(labels), isWanted);
  return labels;
}

// Every (n + 1)th of the n * n elements of a matrix.
Term takeDiagonal(NodeImport &node, const Term &term, size_t first,
                  size_t second) {
  ArrayRef<int64_t> shape = shapeOf(term.value);
  int64_t n = shape[first];
  SmallVector<int64_t> perm;
  Shape flat;
  std::string labels;
  for (size_t i = 0; i < shape.size(); ++i)
    if (i != first && i != second) {
      perm.push_back(i);
      flat.push_back(shape[i]);
      labels += term.labels[i];
    }
  perm.append({int64_t(first), int64_t(second)});
  flat.push_back(n * n);
  SmallVector<int64_t> starts(flat.size(), 0), steps(flat.size(), 1);
  steps.back() = n + 1;
  Value moved = TransposeOp::create(node.builder, node.loc, term.value, perm);
  moved = node.reshaped(moved, flat);
  flat.back() = n;
  return {SliceOp::create(node.builder, node.loc, moved, starts, steps, flat),
          labels + term.labels[first]};
}

Term sumOut(NodeImport &node, const Term &term,
            llvm::function_ref<bool(char)> isKept) {
  SmallVector<int64_t> axes;
  for (auto [i, label] : llvm::enumerate(term.labels))
    if (!isKept(label))
      axes.push_back(i);
  if (axes.empty())
    return term;
  return {ReduceSumOp::create(node.builder, node.loc, term.value, axes),
          selectLabels(term.labels, isKept)};
}

Term permute(NodeImport &node, const Term &term, const std::string &labels) {
  if (term.labels == labels)
    return term;
  SmallVector<int64_t> perm;
  for (char label : labels)
    perm.push_back(term.labels.find(label));
  return {TransposeOp::create(node.builder, node.loc, term.value, perm),
          labels};
}

Term multiply(NodeImport &node, const Term &left, const Term &right,
              const std::string &batch) {
  auto own = [&](const Term &term) {
    return selectLabels(term.labels,
                        [&](char l) { return !hasLabel(batch, l); });
  };
  Term result{nullptr, batch + own(left) + own(right)};
  auto spread = [&](const Term &term) {
    Term ordered = permute(node, term, batch + own(term));
    Shape shape;
    for (char label : result.labels)
      shape.push_back(hasLabel(term.labels, label) ? term.extent(label) : 1);
    return node.reshaped(ordered.value, shape);
  };
  Value a = spread(left), b = spread(right);
  result.value = MulOp::create(node.builder, node.loc, a, b);
  return result;
}

// A term as [batch, rows, columns], or with rows and columns the other way
// round where that saves a transpose.
static Value matrices(NodeImport &node, const Term &term,
                      const std::string &batch, const std::string &rows,
                      const std::string &columns, bool &isTransposed) {
  isTransposed = term.labels != batch + rows + columns &&
                 term.labels == batch + columns + rows;
  Term ordered =
      isTransposed ? term : permute(node, term, batch + rows + columns);
  auto count = [&](const std::string &labels) {
    int64_t product = 1;
    for (char label : labels)
      product *= term.extent(label);
    return product;
  };
  Shape shape = {count(batch), count(rows), count(columns)};
  if (isTransposed)
    std::swap(shape[1], shape[2]);
  return node.reshaped(ordered.value, shape);
}

Term contract(NodeImport &node, const Term &left, const Term &right,
              const std::string &batch, const std::string &summed) {
  auto own = [&](const Term &term) {
    return selectLabels(term.labels, [&](char l) {
      return !hasLabel(batch, l) && !hasLabel(summed, l);
    });
  };
  std::string rows = own(left), columns = own(right);
  bool transA, transB;
  Value a = matrices(node, left, batch, rows, summed, transA);
  Value b = matrices(node, right, batch, summed, columns, transB);
  Value product =
      BatchMatmulOp::create(node.builder, node.loc, a, b, transA, transB);
  Shape shape;
  for (char label : batch + rows)
    shape.push_back(left.extent(label));
  for (char label : columns)
    shape.push_back(right.extent(label));
  return {node.reshaped(product, shape), batch + rows + columns};
}

} // namespace mpc::frontend
