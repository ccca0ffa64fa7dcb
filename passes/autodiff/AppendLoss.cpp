#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/autodiff/Passes.h"

using namespace mlir;
using namespace mpc;

namespace mpc {
#define GEN_PASS_DEF_APPENDLOSSPASS
#include "passes/autodiff/Passes.h.inc"
} // namespace mpc

static StringRef nameOf(Attribute attribute) {
  auto name = dyn_cast_or_null<StringAttr>(attribute);
  return name ? name.getValue() : StringRef();
}

namespace {
/// A loss that compares an output with a label of its shape.
struct ValueLoss {
  StringLiteral kind, opType;
  PointwiseLoss loss;
};

struct AppendLossPass : mpc::impl::AppendLossPassBase<AppendLossPass> {
  using Base::Base;
  void runOnOperation() override;

private:
  FailureOr<unsigned> findOutput(func::FuncOp forward);
  LogicalResult checkOutput(Value output);
  func::FuncOp copyAsTrainStep(func::FuncOp forward);
  BlockArgument addLabel(func::FuncOp step, Value output);
  Value appendLoss(OpBuilder &builder, func::FuncOp step, Value output);

  // `class-axis` counted from the front.
  int64_t axisOf(Value output) {
    int64_t rank = shapeOf(output).size();
    return classAxis < 0 ? rank + classAxis : classAxis.getValue();
  }
};
} // namespace

static const ValueLoss *findValueLoss(StringRef kind) {
  static constexpr ValueLoss losses[] = {
      {"mse", "MSE", PointwiseLoss::Mse},
      {"l1", "L1", PointwiseLoss::L1},
      {"huber", "Huber", PointwiseLoss::Huber},
      {"bce-logits", "BCEWithLogits", PointwiseLoss::BceLogits}};
  const auto *found = llvm::find_if(
      losses, [&](const ValueLoss &row) { return row.kind == kind; });
  return found == std::end(losses) ? nullptr : found;
}

void AppendLossPass::runOnOperation() {
  ModuleOp module = getOperation();
  auto forward = module.lookupSymbol<func::FuncOp>(forwardName);
  if (!forward || module.lookupSymbol(trainStepName)) {
    module.emitError("needs @forward and no @train_step");
    return signalPassFailure();
  }
  FailureOr<unsigned> index = findOutput(forward);
  if (failed(index) ||
      failed(checkOutput(forward.front().getTerminator()->getOperand(*index))))
    return signalPassFailure();

  func::FuncOp step = copyAsTrainStep(forward);
  Operation *end = step.front().getTerminator();
  OpBuilder builder(end);
  Value loss = appendLoss(builder, step, end->getOperand(*index));
  GradientsOp::create(builder, loss.getLoc(), loss, builder.getArrayAttr({}),
                      ValueRange());
  end->erase();
}

FailureOr<unsigned> AppendLossPass::findOutput(func::FuncOp forward) {
  for (unsigned i = 0; i < forward.getNumArguments(); ++i)
    if (kind != "output" && nameOf(forward.getArgAttr(i, "mpc.name")) == label)
      return forward.emitError("the model has an input named '")
             << label << "', which is the name of the label; choose another "
             << "name with --label";
  if (output.empty() && forward.getNumResults() == 1)
    return 0u;
  std::string names;
  for (unsigned i = 0; i < forward.getNumResults(); ++i) {
    StringRef name = nameOf(forward.getResultAttr(i, "mpc.name"));
    if (!output.empty() && name == output)
      return i;
    names += (names.empty() ? "'" : ", '") + name.str() + "'";
  }
  auto diag = forward.emitError();
  if (output.empty())
    diag << "the model has " << forward.getNumResults() << " outputs";
  else
    diag << "the model has no output '" << output << "'";
  return diag << "; name the one the loss is taken of with --loss OUT=KIND: "
              << names;
}

LogicalResult AppendLossPass::checkOutput(Value output) {
  auto type = cast<RankedTensorType>(output.getType());
  auto refuse = [&] {
    return mlir::emitError(output.getLoc())
           << "the output of type " << type << " cannot be the operand of "
           << kind << ": ";
  };
  if (kind != "cross-entropy" && kind != "output" && !findValueLoss(kind))
    return mlir::emitError(output.getLoc())
           << "unknown loss '" << kind
           << "'; expected cross-entropy, mse, l1, huber, bce-logits or output";
  if (labelSmoothing != 0 && kind != "cross-entropy")
    return mlir::emitError(output.getLoc())
           << "label smoothing is for cross-entropy, but the loss is " << kind
           << "; leave --label-smoothing out";
  if (!(labelSmoothing >= 0 && labelSmoothing < 1))
    return mlir::emitError(output.getLoc())
           << "label smoothing " << labelSmoothing.getValue()
           << " is not in [0, 1)";
  if (!isa<FloatType>(type.getElementType()))
    return refuse() << "its elements are not floats; choose another output";
  if (kind == "output" && type.getNumElements() != 1)
    return refuse() << "it has " << type.getNumElements()
                    << " elements, expected one; choose another loss";
  int64_t axis = axisOf(output);
  if (kind == "cross-entropy" && (axis < 0 || axis >= type.getRank()))
    return refuse() << "it has no dimension " << classAxis.getValue()
                    << "; choose its class dimension with --class-axis";
  return success();
}

func::FuncOp AppendLossPass::copyAsTrainStep(func::FuncOp forward) {
  OpBuilder builder(forward);
  builder.setInsertionPointAfter(forward);
  auto step = cast<func::FuncOp>(builder.clone(*forward));
  step.setSymName(trainStepName);
  (void)step.eraseResults(llvm::BitVector(step.getNumResults(), true));
  return step;
}

BlockArgument AppendLossPass::addLabel(func::FuncOp step, Value output) {
  Builder builder(&getContext());
  bool isClass = kind == "cross-entropy";
  NamedAttrList about;
  about.append("kind", builder.getStringAttr(isClass ? "class" : "value"));
  RankedTensorType type =
      RankedTensorType::get(shapeOf(output), builder.getF32Type());
  if (isClass) {
    int64_t axis = axisOf(output);
    about.append("classes", builder.getI64IntegerAttr(shapeOf(output)[axis]));
    about.append("class_axis", builder.getI64IntegerAttr(axis));
    about.append("ignore_index", builder.getI64IntegerAttr(ignoreIndex));
    type = RankedTensorType::get(
        reducedShape(shapeOf(output), {axis}, /*keepDims=*/false),
        builder.getI64Type());
  }
  NamedAttrList attributes;
  attributes.append("mpc.name", builder.getStringAttr(label));
  attributes.append("mpc.label", about.getDictionary(&getContext()));
  unsigned index = step.getNumArguments();
  (void)step.insertArgument(index, type,
                            attributes.getDictionary(&getContext()),
                            nodeLocation(&getContext(), label));
  return step.getArgument(index);
}

Value AppendLossPass::appendLoss(OpBuilder &builder, func::FuncOp step,
                                 Value output) {
  const ValueLoss *valueLoss = findValueLoss(kind);
  StringRef opType = kind == "cross-entropy" ? "CrossEntropy" : "Loss";
  if (valueLoss)
    opType = valueLoss->opType;
  OriginScope scope(builder, builder.getStrArrayAttr({"loss"}),
                    builder.getStringAttr(opType), Direction::Forward);
  Location loc = nodeLocation(&getContext(), "loss");
  auto scalar = RankedTensorType::get({}, builder.getF32Type());
  if (kind == "cross-entropy")
    return CrossEntropyOp::create(
        builder, loc, scalar, output, addLabel(step, output), Value(),
        builder.getI64IntegerAttr(axisOf(output)),
        builder.getI64IntegerAttr(ignoreIndex),
        builder.getF32FloatAttr(static_cast<float>(labelSmoothing)));
  if (valueLoss)
    return PointwiseLossOp::create(
        builder, loc, scalar,
        PointwiseLossAttr::get(&getContext(), valueLoss->loss), output,
        addLabel(step, output));
  if (!elementTypeOf(output).isF32())
    output = CastOp::create(
        builder, loc,
        RankedTensorType::get(shapeOf(output), builder.getF32Type()), output);
  if (output.getType() != scalar)
    output = ReshapeOp::create(builder, loc, output, ArrayRef<int64_t>{});
  return output;
}
