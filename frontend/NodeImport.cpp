#include "frontend/NodeImport.h"

#include "llvm/Support/xxhash.h"

using namespace mlir;

namespace mpc::frontend {

std::string shapeText(ArrayRef<int64_t> shape) {
  return mpcrt::shapeText({shape.data(), shape.size()});
}

NodeImport::NodeImport(ModelImport &model, OpBuilder &builder, const Node &node,
                       int64_t since, bool onGradientPath, Problems &problems)
    : builder(builder), node(node), since(since),
      loc(nodeLocation(builder.getContext(), node.name)), model(model),
      problems(problems), outer(builder.getListener()),
      onGradientPath(onGradientPath) {
  builder.setListener(this);
}

NodeImport::~NodeImport() { builder.setListener(outer); }

void NodeImport::notifyOperationInserted(Operation *op,
                                         OpBuilder::InsertPoint previous) {
  if (auto origin = dyn_cast<NodeOpInterface>(op)) {
    origin.setNodeAttr(builder.getStrArrayAttr({node.name}));
    origin.setOpTypeAttr(builder.getStringAttr(node.opType));
    origin.setDirectionAttr(
        DirectionAttr::get(builder.getContext(), Direction::Forward));
  }
  if (outer)
    outer->notifyOperationInserted(op, previous);
}

bool NodeImport::has(unsigned index) const {
  return index < node.inputs.size() && !node.inputs[index].empty();
}

Value NodeImport::operand(unsigned index, SlotUse use,
                          ArrayRef<int64_t> shape) {
  if (!has(index)) {
    (void)invalid("has no operand " + Twine(index));
    return nullptr;
  }
  return model.value(*this, node.inputs[index], use, shape);
}

SmallVector<int64_t> NodeImport::operandShape(unsigned index) {
  if (const Tensor *weight = tensor(index))
    return llvm::to_vector(weight->shape);
  if (Value value = operand(index))
    return SmallVector<int64_t>(shapeOf(value));
  return {};
}

const IntTensor *NodeImport::ints(unsigned index) {
  return has(index) ? model.ints(node.inputs[index]) : nullptr;
}

const Tensor *NodeImport::tensor(unsigned index) {
  return has(index) ? model.tensor(node.inputs[index]) : nullptr;
}

const Attribute *NodeImport::attribute(StringRef name, Attribute::Kind kind) {
  auto it = node.attributes.find(name.str());
  if (it == node.attributes.end())
    return nullptr;
  using Kind = Attribute::Kind;
  Kind found = it->second.kind;
  bool isNumber =
      it->second.isUntyped && ((found == Kind::Int && kind == Kind::Float) ||
                               (found == Kind::Ints && kind == Kind::Floats));
  if (found == kind || isNumber)
    return &it->second;
  (void)invalid("attribute '" + name + "' has the wrong type");
  return nullptr;
}

int64_t NodeImport::intAttribute(StringRef name, int64_t otherwise) {
  const Attribute *found = attribute(name, Attribute::Kind::Int);
  return found ? found->i : otherwise;
}

double NodeImport::floatAttribute(StringRef name, double otherwise) {
  const Attribute *found = attribute(name, Attribute::Kind::Float);
  return found ? found->f : otherwise;
}

std::string NodeImport::textAttribute(StringRef name, StringRef otherwise) {
  const Attribute *found = attribute(name, Attribute::Kind::String);
  return found ? found->s : otherwise.str();
}

SmallVector<int64_t> NodeImport::intsAttribute(StringRef name,
                                               ArrayRef<int64_t> otherwise) {
  const Attribute *found = attribute(name, Attribute::Kind::Ints);
  return found ? llvm::to_vector(found->ints) : SmallVector<int64_t>(otherwise);
}

const Tensor *NodeImport::tensorAttribute(StringRef name) {
  const Attribute *found = attribute(name, Attribute::Kind::Tensor);
  return found ? found->tensor.get() : nullptr;
}

SmallVector<double> NodeImport::floatsAttribute(StringRef name,
                                                ArrayRef<double> otherwise) {
  const Attribute *found = attribute(name, Attribute::Kind::Floats);
  return found ? llvm::to_vector(found->floats)
               : SmallVector<double>(otherwise);
}

bool NodeImport::hasAttribute(StringRef name) const {
  return node.attributes.count(name.str()) > 0;
}

bool NodeImport::wants(unsigned index) const {
  return index < node.outputs.size() && !node.outputs[index].empty();
}

bool NodeImport::isRead(unsigned index) const {
  return wants(index) && model.isLive(node.outputs[index]);
}

Value NodeImport::counter() { return model.counter(*this); }

// The node's own seed if it has one, else a hash of its name.
int64_t NodeImport::seed() {
  if (hasAttribute("seed"))
    return intAttribute("seed", 0);
  uint64_t ofName = llvm::xxh3_64bits(StringRef(node.name));
  return static_cast<int64_t>(ofName + model.getOptions().seed);
}

void NodeImport::setResult(unsigned index, Value value) {
  if (wants(index))
    model.setValue(node.outputs[index], value);
}

Value NodeImport::reshaped(Value value, ArrayRef<int64_t> shape) {
  if (shapeOf(value) == shape)
    return value;
  return ReshapeOp::create(builder, loc, value, shape);
}

void NodeImport::forward() {
  if (wants(0))
    model.setAlias(node.outputs[0], node.inputs[0]);
}

void NodeImport::setInts(unsigned index, IntTensor value) {
  if (wants(index))
    model.setInts(node.outputs[index], std::move(value));
}

void NodeImport::setTensor(unsigned index, Tensor tensor) {
  if (wants(index))
    model.setTensor(node.outputs[index], std::move(tensor));
}

void NodeImport::report(const Twine &line) {
  model.report(
      ("node '" + Twine(node.name) + "' (" + node.opType + "): " + line).str());
}

LogicalResult NodeImport::fail(mpcrt::Code code, const Twine &message,
                               const Twine &nextAction) {
  Problem problem = modelProblem(code, message.str(), nextAction.str());
  problem.node = node.name;
  problem.opType = node.opType;
  problem.line = node.line;
  problem.onGradientPath = onGradientPath;
  problems.push_back(std::move(problem));
  hasFailed = true;
  return failure();
}

LogicalResult NodeImport::invalid(const Twine &message,
                                  const Twine &nextAction) {
  return fail(mpcrt::Code::InvalidData, message, nextAction);
}

LogicalResult NodeImport::unsupported(const Twine &message,
                                      const Twine &nextAction) {
  return fail(mpcrt::Code::Unsupported, message, nextAction);
}

} // namespace mpc::frontend
