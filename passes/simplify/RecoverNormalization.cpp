// Layer and RMS normalisation that an exporter wrote as means, roots and
// quotients. First the quotient becomes the op without scale and bias; these
// join it one by one, so that any of the three may be missing.
#include "passes/simplify/Simplification.h"

using namespace mlir;
using namespace mpc;

// The first dimension of the rows that `mean` averages over, if it is over the
// last dimensions and keeps them.
static std::optional<int64_t> rowAxis(ReduceMeanOp mean) {
  ArrayRef<int64_t> axes = mean.getAxes();
  size_t rank = shapeOf(mean.getInput()).size();
  if (!mean.getKeepDims() || axes.empty() || axes.back() + 1 != int64_t(rank))
    return std::nullopt;
  int64_t first = int64_t(rank - axes.size());
  return axes.front() == first ? std::optional(first) : std::nullopt;
}

// x, if `value` is x * x or x^2.
static Value matchSquare(Value value, Matched &matched) {
  Value base;
  if (auto product = value.getDefiningOp<MulOp>())
    base = product.getLhs() == product.getRhs() ? product.getLhs() : Value();
  if (auto power = value.getDefiningOp<PowOp>())
    base = splatNumber(power.getRhs()) == 2.0 ? power.getLhs() : Value();
  if (base)
    matched.insert(value.getDefiningOp());
  return base;
}

// x, if `value` is x less the mean of its rows.
static Value matchCentred(Value value, int64_t axis, Matched &matched) {
  auto difference = value.getDefiningOp<SubOp>();
  auto mean =
      difference ? difference.getRhs().getDefiningOp<ReduceMeanOp>() : nullptr;
  if (!mean || mean.getInput() != difference.getLhs() || rowAxis(mean) != axis)
    return nullptr;
  matched.insert(difference);
  matched.insert(mean);
  return mean.getInput();
}

namespace {
// sqrt(mean(of^2) + epsilon) over rows that begin at `axis`.
struct RootMeanSquare {
  Value of;
  int64_t axis;
  float epsilon;
};
} // namespace

static std::optional<RootMeanSquare> matchRoot(Value value, Matched &matched) {
  auto root = value.getDefiningOp<SqrtOp>();
  auto sum = root ? root.getInput().getDefiningOp<AddOp>() : nullptr;
  if (!sum)
    return std::nullopt;
  for (auto [left, right] : {std::pair(sum.getLhs(), sum.getRhs()),
                             std::pair(sum.getRhs(), sum.getLhs())}) {
    auto mean = left.getDefiningOp<ReduceMeanOp>();
    std::optional<double> epsilon = splatNumber(right);
    std::optional<int64_t> axis = mean ? rowAxis(mean) : std::nullopt;
    Value of = axis ? matchSquare(mean.getInput(), matched) : nullptr;
    if (!of || !epsilon || sum.getType() != mean.getType())
      continue;
    matched.insert(root);
    matched.insert(sum);
    matched.insert(mean);
    return RootMeanSquare{of, *axis, static_cast<float>(*epsilon)};
  }
  return std::nullopt;
}

// r, if `value` is 1 / r.
static Value matchReciprocal(Value value, Matched &matched) {
  Value divisor;
  if (auto quotient = value.getDefiningOp<DivOp>())
    divisor =
        splatNumber(quotient.getLhs()) == 1.0 ? quotient.getRhs() : Value();
  auto unary = value.getDefiningOp<UnaryOp>();
  if (unary && unary.getFunction() == UnaryFunction::Reciprocal)
    divisor = unary.getInput();
  if (divisor)
    matched.insert(value.getDefiningOp());
  return divisor;
}

namespace {
// (x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon) is layer normalisation
// of x, and x / sqrt(mean(x^2) + epsilon) is RMS normalisation.
template <typename Op> struct RecoverNormalization : Simplification<Op> {
  using Simplification<Op>::Simplification;
  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    if (!elementTypeOf(op.getResult()).isF32())
      return rewriter.notifyMatchFailure(op, "is rounded to a narrow type");
    if (succeeded(recover(op, op.getLhs(), op.getRhs(), rewriter)))
      return success();
    if (std::is_same_v<Op, MulOp>)
      return recover(op, op.getRhs(), op.getLhs(), rewriter);
    return rewriter.notifyMatchFailure(op, "divides by no root mean square");
  }

private:
  LogicalResult recover(Op op, Value dividend, Value divisor,
                        PatternRewriter &rewriter) const {
    Matched matched;
    matched.insert(op);
    if (std::is_same_v<Op, MulOp>)
      divisor = matchReciprocal(divisor, matched);
    auto root = divisor ? matchRoot(divisor, matched) : std::nullopt;
    if (!root || dividend.getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "divides by no root mean square");
    Value centred = matchCentred(dividend, root->axis, matched);
    if (centred && matchCentred(root->of, root->axis, matched) == centred) {
      this->say(op, "recovered as layer normalisation");
      auto made =
          LayerNormalizationOp::create(rewriter, op.getLoc(), centred, Value(),
                                       Value(), root->axis, root->epsilon);
      takeOver(matched, made, "LayerNormalization", rewriter);
      rewriter.replaceOp(op, made.getOutput());
      return success();
    }
    if (centred || root->of != dividend)
      return rewriter.notifyMatchFailure(op, "the root is of something else");
    this->say(op, "recovered as RMS normalisation");
    auto made = RmsNormalizationOp::create(rewriter, op.getLoc(), dividend,
                                           Value(), root->axis, root->epsilon);
    takeOver(matched, made, "RMSNormalization", rewriter);
    rewriter.replaceOp(op, made.getOutput());
    return success();
  }
};
} // namespace

// Whether `vector` has one f32 per element of a row of `input`.
static bool fitsRow(Value vector, Value input, int64_t axis) {
  ArrayRef<int64_t> shape = shapeOf(vector), whole = shapeOf(input);
  ArrayRef<int64_t> row = whole.drop_front(size_t(axis));
  if (!elementTypeOf(vector).isF32() || shape.size() < row.size() ||
      shape.size() > whole.size() || shape.take_back(row.size()) != row)
    return false;
  return llvm::all_of(shape.drop_back(row.size()),
                      [](int64_t extent) { return extent == 1; });
}

// Whether scale or bias may join: nobody else reads what they change.
template <typename Norm> static bool isAlone(Norm norm) {
  return norm.getOutput().hasOneUse() &&
         llvm::all_of(norm->getResults().drop_front(),
                      [](Value statistic) { return statistic.use_empty(); });
}

static bool takesScale(LayerNormalizationOp norm) {
  return !norm.getScale() && !norm.getBias();
}
static bool takesScale(RmsNormalizationOp norm) { return !norm.getScale(); }

static Operation *withScale(LayerNormalizationOp norm, Value scale,
                            OpBuilder &builder) {
  return LayerNormalizationOp::create(builder, norm.getLoc(), norm.getInput(),
                                      scale, Value(), int64_t(norm.getAxis()),
                                      norm.getEpsilon().convertToFloat());
}
static Operation *withScale(RmsNormalizationOp norm, Value scale,
                            OpBuilder &builder) {
  return RmsNormalizationOp::create(builder, norm.getLoc(), norm.getInput(),
                                    scale, int64_t(norm.getAxis()),
                                    norm.getEpsilon().convertToFloat());
}
static Operation *withBias(LayerNormalizationOp norm, Value bias,
                           OpBuilder &builder) {
  return LayerNormalizationOp::create(
      builder, norm.getLoc(), norm.getInput(), norm.getScale(), bias,
      int64_t(norm.getAxis()), norm.getEpsilon().convertToFloat());
}

// Puts `make(vector)`, with `vector` in a row's shape, in place of `op`.
template <typename Norm, typename Op, typename Make>
static void join(Norm norm, Op op, Value vector, Make make,
                 PatternRewriter &rewriter) {
  ArrayRef<int64_t> row =
      shapeOf(norm.getInput()).drop_front(size_t(norm.getAxis()));
  Operation *made;
  {
    OriginScope scope(rewriter, cast<NodeOpInterface>(*op), Direction::Forward);
    if (shapeOf(vector) != row)
      vector = ReshapeOp::create(rewriter, op.getLoc(), vector, row);
    made = make(norm, vector, rewriter);
  }
  auto target = cast<NodeOpInterface>(made);
  target.setNodeAttr(norm.getNodeAttr());
  mergeNames(op, made, rewriter);
  target.setOpTypeAttr(norm.getOpTypeAttr());
  rewriter.replaceOp(op, made->getResult(0));
}

namespace {
// norm(x) * scale is norm(x, scale), where scale is one number per element of a
// row.
template <typename Norm> struct JoinScale : Simplification<MulOp> {
  using Simplification::Simplification;
  LogicalResult matchAndRewrite(MulOp op,
                                PatternRewriter &rewriter) const override {
    for (auto [data, scale] : {std::pair(op.getLhs(), op.getRhs()),
                               std::pair(op.getRhs(), op.getLhs())}) {
      auto norm = data.template getDefiningOp<Norm>();
      if (!norm || !takesScale(norm) || !isAlone(norm) ||
          data.getType() != op.getType() ||
          !fitsRow(scale, norm.getInput(), int64_t(norm.getAxis())))
        continue;
      say(op, "joined as scale with the normalisation before it");
      join(
          norm, op, scale,
          [](Norm norm, Value scale, OpBuilder &builder) {
            return withScale(norm, scale, builder);
          },
          rewriter);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "scales no normalisation");
  }
};

// layer_normalization(x, scale) + bias is layer_normalization(x, scale, bias).
struct JoinNormBias : Simplification<AddOp> {
  using Simplification::Simplification;
  LogicalResult matchAndRewrite(AddOp op,
                                PatternRewriter &rewriter) const override {
    for (auto [data, bias] : {std::pair(op.getLhs(), op.getRhs()),
                              std::pair(op.getRhs(), op.getLhs())}) {
      auto norm = data.getDefiningOp<LayerNormalizationOp>();
      if (!norm || norm.getBias() || !isAlone(norm) ||
          data.getType() != op.getType() ||
          !fitsRow(bias, norm.getInput(), int64_t(norm.getAxis())))
        continue;
      say(op, "joined as bias with the normalisation before it");
      join(norm, op, bias, withBias, rewriter);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "adds to no normalisation");
  }
};
} // namespace

void mpc::addNormalizationPatterns(RewritePatternSet &patterns, bool report) {
  patterns.add<RecoverNormalization<DivOp>, RecoverNormalization<MulOp>,
               JoinScale<LayerNormalizationOp>, JoinScale<RmsNormalizationOp>,
               JoinNormBias>(patterns.getContext(), report);
}
