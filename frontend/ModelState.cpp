// Names and values of a model, and how its tensors become state or constants.
#include "frontend/ModelImport.h"
#include "frontend/NodeImport.h"

#include <cmath>

using namespace mlir;

namespace mpc::frontend {

using mpcrt::DType;

// Names that the compiler gives to symbols of its own (docs/road.md).
static bool isReserved(StringRef name) {
  static const llvm::StringSet<> reserved = {"applied_steps",
                                             "loss_scale",
                                             "good_steps",
                                             "bad_steps",
                                             "skipped_steps",
                                             "lr",
                                             "momentum",
                                             "weight_decay",
                                             "beta1",
                                             "beta2",
                                             "eps",
                                             "clip_norm",
                                             "lr_factor",
                                             "lr_every",
                                             "scale_growth_factor",
                                             "scale_growth_interval",
                                             "scale_backoff_factor",
                                             "scale_hysteresis",
                                             "scale_min",
                                             "scale_max",
                                             "train_step",
                                             "forward",
                                             "derive",
                                             "cpu"};
  return reserved.contains(name);
}

StringRef ModelImport::resolve(StringRef name) const {
  for (auto it = aliases.find(name); it != aliases.end();
       it = aliases.find(name))
    name = it->second;
  return name;
}

void ModelImport::setValue(StringRef name, Value value) {
  values[name] = value;
}

void ModelImport::setAlias(StringRef name, StringRef original) {
  aliases[name] = original.str();
}

const IntTensor *ModelImport::ints(StringRef name) {
  auto it = integers.find(resolve(name));
  return it == integers.end() ? nullptr : &it->second;
}

void ModelImport::setInts(StringRef name, IntTensor value) {
  integers[name] = std::move(value);
}

void ModelImport::setTensor(StringRef name, Tensor tensor) {
  tensor.name = name.str();
  if (std::optional<IntTensor> known = toIntTensor(tensor))
    setInts(name, std::move(*known));
  ownTensors.push_back(std::move(tensor));
  tensors[name] = &ownTensors.back();
}

const Tensor *ModelImport::tensor(StringRef name) {
  return tensors.lookup(resolve(name));
}

void ModelImport::warnOnce(std::string line) {
  if (!llvm::is_contained(result.warnings, line))
    result.warnings.push_back(std::move(line));
}

Value ModelImport::value(NodeImport &node, StringRef alias, SlotUse use,
                         ArrayRef<int64_t> shape) {
  StringRef name = resolve(alias);
  if (use.isStatistic() && !use.isFrozen && !options.evaluateOnly &&
      (states.contains(name) || !tensor(name))) {
    (void)node.unsupported(
        "running statistic '" + name + "' is " +
            (states.contains(name) ? "shared with another node"
                                   : "computed by the model"),
        "give every BatchNormalization running statistics of its own");
    return nullptr;
  }
  if (StateOp state = states.lookup(name);
      state && state.getRole() == StateRole::Statistic && !use.isStatistic())
    warnOnce("weight '" + name.str() +
             "' is a running statistic of another node, so node '" +
             node.node.name + "' does not train it");
  if (auto it = values.find(name); it != values.end())
    return it->second;
  Value made;
  if (const Tensor *known = tensor(name))
    made = readTensor(node, *known, use, shape);
  else if (const IntTensor *known = ints(name))
    made = constant(node, *known);
  else
    (void)node.invalid("reads '" + name + "', which nothing defines");
  if (made)
    setValue(name, made);
  return made;
}

Value ModelImport::readTensor(NodeImport &node, const Tensor &tensor,
                              SlotUse use, ArrayRef<int64_t> shape) {
  Type element = tensor.dtype ? elementType(context, *tensor.dtype) : Type();
  bool isScalar = tensor.shape.empty() || tensor.isConstantNode;
  bool isWeight = isa_and_nonnull<FloatType>(element) &&
                  (trained.contains(tensor.name) || !isScalar);
  bool isTyped = tensor.dtype == DType::F32 || options.evaluateOnly;
  if (!element || (isWeight && !isTyped)) {
    std::string found = tensor.dtype
                            ? std::string(mpcrt::dtypeName(*tensor.dtype))
                            : std::string("unknown");
    (void)node.unsupported("tensor '" + tensor.name + "' has element type " +
                               found,
                           "export the model with F32 weights");
    return nullptr;
  }
  if (!isWeight && tensor.small && !use.isStatistic())
    return constant(node, tensor);
  SmallVector<int64_t> extents(ArrayRef<int64_t>(tensor.shape));
  for (auto [index, extent] : llvm::enumerate(extents))
    if (extent == unknownSize && index < shape.size())
      extent = shape[index];
  if (llvm::is_contained(extents, unknownSize)) {
    (void)node.invalid("the shape of weight '" + tensor.name +
                       "' does not follow from this layer");
    return nullptr;
  }
  auto type = RankedTensorType::get(extents, element);
  StateOp state = createState(node, tensor, use, type);
  return ReadOp::create(node.builder, node.loc, type,
                        FlatSymbolRefAttr::get(state.getSymNameAttr()));
}

Value ModelImport::constant(NodeImport &node, const Tensor &tensor) {
  if (const IntTensor *known = ints(tensor.name))
    return constant(node, *known);
  auto type =
      RankedTensorType::get(tensor.shape, elementType(context, *tensor.dtype));
  auto bytes = reinterpret_cast<const char *>(tensor.small->data());
  return ConstantOp::create(
      node.builder, node.loc,
      DenseElementsAttr::getFromRawBuffer(type, {bytes, tensor.small->size()}));
}

Value ModelImport::constant(NodeImport &node, const IntTensor &tensor) {
  auto element = cast<IntegerType>(elementType(context, tensor.dtype));
  auto type = RankedTensorType::get(tensor.shape, element);
  SmallVector<APInt> elements;
  for (int64_t value : tensor.values)
    elements.push_back(APInt(element.getWidth(), static_cast<uint64_t>(value),
                             /*isSigned=*/false, /*implicitTrunc=*/true));
  return ConstantOp::create(node.builder, node.loc,
                            DenseElementsAttr::get(type, elements));
}

StateOp ModelImport::createState(NodeImport &node, const Tensor &tensor,
                                 SlotUse use, RankedTensorType type) {
  StateRole role = StateRole::Constant;
  if (use.isStatistic())
    role = StateRole::Statistic;
  else if (trained.contains(tensor.name) && type.getElementType().isF32())
    role = StateRole::Parameter;
  std::string name = tensor.name;
  if (isReserved(name)) {
    name = "model." + name;
    report("weight '" + tensor.name + "' is called '" + name + "'");
  }
  OpBuilder states(function);
  StateOp state = StateOp::create(
      states, nodeLocation(&context, tensor.name), states.getStringAttr(name),
      TypeAttr::get(type), StateRoleAttr::get(&context, role),
      initializer(tensor, use, type.getShape()), FlatSymbolRefAttr(),
      FlatSymbolRefAttr(), states.getStrArrayAttr({node.node.name}));
  this->states[tensor.name] = state;
  return state;
}

Value ModelImport::counter(NodeImport &node) {
  auto type = RankedTensorType::get({}, node.builder.getI64Type());
  StateOp state =
      addFilledState(*result.module, node.node.name + ".applied_steps", type,
                     StateRole::Step, 0);
  state.setNodeAttr(node.builder.getStrArrayAttr({node.node.name}));
  return ReadOp::create(node.builder, node.loc, type,
                        FlatSymbolRefAttr::get(state.getSymNameAttr()));
}

mlir::Attribute ModelImport::initializer(const Tensor &tensor, SlotUse use,
                                         ArrayRef<int64_t> shape) {
  using Place = TensorBytes::Place;
  Place place = tensor.bytes.place;
  if (place == Place::Raw || place == Place::Typed || place == Place::External)
    return FileAttr::get(&context, graph.path, tensor.name);
  auto heUniform = [&]() -> mlir::Attribute {
    int64_t fanIn = use.fanIn;
    if (fanIn == 0)
      fanIn = elementCount(shape.empty() ? shape : shape.drop_front());
    double bound =
        std::sqrt(6.0 / static_cast<double>(std::max<int64_t>(fanIn, 1)));
    return UniformAttr::get(&context, bound);
  };
  switch (tensor.recipe.kind) {
  case Recipe::Kind::KaimingUniform:
    return heUniform();
  case Recipe::Kind::Uniform:
    return UniformAttr::get(&context, tensor.recipe.number);
  case Recipe::Kind::Normal:
    return NormalAttr::get(&context, tensor.recipe.number);
  case Recipe::Kind::Fill:
    return FillAttr::get(&context, tensor.recipe.number);
  case Recipe::Kind::SlotDefault:
    break;
  }
  if (tensor.dtype && !isa<FloatType>(elementType(context, *tensor.dtype)))
    return FillAttr::get(&context, 0.0);
  switch (use.kind) {
  case SlotUse::Kind::Weight:
    return heUniform();
  case SlotUse::Kind::Bias:
  case SlotUse::Kind::Mean:
    return FillAttr::get(&context, 0.0);
  case SlotUse::Kind::Embedding:
    return NormalAttr::get(&context, 0.02);
  case SlotUse::Kind::Scale:
  case SlotUse::Kind::Variance:
    return FillAttr::get(&context, 1.0);
  case SlotUse::Kind::Unknown:
    break;
  }
  if (shape.size() >= 2)
    return heUniform();
  return FillAttr::get(&context, 0.0);
}

} // namespace mpc::frontend
