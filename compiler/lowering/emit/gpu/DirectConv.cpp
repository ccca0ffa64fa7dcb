// Convolution and its gradients for GPUs, straight from their definition, where
// products do not suit (ConvProduct.h): a thread sums one element of the
// result, of the weight gradient a team does. Elements of padding are left out
// of the sums.
#include "compiler/lowering/emit/Rows.h"
#include "compiler/lowering/emit/gpu/ConvWindows.h"
#include "compiler/lowering/emit/gpu/GpuEmitters.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mpc;

namespace {
class DirectConv {
public:
  DirectConv(TileKernel &kernel, ConvWindows windows)
      : w(windows), b(kernel.loc, kernel.b), k(kernel.with(b)) {}

  void forward(ConvOp op) {
    forResults([&](ValueRange at) {
      Value group = b.div(at[1], w.filtersOfGroup());
      Value sum = sumTaps(w.channelsOfGroup(), [&](Value c, Value kh, Value kw,
                                                   Value sum) {
        Position y = inputAt(0, at[2], kh), x = inputAt(1, at[3], kw);
        Value channel = b.mulAdd(group, w.channelsOfGroup(), c);
        return addInside(sum, y, x, [&] {
          return std::pair(load(op.getInput(), {at[0], channel, y.at, x.at}),
                           load(op.getWeight(), {at[1], c, kh, kw}));
        });
      });
      if (op.getBias())
        sum = arith::AddFOp::create(b, sum, load(op.getBias(), at[1]));
      return sum;
    });
  }

  void inputGradient(ConvInputGradOp op) {
    forResults([&](ValueRange at) {
      Value group = b.div(at[1], w.channelsOfGroup());
      Value channel = b.rem(at[1], w.channelsOfGroup());
      return sumTaps(w.filtersOfGroup(), [&](Value f, Value kh, Value kw,
                                             Value sum) {
        Position y = outputAt(0, at[2], kh), x = outputAt(1, at[3], kw);
        Value filter = b.mulAdd(group, w.filtersOfGroup(), f);
        return addInside(sum, y, x, [&] {
          return std::pair(load(op.getGradient(), {at[0], filter, y.at, x.at}),
                           load(op.getWeight(), {filter, channel, kh, kw}));
        });
      });
    });
  }

  void weightGradient(ConvWeightGradOp op) {
    Shape pixels = {w.output[0], w.output[2], w.output[3]};
    forResults([&](ValueRange at) {
      Value group = b.div(at[0], w.filtersOfGroup());
      Value channel = b.mulAdd(group, w.channelsOfGroup(), at[1]);
      Value own = k.foldShare(
          0, elementCount(pixels), 1, b.f32(0),
          [&](Value pixel, ValueRange sum) -> SmallVector<Value> {
            SmallVector<Value> out = k.split(pixel, pixels);
            Position y = inputAt(0, out[1], at[2]),
                     x = inputAt(1, out[2], at[3]);
            return {addInside(sum[0], y, x, [&] {
              return std::pair(
                  load(op.getGradient(), {out[0], at[0], out[1], out[2]}),
                  load(op.getInput(), {out[0], channel, y.at, x.at}));
            })};
          })[0];
      return k.joinTeam(own, [&](Value x, Value y) -> Value {
        return arith::AddFOp::create(b, x, y);
      });
    });
  }

private:
  ConvWindows w;
  LoopBuilder b;
  TileKernel k; ///< emits through `b`

  /// A position along one dimension, and whether it is there.
  struct Position {
    Value at, isInside; ///< null: always
  };

  Value load(Value value, ValueRange at) { return k.load(value, at); }

  void forResults(llvm::function_ref<Value(ValueRange at)> sumAt) {
    Value result = k.root->getResult(0);
    forElements(b, Rows(shapeOf(result), grainOf(k.root).singles), k.firstTile,
                k.endTile, 1, [&](ValueRange at, int64_t) {
                  Value sum = sumAt(at);
                  k.once([&] { k.store({{result, sum}}, at); });
                });
  }

  // Over channels, then the kernel, row-major.
  Value sumTaps(
      int64_t channels,
      llvm::function_ref<Value(Value c, Value kh, Value kw, Value sum)> add) {
    int64_t extents[] = {channels, w.weight[2], w.weight[3]};
    return k.foldShape(
        extents, b.f32(0),
        [&](ValueRange tap, ValueRange sum) -> SmallVector<Value> {
          return {add(tap[0], tap[1], tap[2], sum[0])};
        })[0];
  }

  // sum + x * y where both positions are inside.
  Value addInside(Value sum, Position row, Position column,
                  llvm::function_ref<std::pair<Value, Value>()> factors) {
    auto added = [&]() -> SmallVector<Value> {
      auto [x, y] = factors();
      return {math::FmaOp::create(b, x, y, sum)};
    };
    Value inside = row.isInside;
    if (inside && column.isInside)
      inside = arith::AndIOp::create(b, inside, column.isInside);
    else if (!inside)
      inside = column.isInside;
    if (!inside)
      return added()[0];
    return b.branch(inside, sum.getType(), added,
                    [&]() -> SmallVector<Value> { return {sum}; })[0];
  }

  // Whether lo <= at < hi, as one comparison of what is never negative else.
  Value within(Value at, int64_t extent) {
    return b.compare(arith::CmpIPredicate::ult, at, b.index(extent));
  }

  // The input's position that `tap` of window `out` lies at.
  Position inputAt(int d, Value out, Value tap) {
    Value at =
        b.sub(b.add(b.mul(out, w.strides[d]), b.mul(tap, w.dilations[d])),
              b.index(w.pads[d]));
    int64_t last = (w.output[2 + d] - 1) * w.strides[d] +
                   (w.weight[2 + d] - 1) * w.dilations[d] - w.pads[d];
    if (w.pads[d] == 0 && last < w.input[2 + d])
      return {at, {}};
    return {at, within(at, w.input[2 + d])};
  }

  // The window that has the input's position `in` at `tap`.
  Position outputAt(int d, Value in, Value tap) {
    Value shifted = b.sub(b.add(in, w.pads[d]), b.mul(tap, w.dilations[d]));
    int64_t stride = w.strides[d];
    if (stride == 1)
      return {shifted, within(shifted, w.output[2 + d])};
    // Of a negative number the unsigned quotient is far outside.
    Value at = b.div(shifted, stride);
    Value isWhole = b.equal(b.rem(shifted, stride), b.index(0));
    return {at, arith::AndIOp::create(b, isWhole, within(at, w.output[2 + d]))};
  }
};
} // namespace

static LogicalResult emitForward(TileKernel &k) {
  auto op = cast<ConvOp>(k.root);
  DirectConv(k, ConvWindows(op)).forward(op);
  return success();
}

static LogicalResult emitInputGradient(TileKernel &k) {
  auto op = cast<ConvInputGradOp>(k.root);
  DirectConv(k, ConvWindows(op)).inputGradient(op);
  return success();
}

static LogicalResult emitWeightGradient(TileKernel &k) {
  auto op = cast<ConvWeightGradOp>(k.root);
  DirectConv(k, ConvWindows(op)).weightGradient(op);
  return success();
}

static TeamShape weightTeam(KernelOp kernel, int64_t) {
  auto op = cast<ConvWeightGradOp>(kernel.getRootOp());
  ArrayRef<int64_t> output = shapeOf(op.getGradient());
  return teamForRow(elementCount(output) / output[1]);
}

const TileEmitter mpc::directConvEmitter = {"mpc.conv", singleTiles, nullptr,
                                            emitForward};
const TileEmitter mpc::directConvInputGradEmitter = {
    "mpc.conv_input_grad", singleTiles, nullptr, emitInputGradient};
const TileEmitter mpc::directConvWeightGradEmitter = {
    "mpc.conv_weight_grad", singleTiles, nullptr, emitWeightGradient,
    weightTeam};
