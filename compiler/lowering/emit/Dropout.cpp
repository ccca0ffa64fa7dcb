// dropout and its gradient. Random words are a function of the element's
// position, so tiles need no order.
#include "compiler/lowering/emit/ElementGrid.h"
#include "compiler/lowering/emit/Emitters.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <array>
#include <cmath>

using namespace mlir;
using namespace mpc;

namespace {
/// Philox4x32-10 with one counter per lane.
class Philox {
public:
  Philox(TileKernel &k, int64_t lanes) : b(k.b), loc(k.loc), lanes(lanes) {}

  using Words = std::array<Value, 4>;

  /// The four words of `block` (i64 per lane) and `counter` (i64) under `seed`.
  Words words(Value block, Value counter, uint64_t seed) {
    Value step = broadcastLanes(b, loc, counter, lanes);
    Words c = {low(block), high(block), low(step), high(step)};
    auto key0 = uint32_t(seed), key1 = uint32_t(seed >> 32);
    for (int round = 0; round < 10; ++round) {
      Value first = product(c[0], 0xD2511F53);
      Value second = product(c[2], 0xCD9E8D57);
      c = {exclusiveOr(high(second), c[1], key0), low(second),
           exclusiveOr(high(first), c[3], key1), low(first)};
      key0 += 0x9E3779B9;
      key1 += 0xBB67AE85;
    }
    return c;
  }
  Value i32(uint32_t value) {
    return intConstant(b, loc, b.getI32Type(), int32_t(value), lanes);
  }

private:
  OpBuilder &b;
  Location loc;
  int64_t lanes;

  Type wide() { return withLanes(b.getI64Type(), lanes); }
  Value low(Value x) {
    return arith::TruncIOp::create(b, loc, withLanes(b.getI32Type(), lanes), x);
  }
  Value high(Value x) {
    Value shift = intConstant(b, loc, b.getI64Type(), 32, lanes);
    return low(arith::ShRUIOp::create(b, loc, x, shift));
  }
  Value product(Value x, uint32_t factor) {
    Value by = intConstant(b, loc, b.getI64Type(), int64_t(factor), lanes);
    return arith::MulIOp::create(b, loc,
                                 arith::ExtUIOp::create(b, loc, wide(), x), by);
  }
  Value exclusiveOr(Value x, Value y, uint32_t key) {
    Value both = arith::XOrIOp::create(b, loc, x, y);
    return arith::XOrIOp::create(b, loc, both, i32(key));
  }
};

class Emit {
public:
  Emit(TileKernel &k, float ratio, uint64_t seed)
      : k(k), b(k.b), loc(k.loc), ratio(ratio), seed(seed) {}

  void run() {
    Value counter = k.load(k.root->getOperand(1), {});
    ElementGrid grid(k.kernel, shapeOf(k.root->getOperand(0)));
    int64_t most = std::min<int64_t>(32, grid.elementsPerTile);
    blockLanes = grid.suits(most, 4) ? most : 0;
    auto drop = [&](ValueRange at, Value position, int64_t lanes) {
      Value x = k.load(k.root->getOperand(0), at, lanes);
      Value scaled = arith::MulFOp::create(
          b, loc, x, f32Constant(b, loc, float(1 / (1 - ratio)), lanes));
      Value kept =
          arith::SelectOp::create(b, loc, isKept(position, counter, lanes),
                                  scaled, f32Constant(b, loc, 0, lanes));
      k.store({{k.root->getResult(0), kept}}, at, lanes);
    };
    grid.forElements(k, drop,
                     blockLanes ? blockLanes : ElementGrid::vectorLanes);
    if (k.root->getNumResults() == 1)
      return;
    // The first tile counts the step.
    Value one = intConstant(b, loc, b.getI64Type(), 1);
    Value end = arith::MinSIOp::create(b, loc, k.endTile, k.index(1));
    k.forRange(k.firstTile, end, 1, [&](Value) {
      k.store(
          {{k.root->getResult(1), arith::AddIOp::create(b, loc, counter, one)}},
          grid.origin(k));
    });
  }

private:
  TileKernel &k;
  OpBuilder &b;
  Location loc;
  double ratio;
  uint64_t seed;
  /// Elements whose words are computed together; 0 where they need not start a
  /// block.
  int64_t blockLanes = 0;

  Value i64(int64_t value, int64_t lanes) {
    return intConstant(b, loc, b.getI64Type(), value, lanes);
  }

  // A word per element: whole blocks where the position starts one, else each
  // lane computes its own block.
  Value wordsOf(Value position, Value counter, int64_t lanes) {
    if (lanes == blockLanes)
      return wordsOfBlocks(position, counter);
    Value number = k.laneNumbers(position, lanes);
    Value block = arith::ShRUIOp::create(b, loc, number, i64(2, lanes));
    Philox philox(k, lanes);
    Philox::Words words = philox.words(block, counter, seed);
    Value which = arith::AndIOp::create(b, loc, number, i64(3, lanes));
    Value word = words[3];
    for (int64_t i = 2; i >= 0; --i) {
      Value hit = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, which,
                                        i64(i, lanes));
      word = arith::SelectOp::create(b, loc, hit, words[size_t(i)], word);
    }
    return word;
  }

  // The words of blockLanes / 4 blocks, block after block.
  Value wordsOfBlocks(Value position, Value counter) {
    int64_t blocks = blockLanes / 4;
    auto [first, rest] = k.divide(position, 4);
    Philox::Words words =
        Philox(k, blocks).words(k.laneNumbers(first, blocks), counter, seed);
    if (blocks == 1) {
      auto type = cast<VectorType>(withLanes(b.getI32Type(), 4));
      return vector::FromElementsOp::create(b, loc, type, ValueRange(words));
    }
    SmallVector<int64_t> pairs, quads;
    for (int64_t i = 0; i < blocks; ++i) {
      pairs.append({i, blocks + i});
      quads.append({2 * i, 2 * i + 1, 2 * (blocks + i), 2 * (blocks + i) + 1});
    }
    auto shuffle = [&](Value x, Value y, ArrayRef<int64_t> mask) -> Value {
      return vector::ShuffleOp::create(b, loc, x, y, mask);
    };
    return shuffle(shuffle(words[0], words[1], pairs),
                   shuffle(words[2], words[3], pairs), quads);
  }

  Value isKept(Value position, Value counter, int64_t lanes) {
    auto threshold = uint32_t(std::nearbyint(std::ldexp(ratio, 32)));
    return arith::CmpIOp::create(
        b, loc, arith::CmpIPredicate::uge, wordsOf(position, counter, lanes),
        intConstant(b, loc, b.getI32Type(), int32_t(threshold), lanes));
  }
};
} // namespace

// At least one, to count the step of a tensor without elements.
static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  ElementGrid grid(kernel, shapeOf(kernel.getRootOp()->getOperand(0)));
  return {std::max<int64_t>(grid.tiles(), 1)};
}

template <typename Op> static LogicalResult emitDropout(TileKernel &k) {
  auto op = cast<Op>(k.root);
  Emit(k, op.getRatio().convertToFloat(), op.getSeed()).run();
  return success();
}

const TileEmitter mpc::dropoutEmitter = {"mpc.dropout", tilesOf, nullptr,
                                         emitDropout<DropoutOp>};
const TileEmitter mpc::dropoutGradEmitter = {
    "mpc.dropout_grad", tilesOf, nullptr, emitDropout<DropoutGradOp>};
