// Einsum: its equation, and the terms in it merged from left to right. Letters
// are labels as written, digits the dimensions that "..." stands for, counted
// from the last.
#include "frontend/OpTable.h"
#include "frontend/rules/Terms.h"
#include "llvm/ADT/StringExtras.h"

#include <map>

using namespace mlir;

namespace mpc::frontend {

namespace {
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
  Term merge(Term left, Term right, size_t next);

  NodeImport &node;
  SmallVector<std::string> subscripts; ///< as written; "." stands for "..."
  std::string output;
  bool hasOutput = false;
  std::vector<Term> terms;
  std::map<char, int64_t> extents;
};
} // namespace

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
  auto dots = llvm::count(text, '.');
  for (size_t at; (at = text.find("...")) != std::string::npos;)
    text.replace(at, 3, ".");
  if (dots != 3 * llvm::count(text, '.'))
    return node.invalid("its equation has dots that are no '...'");
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

// Leaves one dimension of those with the same label.
LogicalResult Einsum::takeDiagonals(Term &term) {
  for (size_t i = 0; i < term.labels.size(); ++i) {
    char label = term.labels[i];
    size_t second = term.labels.find(label, i + 1);
    if (second == std::string::npos)
      continue;
    ArrayRef<int64_t> shape = shapeOf(term.value);
    if (shape[i] != shape[second])
      return node.invalid("label '" + Twine(label) + "' stands for " +
                          Twine(shape[i]) + " and for " + Twine(shape[second]));
    term = takeDiagonal(node, term, i, second);
    // What lies behind has moved.
    --i;
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
  std::string labels = selectLabels(term.labels, isReal);
  Shape shape;
  for (char label : labels)
    shape.push_back(term.extent(label));
  term = {node.reshaped(term.value, shape), labels};
}

// Whether the result or a term from `from` on has the label.
bool Einsum::isNeeded(char label, size_t from) const {
  return hasLabel(output, label) ||
         llvm::any_of(ArrayRef<Term>(terms).drop_front(from),
                      [&](const Term &t) { return hasLabel(t.labels, label); });
}

// Multiplies two terms and sums over what only they have; terms from `next` on
// are still to come.
Term Einsum::merge(Term left, Term right, size_t next) {
  left = sumOut(node, left, [&](char label) {
    return hasLabel(right.labels, label) || isNeeded(label, next);
  });
  right = sumOut(node, right, [&](char label) {
    return hasLabel(left.labels, label) || isNeeded(label, next);
  });
  auto isShared = [&](char label) { return hasLabel(right.labels, label); };
  std::string shared = selectLabels(left.labels, isShared);
  std::string batch =
      selectLabels(shared, [&](char label) { return isNeeded(label, next); });
  std::string summed =
      selectLabels(shared, [&](char label) { return !isNeeded(label, next); });
  return summed.empty() ? multiply(node, left, right, batch)
                        : contract(node, left, right, batch, summed);
}

LogicalResult Einsum::run() {
  if (failed(parse()) || failed(readTerms()) || failed(measure()))
    return failure();
  for (Term &term : terms)
    dropRepeatedOnes(term);
  Term result = terms.front();
  for (size_t i = 1; i < terms.size(); ++i)
    result = merge(result, terms[i], i + 1);
  result =
      sumOut(node, result, [&](char label) { return hasLabel(output, label); });
  node.setResult(0, permute(node, result, output).value);
  return success();
}

LogicalResult importEinsum(NodeImport &node) { return Einsum(node).run(); }

} // namespace mpc::frontend
