#include "compiler/analysis/Providers.h"
#include "compiler/analysis/Policy.h"
#include "compiler/analysis/PolicyLists.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/GlobPattern.h"

using namespace mlir;
using namespace mpc;

bool mpc::isLibraryOp(Operation *op) { return op->hasAttr(providerAttrName); }

static bool isProduct(Operation *op) {
  return isa<MatrixProductOpInterface>(op);
}

static bool isConvolution(Operation *op) {
  return isa<ConvolutionOpInterface>(op);
}

// Products of f16 and bf16 may end in f32; those of f32 do.
static bool hasLibraryTypes(Operation *op) {
  Type operand = elementTypeOf(op->getOperand(0));
  Type result = elementTypeOf(op->getResult(0));
  return elementTypeOf(op->getOperand(1)) == operand &&
         (result == operand || result.isF32());
}

// A splat is part of a kernel and has no memory.
static bool isInMemory(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  return !constant || !isa<SplatElementsAttr>(constant.getValue());
}

static bool isLibraryAddend(MatrixProductOpInterface product) {
  Value addend = product.getAddend();
  if (!addend)
    return true;
  ArrayRef<int64_t> shape = shapeOf(addend);
  int64_t n = product.getExtents().n;
  bool isRow = shape == ArrayRef(n) ||
               (shape.size() == 2 && shape[0] == 1 && shape[1] == n);
  return isRow && product.getAddendFactor() == 1 && isInMemory(addend) &&
         elementTypeOf(addend) == elementTypeOf(product->getResult(0));
}

bool mpc::isLibraryProduct(Operation *op) {
  auto product = dyn_cast<MatrixProductOpInterface>(op);
  return product && hasLibraryTypes(op) && isLibraryAddend(product) &&
         isInMemory(product.getA()) && isInMemory(product.getB()) &&
         cast<ProductOpInterface>(op).getMultiplyAdds() != 0;
}

bool mpc::isLibraryConvolution(Operation *op) {
  auto convolution = dyn_cast<ConvolutionOpInterface>(op);
  if (!convolution)
    return false;
  Type type = elementTypeOf(op->getResult(0));
  for (Value operand : op->getOperands())
    if (elementTypeOf(operand) != type || !isInMemory(operand) ||
        elementCount(shapeOf(operand)) == 0)
      return false;
  ArrayRef<int64_t> pads = convolution.getPads();
  return elementCount(shapeOf(op->getResult(0))) > 0 &&
         pads.take_front(2) == pads.drop_front(2);
}

static constexpr Provider providers[] = {
    {"cublaslt", "matrix product", "a Gemm or MatMul",
     "operands of one type, a result of theirs or f32, and a bias that is a "
     "row of the result's type",
     isProduct, isLibraryProduct},
    {"cudnn", "convolution", "a Conv or ConvTranspose",
     "operands, bias and result of one type, and padding that is equal on both "
     "sides",
     isConvolution, isLibraryConvolution}};

const Provider *mpc::findProvider(StringRef name) {
  auto found = llvm::find_if(providers,
                             [&](const Provider &p) { return p.name == name; });
  return found == std::end(providers) ? nullptr : found;
}

llvm::Expected<ProviderRules>
ProviderRules::parse(llvm::ArrayRef<std::string> texts) {
  ProviderRules parsed;
  for (StringRef text : texts) {
    auto [pattern, provider] = text.rsplit('=');
    Rule rule;
    rule.origin = ("--provider " + text).str();
    rule.provider = findProvider(provider);
    if (pattern.empty() || (!rule.provider && provider != generatedProvider))
      return llvm::createStringError(
          rule.origin + ": expected OP=PROVIDER or NODEGLOB=PROVIDER, where "
                        "PROVIDER is generated, cublaslt or cudnn; for example "
                        "--provider Gemm=cublaslt");
    if (isKnownOpType(pattern))
      rule.op = pattern.str();
    else
      rule.node = pattern.str();
    auto glob = llvm::GlobPattern::create(rule.node);
    if (!glob)
      return llvm::createStringError(rule.origin + ": '" + pattern +
                                     "' is neither an op type nor a glob (" +
                                     llvm::toString(glob.takeError()) +
                                     "); name a node or an op type");
    parsed.rules.push_back(std::move(rule));
  }
  return parsed;
}

static bool matches(StringRef opType, StringRef node, NodeOpInterface op) {
  if (node.empty())
    return op.getOpTypeAttr() && op.getOpTypeAttr() == opType;
  llvm::GlobPattern glob = llvm::cantFail(llvm::GlobPattern::create(node));
  ArrayAttr names = op.getNodeAttr();
  return names &&
         llvm::any_of(names.getAsRange<StringAttr>(), [&](StringAttr name) {
           return glob.match(name.getValue());
         });
}

const Provider *ProviderRules::of(Operation *op) {
  const Provider *provider = nullptr;
  auto node = dyn_cast<NodeOpInterface>(op);
  if (!node)
    return provider;
  for (Rule &rule : rules) {
    if (!matches(rule.op, rule.node, node))
      continue;
    rule.matched = true;
    rule.suits |= !rule.provider || rule.provider->isItsKind(op);
    provider = rule.provider;
  }
  return provider;
}

std::vector<std::string> ProviderRules::unmatched() const {
  std::vector<std::string> sentences;
  for (const Rule &rule : rules)
    if (!rule.matched)
      sentences.push_back(unmatchedRule(rule.origin));
  return sentences;
}

std::vector<std::string> ProviderRules::unsuitable() const {
  std::vector<std::string> sentences;
  for (const Rule &rule : rules)
    if (rule.matched && !rule.suits)
      sentences.push_back(
          llvm::formatv("rule '{0}' matches no {1}, which is all that {2} "
                        "computes here; name {3}, or leave these nodes to "
                        "'generated'",
                        rule.origin, rule.provider->computes,
                        rule.provider->name, rule.provider->ops));
  return sentences;
}
