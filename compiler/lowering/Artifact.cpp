#include "compiler/lowering/Artifact.h"
#include "compiler/dialect/Dialect.h"
#include "compiler/lowering/Buffers.h"
#include "compiler/lowering/ElementTypes.h"
#include "compiler/lowering/Launches.h"
#include "compiler/lowering/NarrowCopies.h"
#include "compiler/lowering/gpu/GpuImage.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "runtime/artifact/ContainerWriter.h"

using namespace mlir;
using namespace mpc;
using mpcrt::Code;
using mpcrt::Status;

static Status internal(const Twine &what) {
  return Status(Code::Internal, what.str());
}

static mpcrt::TensorSpec specOf(StringRef name, Type type) {
  auto tensor = cast<RankedTensorType>(type);
  mpcrt::TensorSpec spec;
  spec.name = name.str();
  spec.dtype = *artifactType(tensor.getElementType());
  spec.shape.assign(tensor.getShape().begin(), tensor.getShape().end());
  return spec;
}

// Elements of a constant in row-major order, one by one for a splat too.
static std::vector<std::byte> bytesOf(DenseElementsAttr value) {
  unsigned bits = value.getElementType().getIntOrFloatBitWidth();
  size_t width = (bits + 7) / 8;
  std::vector<std::byte> bytes;
  auto append = [&](const APInt &number) {
    for (size_t i = 0; i < width; ++i)
      bytes.push_back(std::byte(number.extractBitsAsZExtValue(
          std::min<unsigned>(8, bits), unsigned(i) * 8)));
  };
  if (isa<FloatType>(value.getElementType()))
    for (const APFloat &number : value.getValues<APFloat>())
      append(number.bitcastToAPInt());
  else
    for (const APInt &number : value.getValues<APInt>())
      append(number);
  return bytes;
}

namespace {
class ProgramBuilder {
public:
  ProgramBuilder(ArrayRef<ModuleOp> targets, const EmitOptions &options)
      : targets(targets), module(targets.front()), options(options) {}

  mpcrt::Result<Program> run() {
    mpcrt::Manifest &manifest = program.manifest;
    manifest.producer = "mpc 0.1.0";
    manifest.model = options.model;
    manifest.training = options.training;
    manifest.report = options.report;
    for (auto step : {&ProgramBuilder::addStates, &ProgramBuilder::addInterface,
                      &ProgramBuilder::addTargets}) {
      Status status = (this->*step)();
      if (!status.ok())
        return status;
    }
    Status valid = manifest.validate();
    if (!valid.ok())
      return internal("the program is inconsistent: " + valid.message());
    return std::move(program);
  }

private:
  ArrayRef<ModuleOp> targets; ///< one program, lowered for each
  ModuleOp module;            ///< the first of them
  const EmitOptions &options;
  Program program;
  llvm::DenseMap<Attribute, std::string> constants;

  Status addStates() {
    for (auto state : module.getOps<StateOp>()) {
      mpcrt::StateSpec spec;
      static_cast<mpcrt::TensorSpec &>(spec) =
          specOf(state.getSymName(), state.getType());
      // The enumerators of both sides follow docs/artifact.md.
      spec.role = mpcrt::Role(uint32_t(state.getRole()));
      if (auto source = state.getDerivedFrom())
        spec.derivedFrom = source->str();
      if (auto parameter = state.getParameter())
        spec.parameter = parameter->str();
      if (auto node = state.getNodeAttr(); node && !node.empty())
        spec.node = cast<StringAttr>(node[0]).str();
      Status status = addInit(state, spec);
      if (!status.ok())
        return status;
      program.manifest.states.push_back(std::move(spec));
    }
    return Status();
  }

  Status addInit(StateOp state, mpcrt::StateSpec &spec) {
    Attribute init = state.getInitializerAttr();
    if (!init)
      spec.init = mpcrt::Init::derive();
    else if (auto fill = dyn_cast<FillAttr>(init))
      spec.init = mpcrt::Init::fill(fill.asDouble());
    else if (auto uniform = dyn_cast<UniformAttr>(init))
      spec.init = mpcrt::Init::uniform(uniform.asDouble());
    else if (auto normal = dyn_cast<NormalAttr>(init))
      spec.init = mpcrt::Init::normal(normal.asDouble());
    else
      return addWeights(cast<FileAttr>(init), spec);
    return Status();
  }

  Status addWeights(FileAttr file, mpcrt::StateSpec &spec) {
    std::optional<std::vector<std::byte>> bytes;
    if (options.weights)
      bytes = options.weights(file.getPath().str(), file.getTensor().str());
    if (!bytes)
      return Status(Code::File, "'" + file.getPath().str() +
                                    "' has no values for initializer '" +
                                    file.getTensor().str() + "'");
    if (bytes->size() != spec.bytes())
      return Status(Code::InvalidData,
                    "initializer '" + file.getTensor().str() + "' has " +
                        std::to_string(bytes->size()) + " bytes, but " +
                        mpcrt::typeText(spec.dtype, spec.shape) + " needs " +
                        std::to_string(spec.bytes()));
    std::string name = "state." + spec.name;
    spec.init = mpcrt::Init::data(name);
    program.tensors.push_back(
        {name, spec.dtype, spec.shape, std::move(*bytes)});
    return Status();
  }

  static StringRef nameOf(DictionaryAttr attributes, StringRef otherwise) {
    auto name =
        attributes ? attributes.getAs<StringAttr>("mpc.name") : StringAttr();
    return name ? name.getValue() : otherwise;
  }

  // Inputs and label as train_step has them, or else forward; outputs as
  // forward has them.
  Status addInterface() {
    mpcrt::Manifest &manifest = program.manifest;
    auto step = module.lookupSymbol<func::FuncOp>(trainStepName);
    auto forward = module.lookupSymbol<func::FuncOp>(forwardName);
    if (!forward)
      return internal("the module has no @forward");
    // Without a training step there are no labels.
    manifest.label.isClass = step != nullptr;
    func::FuncOp entry = step ? step : forward;
    for (unsigned i = 0; i < entry.getNumArguments(); ++i) {
      DictionaryAttr attributes = entry.getArgAttrDict(i);
      Type type = entry.getArgumentTypes()[i];
      auto label = attributes ? attributes.getAs<DictionaryAttr>("mpc.label")
                              : DictionaryAttr();
      if (label)
        setLabel(specOf(nameOf(attributes, "y"), type), label);
      else
        manifest.inputs.push_back(specOf(nameOf(attributes, "input"), type));
    }
    for (unsigned i = 0; i < forward.getNumResults(); ++i)
      manifest.outputs.push_back(
          specOf(nameOf(forward.getResultAttrDict(i), "output"),
                 forward.getResultTypes()[i]));
    return Status();
  }

  void setLabel(mpcrt::TensorSpec spec, DictionaryAttr fields) {
    mpcrt::LabelSpec &label = program.manifest.label;
    static_cast<mpcrt::TensorSpec &>(label) = std::move(spec);
    auto kind = fields.getAs<StringAttr>("kind");
    label.isClass = !kind || kind.getValue() == "class";
    auto number = [&](StringRef name, int64_t otherwise) {
      auto value = fields.getAs<IntegerAttr>(name);
      return value ? value.getInt() : otherwise;
    };
    label.classes = number("classes", 0);
    label.classAxis = number("class_axis", 0);
    label.ignoreIndex = number("ignore_index", -100);
  }

  static ModuleOp codeOf(ModuleOp lowered) {
    return lowered.lookupSymbol<ModuleOp>(targetOf(lowered).name());
  }

  Status addTargets() {
    SmallVector<GpuModule> modules;
    for (ModuleOp lowered : targets) {
      if (!codeOf(lowered))
        return internal("the module has not been lowered");
      if (targetOf(lowered).isGpu())
        modules.push_back({codeOf(lowered), targetOf(lowered)});
    }
    auto images = buildGpuImages(modules, options.asPtx);
    if (!images.ok())
      return images.status();
    auto nextImage = images->begin();
    Status status;
    for (ModuleOp lowered : targets)
      if (status.ok())
        status = addTarget(lowered,
                           targetOf(lowered).isGpu() ? &*nextImage++ : nullptr);
    return status;
  }

  // `image` is null for the CPU.
  Status addTarget(ModuleOp lowered, GpuImage *image) {
    Target kind = targetOf(lowered);
    auto buffers = lowered->getAttrOfType<ArrayAttr>(bufferTableName);
    auto arena = lowered->getAttrOfType<IntegerAttr>(arenaBytesName);
    if (!buffers || !arena)
      return internal("the module has not been planned");
    mpcrt::Target target;
    target.target = kind.name().str();
    target.image = "image." + target.target;
    target.arenaBytes = arena.getInt();
    for (Attribute buffer : buffers)
      target.buffers.push_back(bufferOf(cast<DictionaryAttr>(buffer)));
    Status status = image ? addGpuCode(lowered, *image, target)
                          : addCpuCode(lowered, target);
    if (status.ok())
      program.manifest.targets.push_back(std::move(target));
    return status;
  }

  Status addCpuCode(ModuleOp lowered, mpcrt::Target &target) {
    auto image = buildCpuImage(codeOf(lowered), options.cpu);
    if (failed(image))
      return internal("kernels do not compile");
    target.isa = image->isa;
    target.features = image->features;
    target.codeBytes = image->codeBytes;
    addImage(target, std::move(image->bytes));
    return addLaunches(lowered, image->kernels, target);
  }

  Status addGpuCode(ModuleOp lowered, GpuImage &image, mpcrt::Target &target) {
    target.isa = image.isa;
    addImage(target, std::move(image.bytes));
    return addLaunches(lowered, image.kernels, target);
  }

  void addImage(const mpcrt::Target &target, std::vector<std::byte> bytes) {
    int64_t size = int64_t(bytes.size());
    program.tensors.push_back(
        {target.image, mpcrt::DType::U8, {size}, std::move(bytes)});
  }

  mpcrt::Buffer bufferOf(DictionaryAttr fields) {
    auto number = [&](StringRef name) {
      return fields.getAs<IntegerAttr>(name).getInt();
    };
    StringRef kind = fields.getAs<StringAttr>("kind").getValue();
    if (kind == "state")
      return mpcrt::Buffer::state(number("index"));
    if (kind == "input")
      return mpcrt::Buffer::input(number("index"));
    if (kind == "output")
      return mpcrt::Buffer::output(number("index"));
    if (kind == "label")
      return mpcrt::Buffer::label();
    if (kind == "arena")
      return mpcrt::Buffer::arena(number("offset"), number("bytes"));
    if (kind == "status")
      return mpcrt::Buffer::status(number("offset"), number("bytes"));
    return mpcrt::Buffer::constant(
        constantOf(cast<DenseElementsAttr>(fields.get("value"))));
  }

  // The tensor of a constant, which all targets share.
  std::string constantOf(DenseElementsAttr value) {
    auto [known, isNew] = constants.try_emplace(
        value, "constant." + std::to_string(constants.size()));
    if (isNew) {
      auto spec = specOf(known->second, value.getType());
      program.tensors.push_back(
          {spec.name, spec.dtype, spec.shape, bytesOf(value)});
    }
    return known->second;
  }
};
} // namespace

mpcrt::Result<Program> mpc::buildProgram(ArrayRef<ModuleOp> targets,
                                         const EmitOptions &options) {
  return ProgramBuilder(targets, options).run();
}

Status mpc::emitArtifact(ArrayRef<ModuleOp> targets, const EmitOptions &options,
                         const std::string &path) {
  mpcrt::Result<Program> program = buildProgram(targets, options);
  if (!program.ok())
    return program.status();
  warnAboutNarrowCopies(targets.front(), *program);
  mpcrt::ContainerWriter writer;
  writer.setMetadata(mpcrt::kindKey, std::string(mpcrt::artifactKind));
  writer.setMetadata(mpcrt::manifestKey, program->manifest.toJson());
  for (const Program::Tensor &tensor : program->tensors)
    writer.add(tensor.name, tensor.dtype, tensor.shape, tensor.bytes.data(),
               tensor.bytes.size());
  writer.seal();
  return writer.write(path);
}
