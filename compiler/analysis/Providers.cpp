#include "compiler/analysis/Providers.h"
#include "compiler/analysis/Policy.h"
#include "compiler/analysis/PolicyLists.h"
#include "llvm/Support/GlobPattern.h"

using namespace mlir;
using namespace mpc;

bool mpc::isLibraryOp(Operation *op) { return op->hasAttr(providerAttrName); }

bool mpc::isProduct(Operation *op) { return isa<GemmOp, BatchMatmulOp>(op); }

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

static std::optional<LibraryProduct> gemmOf(GemmOp op) {
  LibraryProduct product;
  product.a = op.getA();
  product.b = op.getB();
  product.transA = op.getTransA();
  product.transB = op.getTransB();
  product.alpha = op.getAlpha().convertToFloat();
  ArrayRef<int64_t> result = shapeOf(op.getResult());
  product.m = result[0];
  product.n = result[1];
  product.k = shapeOf(op.getA())[product.transA ? 0 : 1];
  Value addend = op.getC();
  if (!addend)
    return product;
  ArrayRef<int64_t> shape = shapeOf(addend);
  bool isRow = shape == ArrayRef(product.n) ||
               (shape.size() == 2 && shape[0] == 1 && shape[1] == product.n);
  if (!isRow || op.getBeta().convertToFloat() != 1 || !isInMemory(addend) ||
      elementTypeOf(addend) != elementTypeOf(op.getResult()))
    return std::nullopt;
  product.bias = addend;
  return product;
}

static LibraryProduct batchOf(BatchMatmulOp op) {
  LibraryProduct product;
  product.a = op.getA();
  product.b = op.getB();
  product.transA = op.getTransA();
  product.transB = op.getTransB();
  ArrayRef<int64_t> result = shapeOf(op.getResult());
  product.batch = result[0];
  product.m = result[1];
  product.n = result[2];
  product.k = shapeOf(op.getA())[product.transA ? 1 : 2];
  return product;
}

std::optional<LibraryProduct> mpc::libraryProduct(Operation *op) {
  if (!isProduct(op) || !hasLibraryTypes(op))
    return std::nullopt;
  std::optional<LibraryProduct> product;
  if (auto gemm = dyn_cast<GemmOp>(op))
    product = gemmOf(gemm);
  else
    product = batchOf(cast<BatchMatmulOp>(op));
  if (!product || !isInMemory(product->a) || !isInMemory(product->b) ||
      product->batch * product->m * product->n * product->k == 0)
    return std::nullopt;
  return product;
}

llvm::Expected<ProviderRules>
ProviderRules::parse(llvm::ArrayRef<std::string> texts) {
  ProviderRules parsed;
  for (StringRef text : texts) {
    auto [pattern, provider] = text.rsplit('=');
    Rule rule;
    rule.origin = ("--provider " + text).str();
    rule.provider = provider.str();
    if (pattern.empty() ||
        (provider != generatedProvider && provider != cublasLtProvider))
      return llvm::createStringError(
          rule.origin + ": expected OP=PROVIDER or NODEGLOB=PROVIDER, where "
                        "PROVIDER is generated or cublaslt; for example "
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

StringRef ProviderRules::of(Operation *op) {
  StringRef provider = generatedProvider;
  auto node = dyn_cast<NodeOpInterface>(op);
  if (!node)
    return provider;
  for (Rule &rule : rules) {
    if (!matches(rule.op, rule.node, node))
      continue;
    rule.matched = true;
    rule.suits |= rule.provider == generatedProvider || isProduct(op);
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
      sentences.push_back("rule '" + rule.origin +
                          "' matches no matrix product, which is all that " +
                          rule.provider +
                          " computes here; name a Gemm or MatMul, or leave "
                          "these nodes to 'generated'");
  return sentences;
}
