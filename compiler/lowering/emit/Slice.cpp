// Slices and pads: one is the transpose of the other.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/Moves.h"

using namespace mlir;
using namespace mpc;

static Moves movesOf(KernelOp kernel) {
  auto op = cast<SliceOp>(kernel.getRootOp());
  ArrayRef<int64_t> steps = op.getSteps(), result = shapeOf(op.getResult());
  if (steps.empty() || steps.back() != 1)
    return Moves(kernel, result, /*isContiguous=*/false, {});
  return Moves(
      kernel, result, /*isContiguous=*/true,
      {shapeOf(op.getInput()).back(), result.back(), op.getStarts().back()});
}

static SmallVector<int64_t> sliceTiles(KernelOp kernel) {
  return {movesOf(kernel).tiles()};
}

static LogicalResult emitSlice(TileKernel &k) {
  auto op = cast<SliceOp>(k.root);
  LoopBuilder b(k.loc, k.b);
  movesOf(k.kernel).forElements(k, b, [&](ValueRange at, int64_t lanes) {
    SmallVector<Value> from;
    for (auto [i, start, step] :
         llvm::zip_equal(at, op.getStarts(), op.getSteps()))
      from.push_back(b.mulAdd(i, step, b.index(start)));
    storeResult(k, b, elementOf(k, b, op.getInput(), from, lanes), at, lanes);
  });
  return success();
}

namespace {
/// Emits one pad.
class Pad {
public:
  explicit Pad(TileKernel &k)
      : k(k), op(cast<PadOp>(k.root)), b(k.loc, k.b),
        input(shapeOf(op.getInput())) {}

  void run() {
    ArrayRef<int64_t> steps = op.getSteps();
    if (elementCount(input) == 0)
      return forElements(
          b, grid(), k.firstTile, k.endTile, rowLanes,
          [&](ValueRange at, int64_t lanes) { fill(at, lanes); });
    if (steps.empty() || steps.back() != 1)
      return forElements(b, grid(), k.firstTile, k.endTile, 1,
                         [&](ValueRange at, int64_t) { choose(at); });
    forRows(b, grid(), k.firstTile, k.endTile,
            [&](ValueRange outer, Value begin, Value end) {
              row(outer, begin, end);
            });
  }

private:
  TileKernel &k;
  PadOp op;
  LoopBuilder b;
  ArrayRef<int64_t> input;

  Rows grid() { return Rows(shapeOf(op.getResult()), grainOf(op).elements); }

  Value padding(int64_t lanes) {
    return numberOf(b, elementTypeOf(op.getResult()),
                    op.getValue().convertToDouble(), lanes);
  }

  void fill(ValueRange at, int64_t lanes) {
    storeResult(k, b, padding(lanes), at, lanes);
  }

  // The index of the operand along dimension d that stands at `i` of the
  // result, and whether there is one. What lies before the start is huge as an
  // unsigned number.
  std::pair<Value, Value> source(size_t d, Value i) {
    int64_t start = op.getStarts()[d], step = op.getSteps()[d];
    Value offset =
        step > 0 ? b.sub(i, b.index(start)) : b.sub(b.index(start), i);
    Value from = b.div(offset, std::abs(step));
    Value found = b.compare(arith::CmpIPredicate::ult, from, b.index(input[d]));
    Value whole = b.equal(b.rem(offset, std::abs(step)), b.index(0));
    return {from, arith::AndIOp::create(b, found, whole)};
  }

  std::pair<SmallVector<Value>, Value> sources(ValueRange at) {
    Value inside = arith::ConstantOp::create(b, b.getBoolAttr(true));
    SmallVector<Value> from;
    for (auto [d, i] : llvm::enumerate(at)) {
      auto [index, found] = source(d, i);
      from.push_back(index);
      inside = arith::AndIOp::create(b, inside, found);
    }
    return {from, inside};
  }

  void choose(ValueRange at) {
    auto [from, inside] = sources(at);
    for (Value &index : from)
      index = b.select(inside, index, b.index(0));
    Value element = elementOf(k, b, op.getInput(), from);
    storeResult(k, b, b.select(inside, element, padding(1)), at);
  }

  // Padding, a part of the operand's row, padding.
  void row(ValueRange outer, Value begin, Value end) {
    auto [from, inside] = sources(outer);
    int64_t start = op.getStarts().back();
    auto bound = [&](int64_t at) {
      Value bounded = b.min(arith::MaxSIOp::create(b, begin, b.index(at)), end);
      return b.select(inside, bounded, begin);
    };
    Value first = bound(start), last = bound(start + input.back());
    auto each = [&](Value lo, Value hi,
                    llvm::function_ref<void(ValueRange, int64_t)> body) {
      b.lanes(b.sub(hi, lo), rowLanes, [&](Value i, int64_t lanes) {
        SmallVector<Value> at(outer);
        at.push_back(b.add(lo, i));
        body(at, lanes);
      });
    };
    auto filled = [&](ValueRange at, int64_t lanes) { fill(at, lanes); };
    SmallVector<Value> rowOfInput = from;
    each(begin, first, filled);
    each(first, last, [&](ValueRange at, int64_t lanes) {
      SmallVector<Value> source = rowOfInput;
      source.push_back(b.sub(at.back(), b.index(start)));
      storeResult(k, b, elementOf(k, b, op.getInput(), source, lanes), at,
                  lanes);
    });
    each(last, end, filled);
  }
};
} // namespace

static LogicalResult emitPad(TileKernel &k) {
  Pad(k).run();
  return success();
}

const TileEmitter mpc::sliceEmitter = {"mpc.slice", sliceTiles, nullptr,
                                       emitSlice, moveTeam};
const TileEmitter mpc::padEmitter = {"mpc.pad", resultTiles, nullptr, emitPad};
