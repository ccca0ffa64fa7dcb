// Einsum by decomposition into transposes, reshapes, sums and products. A label
// is one character: letters are those of the equation, digits the dimensions
// that "..." stands for, counted from the last.
#include "frontend/OpTable.h"

#include <map>

using namespace mlir;

namespace mpc::frontend {

namespace {
/// A value with one label per dimension.
struct Term {
  Value value;
  std::string labels;

  int64_t extent(char label) const {
    return shapeOf(value)[labels.find(label)];
  }
};

class Einsum {
public:
  explicit Einsum(NodeImport &node) : node(node) {}
  LogicalResult run();

private:
  LogicalResult parse();
  LogicalResult checkSubscripts(StringRef subscripts);
  LogicalResult readTerms();
  LogicalResult nameDimensions(Term &term, StringRef subscripts);
  LogicalResult takeDiagonals(Term &term);
  LogicalResult measure();
  void orderOutput();
  void dropRepeatedOnes(Term &term);
  bool isNeeded(char label, size_t from) const;
  Term sumOut(Term term, llvm::function_ref<bool(char)> isKept);
  Term permute(Term term, const std::string &labels);
  Term merge(Term left, Term right, size_t next);
  Term multiply(const Term &left, const Term &right, const std::string &batch);
  Term contract(const Term &left, const Term &right, const std::string &batch,
                const std::string &summed);
  Value matrices(const Term &term, const std::string &batch,
                 const std::string &rows, const std::string &columns,
                 bool &isTransposed);

  NodeImport &node;
  SmallVector<std::string> subscripts; ///< as written; "." stands for "..."
  std::string output;
  bool hasOutput = false;
  std::vector<Term> terms;
  std::map<char, int64_t> extents;
};
} // namespace

static bool contains(const std::string &labels, char label) {
  return labels.find(label) != std::string::npos;
}

// The labels of `from` that satisfy `isWanted`, in their order.
static std::string select(const std::string &from,
                          llvm::function_ref<bool(char)> isWanted) {
  std::string labels;
  llvm::copy_if(from, std::back_inserter(labels), isWanted);
  return labels;
}

LogicalResult Einsum::checkSubscripts(StringRef text) {
  bool good = text.count('.') <= 1 && llvm::all_of(text, [](char c) {
                return c == '.' || llvm::isAlpha(c);
              });
  if (good)
    return success();
  return node.invalid("its equation has subscripts '" + text +
                      "'; expected letters and at most one '...'");
}

LogicalResult Einsum::parse() {
  std::string text = node.textAttribute("equation", "");
  llvm::erase(text, ' ');
  for (size_t at; (at = text.find("...")) != std::string::npos;)
    text.replace(at, 3, ".");
  StringRef left = text;
  if (size_t arrow = left.find("->"); arrow != StringRef::npos) {
    output = left.substr(arrow + 2).str();
    left = left.take_front(arrow);
    hasOutput = true;
  }
  SmallVector<StringRef> parts;
  left.split(parts, ',');
  for (StringRef part : parts) {
    if (failed(checkSubscripts(part)))
      return failure();
    subscripts.push_back(part.str());
  }
  if (subscripts.size() != node.node.inputs.size())
    return node.invalid("its equation has " + Twine(subscripts.size()) +
                        " terms, but it has " + Twine(node.node.inputs.size()) +
                        " operands");
  return checkSubscripts(output);
}

LogicalResult Einsum::nameDimensions(Term &term, StringRef written) {
  int64_t rank = shapeOf(term.value).size();
  int64_t more = rank - (written.size() - written.count('.'));
  if (more < 0 || (more > 0 && !written.contains('.')))
    return node.invalid("subscripts '" + written + "' do not fit operand " +
                        shapeText(shapeOf(term.value)));
  if (more > 10)
    return node.unsupported("has " + Twine(more) + " dimensions in '...'",
                            "use at most 10");
  for (char c : written) {
    if (c != '.') {
      term.labels += c;
      continue;
    }
    for (int64_t digit = more; digit-- > 0;)
      term.labels += char('0' + digit);
  }
  return success();
}

// Of a matrix in dimensions with the same label only the diagonal counts: every
// (n + 1)th of its n * n elements.
LogicalResult Einsum::takeDiagonals(Term &term) {
  auto twice = [&] {
    return llvm::find_if(term.labels, [&](char label) {
      return llvm::count(term.labels, label) > 1;
    });
  };
  for (auto it = twice(); it != term.labels.end(); it = twice()) {
    char label = *it;
    size_t first = term.labels.find(label),
           second = term.labels.find(label, first + 1);
    ArrayRef<int64_t> shape = shapeOf(term.value);
    int64_t n = shape[first];
    if (n != shape[second])
      return node.invalid("label '" + Twine(label) + "' stands for " +
                          Twine(n) + " and for " + Twine(shape[second]));
    SmallVector<int64_t> perm, flat;
    std::string rest;
    for (size_t i = 0; i < shape.size(); ++i)
      if (i != first && i != second) {
        perm.push_back(i);
        flat.push_back(shape[i]);
        rest += term.labels[i];
      }
    perm.append({int64_t(first), int64_t(second)});
    flat.push_back(n * n);
    SmallVector<int64_t> starts(flat.size(), 0), steps(flat.size(), 1);
    steps.back() = n + 1;
    Value moved = TransposeOp::create(node.builder, node.loc, term.value, perm);
    moved = node.reshaped(moved, flat);
    flat.back() = n;
    term.value =
        SliceOp::create(node.builder, node.loc, moved, starts, steps, flat);
    term.labels = rest + label;
  }
  return success();
}

LogicalResult Einsum::readTerms() {
  for (auto [i, written] : llvm::enumerate(subscripts)) {
    Term term{node.operand(i, SlotUse{SlotUse::Kind::Weight}), ""};
    if (!term.value)
      return failure();
    if (!isa<FloatType>(elementTypeOf(term.value)))
      return node.unsupported("multiplies integers", "use floats");
    if (failed(nameDimensions(term, written)) || failed(takeDiagonals(term)))
      return failure();
    terms.push_back(term);
  }
  return success();
}

// Finds the extent of each label; 1 gives way to any other.
LogicalResult Einsum::measure() {
  for (const Term &term : terms)
    for (char label : term.labels) {
      int64_t extent = term.extent(label);
      int64_t &known = extents.try_emplace(label, extent).first->second;
      if (known == 1)
        known = extent;
      if (extent != 1 && extent != known)
        return node.invalid("label '" + Twine(label) + "' stands for " +
                            Twine(known) + " and for " + Twine(extent));
    }
  orderOutput();
  for (auto [i, label] : llvm::enumerate(output))
    if (!extents.count(label) || output.find(label, i + 1) != std::string::npos)
      return node.invalid(
          "its equation has '" + Twine(label) + "' in the result, which is " +
          (extents.count(label) ? "there twice" : "in no operand"));
  return success();
}

// Without "->" the result has the dimensions of "...", then the letters that
// appear once, in alphabetical order.
void Einsum::orderOutput() {
  std::string dots, once;
  for (auto [label, extent] : extents)
    if (llvm::isDigit(label))
      dots.insert(dots.begin(), label);
    else if (llvm::count(llvm::join(subscripts, ""), label) == 1)
      once += label;
  if (!hasOutput)
    output = dots + once;
  else if (size_t at = output.find('.'); at != std::string::npos)
    output.replace(at, 1, dots);
}

// A dimension of 1 that another term repeats is as good as none.
void Einsum::dropRepeatedOnes(Term &term) {
  auto isReal = [&](char label) {
    return extents[label] == 1 || term.extent(label) != 1;
  };
  std::string labels = select(term.labels, isReal);
  Shape shape;
  for (char label : labels)
    shape.push_back(term.extent(label));
  term = {node.reshaped(term.value, shape), labels};
}

// Whether the result or a term from `from` on has the label.
bool Einsum::isNeeded(char label, size_t from) const {
  return contains(output, label) ||
         llvm::any_of(ArrayRef<Term>(terms).drop_front(from),
                      [&](const Term &t) { return contains(t.labels, label); });
}

Term Einsum::sumOut(Term term, llvm::function_ref<bool(char)> isKept) {
  SmallVector<int64_t> axes;
  for (auto [i, label] : llvm::enumerate(term.labels))
    if (!isKept(label))
      axes.push_back(i);
  if (axes.empty())
    return term;
  return {ReduceSumOp::create(node.builder, node.loc, term.value, axes),
          select(term.labels, isKept)};
}

Term Einsum::permute(Term term, const std::string &labels) {
  if (term.labels == labels)
    return term;
  SmallVector<int64_t> perm;
  for (char label : labels)
    perm.push_back(term.labels.find(label));
  return {TransposeOp::create(node.builder, node.loc, term.value, perm),
          labels};
}

// The product of two terms that share the labels of `batch` and no others.
Term Einsum::multiply(const Term &left, const Term &right,
                      const std::string &batch) {
  auto own = [&](const Term &term) {
    return select(term.labels, [&](char l) { return !contains(batch, l); });
  };
  Term result{nullptr, batch + own(left) + own(right)};
  auto spread = [&](const Term &term) {
    Term ordered = permute(term, batch + own(term));
    Shape shape;
    for (char label : result.labels)
      shape.push_back(contains(term.labels, label) ? term.extent(label) : 1);
    return node.reshaped(ordered.value, shape);
  };
  Value a = spread(left), b = spread(right);
  result.value = MulOp::create(node.builder, node.loc, a, b);
  return result;
}

// A term as [batch, rows, columns], or with rows and columns the other way
// round where that saves a transpose.
Value Einsum::matrices(const Term &term, const std::string &batch,
                       const std::string &rows, const std::string &columns,
                       bool &isTransposed) {
  isTransposed = term.labels != batch + rows + columns &&
                 term.labels == batch + columns + rows;
  Term ordered = isTransposed ? term : permute(term, batch + rows + columns);
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

// The product summed over the labels of `summed`, which both have.
Term Einsum::contract(const Term &left, const Term &right,
                      const std::string &batch, const std::string &summed) {
  auto own = [&](const Term &term) {
    return select(term.labels, [&](char l) {
      return !contains(batch, l) && !contains(summed, l);
    });
  };
  std::string rows = own(left), columns = own(right);
  bool transA, transB;
  Value a = matrices(left, batch, rows, summed, transA);
  Value b = matrices(right, batch, summed, columns, transB);
  Value product =
      BatchMatmulOp::create(node.builder, node.loc, a, b, transA, transB);
  Shape shape;
  for (char label : batch + rows)
    shape.push_back(left.extent(label));
  for (char label : columns)
    shape.push_back(right.extent(label));
  return {node.reshaped(product, shape), batch + rows + columns};
}

// Multiplies two terms and sums over what only they have; terms from `next` on
// are still to come.
Term Einsum::merge(Term left, Term right, size_t next) {
  left = sumOut(left, [&](char label) {
    return contains(right.labels, label) || isNeeded(label, next);
  });
  right = sumOut(right, [&](char label) {
    return contains(left.labels, label) || isNeeded(label, next);
  });
  auto isShared = [&](char label) { return contains(right.labels, label); };
  std::string shared = select(left.labels, isShared);
  std::string batch =
      select(shared, [&](char label) { return isNeeded(label, next); });
  std::string summed =
      select(shared, [&](char label) { return !isNeeded(label, next); });
  return summed.empty() ? multiply(left, right, batch)
                        : contract(left, right, batch, summed);
}

LogicalResult Einsum::run() {
  if (failed(parse()) || failed(readTerms()) || failed(measure()))
    return failure();
  for (Term &term : terms)
    dropRepeatedOnes(term);
  Term result = terms.front();
  for (size_t i = 1; i < terms.size(); ++i)
    result = merge(result, terms[i], i + 1);
  result = sumOut(result, [&](char label) { return contains(output, label); });
  node.setResult(0, permute(result, output).value);
  return success();
}

LogicalResult importEinsum(NodeImport &node) { return Einsum(node).run(); }

} // namespace mpc::frontend
