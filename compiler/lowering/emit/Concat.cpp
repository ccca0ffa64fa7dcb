// Concatenation: the tiles of each operand, one operand after another.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/Moves.h"

using namespace mlir;
using namespace mpc;

namespace {
class Concat {
public:
  explicit Concat(KernelOp kernel) : op(cast<ConcatOp>(kernel.getRootOp())) {
    axis = op.getAxis();
    ArrayRef<int64_t> result = shapeOf(op.getResult());
    bool isLast = axis + 1 == result.size();
    for (Value input : op.getInputs()) {
      ArrayRef<int64_t> shape = shapeOf(input);
      Moves moves(kernel, shape, /*isContiguous=*/true,
                  {shape.back(), result.back(), isLast ? axisLength : 0});
      if (moves.tiles() > 0)
        parts.push_back({input, moves, tiles, axisLength});
      tiles += moves.tiles();
      axisLength += shape[axis];
    }
  }

  int64_t tiles = 0;

  void emit(TileKernel &k) const {
    LoopBuilder b(k.loc, k.b);
    if (targetOf(k.kernel).isGpu())
      return emitOne(k, b, parts);
    for (const Part &part : parts) {
      // The part of this call's tiles that are the operand's.
      auto own = [&](Value tile) {
        Value number = b.sub(tile, b.index(part.tilesBefore));
        return b.min(b.max(number, 0), part.moves.tiles());
      };
      emitPart(k, b, part, own(k.firstTile), own(k.endTile));
    }
  }

private:
  struct Part {
    Value input;
    Moves moves;
    int64_t tilesBefore, elementsBefore;
  };
  ConcatOp op;
  size_t axis;
  SmallVector<Part, 0> parts;
  int64_t axisLength = 0;

  void emitPart(TileKernel &k, LoopBuilder &b, const Part &part, Value first,
                Value end) const {
    part.moves.forElements(k, b, first, end, [&](ValueRange at, int64_t lanes) {
      SmallVector<Value> to(at);
      Value &along = to[axis];
      along = b.add(along, part.elementsBefore);
      storeResult(k, b, elementOf(k, b, part.input, at, lanes), to, lanes);
    });
  }

  // The only tile of this call lies in one of `among`, which is found by
  // halving.
  void emitOne(TileKernel &k, LoopBuilder &b, ArrayRef<Part> among) const {
    if (among.empty())
      return;
    if (among.size() == 1) {
      Value tile = b.sub(k.firstTile, b.index(among[0].tilesBefore));
      return emitPart(k, b, among[0], tile, b.add(tile, 1));
    }
    size_t half = among.size() / 2;
    Value isBefore = b.less(k.firstTile, b.index(among[half].tilesBefore));
    b.branch(
        isBefore, [&] { emitOne(k, b, among.take_front(half)); },
        [&] { emitOne(k, b, among.drop_front(half)); });
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  return {Concat(kernel).tiles};
}

static LogicalResult emitConcat(TileKernel &k) {
  Concat(k.kernel).emit(k);
  return success();
}

const TileEmitter mpc::concatEmitter = {"mpc.concat", tilesOf, nullptr,
                                        emitConcat, moveTeam};
