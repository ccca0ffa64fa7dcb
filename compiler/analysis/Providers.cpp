#include "compiler/analysis/Providers.h"
#include "compiler/analysis/Policy.h"
#include "compiler/analysis/PolicyLists.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/GlobPattern.h"

using namespace mlir;
using namespace mpc;

bool mpc::isLibraryOp(Operation *op) { return op->hasAttr(providerAttrName); }

static bool isProduct(Operation *op) { return isa<GemmOp, BatchMatmulOp>(op); }

static bool isConvolution(Operation *op) {
  return isa<ConvOp, ConvInputGradOp, ConvWeightGradOp>(op);
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

bool mpc::isLibraryConvolution(Operation *op) {
  if (!isConvolution(op))
    return false;
  Type type = elementTypeOf(op->getResult(0));
  for (Value operand : op->getOperands())
    if (elementTypeOf(operand) != type || !isInMemory(operand) ||
        elementCount(shapeOf(operand)) == 0)
      return false;
  auto pads = op->getAttrOfType<DenseI64ArrayAttr>("pads").asArrayRef();
  return elementCount(shapeOf(op->getResult(0))) > 0 &&
         pads.take_front(2) == pads.drop_front(2);
}

static constexpr Provider providers[] = {
    {"cublaslt", "matrix product", "a Gemm or MatMul",
     "operands of one type, a result of theirs or f32, and a bias that is a "
     "row of the result's type",
     isProduct, [](Operation *op) { return libraryProduct(op).has_value(); }},
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
