#include "compiler/analysis/Target.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/layout/Passes.h"
#include "llvm/Support/MathExtras.h"

namespace mpc {
#define GEN_PASS_DEF_PADPRODUCTSPASS
#include "passes/layout/Passes.h.inc"
} // namespace mpc

using namespace mlir;
using namespace mpc;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

// Of 16 bits each; the units that copy rows from memory want whole 16 bytes.
static constexpr int64_t chunk = 8;

static int64_t wholeChunks(int64_t elements) {
  return llvm::alignTo(elements, chunk);
}

// Whether a copy of an operand, and one of the result's, cost less than the
// product gains: near 4 us, against a third to a half of the time of the
// product, which runs at a fifth of the tensor cores' 990 TFLOP/s at best.
static bool isWorthIt(int64_t m, int64_t n, int64_t k) {
  constexpr int64_t leastOperations = int64_t(1) << 30;
  return 2 * m * n * k >= leastOperations;
}

namespace {
/// Pads the products of one function.
class ProductPadding {
public:
  explicit ProductPadding(func::FuncOp function) : function(function) {}

  void run() {
    SmallVector<GemmOp> products(function.getOps<GemmOp>());
    for (GemmOp op : products)
      pad(op);
    for (ConcatOp op : replaced)
      if (op->use_empty())
        op->erase();
  }

private:
  func::FuncOp function;
  // Several products may read the same operand.
  DenseMap<std::pair<Value, Type>, Value> padded;
  llvm::SmallSetVector<ConcatOp, 4> replaced;

  void pad(GemmOp op) {
    RankedTensorType a = typeOf(op.getA()), b = typeOf(op.getB());
    if (a.getElementTypeBitWidth() != 16 || b.getElementTypeBitWidth() != 16)
      return;
    ArrayRef<int64_t> result = typeOf(op.getResult()).getShape();
    int64_t m = result[0], n = result[1];
    int64_t k = a.getDimSize(op.getTransA() ? 0 : 1);
    // What lies along the rows of an operand grows.
    bool rowsOfDepth = !op.getTransA() || op.getTransB();
    int64_t newM = op.getTransA() ? wholeChunks(m) : m;
    int64_t newN = op.getTransB() ? n : wholeChunks(n);
    int64_t newK = rowsOfDepth ? wholeChunks(k) : k;
    bool resultGrows = newM != m || newN != n;
    if ((!resultGrows && newK == k) || !isWorthIt(m, n, k))
      return;
    if (resultGrows && op.getC())
      return; // which would have to grow with it
    OpBuilder builder(op);
    DirectionAttr direction = op.getDirectionAttr();
    OriginScope scope(builder, cast<NodeOpInterface>(op.getOperation()),
                      direction ? direction.getValue() : Direction::Forward);
    op.getAMutable().assign(grown(builder, op.getA(),
                                  op.getTransA() ? newK : newM,
                                  op.getTransA() ? newM : newK));
    op.getBMutable().assign(grown(builder, op.getB(),
                                  op.getTransB() ? newN : newK,
                                  op.getTransB() ? newK : newN));
    if (resultGrows)
      cutResult(builder, op, {newM, newN});
  }

  // `value` with zeros behind its rows, and rows of zeros behind these.
  Value grown(OpBuilder &b, Value value, int64_t rows, int64_t columns) {
    auto type = typeOf(value).clone({rows, columns});
    if (type == value.getType())
      return value;
    Value &known = padded[{value, type}];
    if (known)
      return known;
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointAfterValue(value);
    Value result = grownAlong(b, grownAlong(b, value, 1, columns), 0, rows);
    if (auto concat = value.getDefiningOp<ConcatOp>())
      replaced.insert(concat);
    return padded[{value, type}] = result;
  }

  // A concatenation along the same axis takes the zeros as one more operand.
  static Value grownAlong(OpBuilder &b, Value value, int64_t axis,
                          int64_t extent) {
    RankedTensorType type = typeOf(value);
    SmallVector<int64_t> zeros(type.getShape());
    zeros[axis] = extent - zeros[axis];
    if (zeros[axis] == 0)
      return value;
    auto zeroType = type.clone(zeros);
    Value zero =
        ConstantOp::create(b, value.getLoc(), zeroType,
                           cast<ElementsAttr>(b.getZeroAttr(zeroType)));
    SmallVector<Value> parts = {value};
    auto concat = value.getDefiningOp<ConcatOp>();
    if (concat && int64_t(concat.getAxis()) == axis)
      parts.assign(concat.getInputs().begin(), concat.getInputs().end());
    parts.push_back(zero);
    return ConcatOp::create(b, value.getLoc(), parts, axis);
  }

  // Gives `op` a larger result, of which its users take a slice; slices take
  // theirs from it themselves.
  void cutResult(OpBuilder &b, GemmOp op, ArrayRef<int64_t> shape) {
    Value result = op.getResult();
    RankedTensorType type = typeOf(result);
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : result.getUses())
      if (!isa<SliceOp>(use.getOwner()))
        uses.push_back(&use);
    result.setType(type.clone(shape));
    if (uses.empty())
      return;
    b.setInsertionPointAfter(op);
    SmallVector<int64_t> starts = {0, 0}, steps = {1, 1};
    Value cut =
        SliceOp::create(b, op.getLoc(), result, starts, steps, type.getShape());
    for (OpOperand *use : uses)
      use->set(cut);
  }
};

struct PadProducts : mpc::impl::PadProductsPassBase<PadProducts> {
  using Base::Base;

  void runOnOperation() override {
    if (!targetOf(getOperation()).isHopper())
      return;
    for (auto function : getOperation().getOps<func::FuncOp>())
      ProductPadding(function).run();
  }
};
} // namespace
