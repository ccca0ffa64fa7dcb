// batch_normalization, its evaluation form and its gradient; one tile is one
// channel. A sum over a channel is kept in one vector of 8 lanes (and a scalar
// for what is left of a row): each sample's elements are summed first, then the
// samples in order, then the lanes in order.
#include "compiler/lowering/emit/AxisLoops.h"
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/LoopBuilder.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mpc;

namespace {
constexpr int64_t channelLanes = 8;

struct ChannelEmitter {
  ArrayRef<int64_t> shape; ///< [N, C, ...]
  LoopBuilder b;
  TileKernel k; ///< emits through `b`

  ChannelEmitter(TileKernel &kernel, Value input)
      : shape(shapeOf(input)), b(kernel.loc, kernel.b), k(kernel.with(b)) {}

  using Terms =
      llvm::function_ref<SmallVector<Value>(ValueRange at, int64_t lanes)>;

  // A channel as the output of a reduction: how a team shares it.
  static AxisPlan planOf(Operation *root) {
    ArrayRef<int64_t> shape = shapeOf(root->getResult(0));
    SmallVector<int64_t> axes = {0};
    llvm::append_range(axes, llvm::seq<int64_t>(2, int64_t(shape.size())));
    return AxisPlan(shape, axes, grainOf(root));
  }

  double elements() const {
    return double(mpc::elementCount(shape) / shape[1]);
  }
  Value load(Value value, ValueRange at, int64_t lanes = 1) {
    return k.elements.load(b, k.loc, value, at, lanes);
  }
  Value add(Value x, Value y) { return arith::AddFOp::create(b, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, x, y); }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, x, y); }
  Value fma(Value x, Value y, Value z) {
    return math::FmaOp::create(b, x, y, z);
  }
  Value spread(Value x, int64_t lanes) {
    return broadcastLanes(b, k.loc, x, lanes);
  }

  void forChannels(llvm::function_ref<void(Value c)> body) {
    b.loop(k.firstTile, k.endTile, 1, body);
  }

  // Loops over the dimensions from `dimension` on; the last goes by lanes.
  // `carried` are vectors, then as many scalars.
  SmallVector<Value> walk(size_t dimension, SmallVector<Value> at,
                          ValueRange carried, Terms terms) {
    size_t count = carried.size() / 2;
    auto accumulate = [&](ValueRange sums, int64_t lanes, size_t first) {
      SmallVector<Value> next(sums);
      for (auto [i, term] : llvm::enumerate(terms(at, lanes)))
        next[first + i] = add(next[first + i], term);
      return next;
    };
    if (dimension == shape.size())
      return accumulate(carried, 1, count);
    at.push_back({});
    Value extent = b.index(shape[dimension]), zero = b.index(0);
    if (dimension + 1 < shape.size())
      return b.loop(zero, extent, 1, carried, [&](Value i, ValueRange sums) {
        at[dimension] = i;
        return walk(dimension + 1, at, sums, terms);
      });
    Value whole = b.index(shape[dimension] / channelLanes * channelLanes);
    SmallVector<Value> sums = b.loop(zero, whole, channelLanes, carried,
                                     [&](Value i, ValueRange sums) {
                                       at[dimension] = i;
                                       return accumulate(sums, channelLanes, 0);
                                     });
    return b.loop(whole, extent, 1, sums, [&](Value i, ValueRange sums) {
      at[dimension] = i;
      return accumulate(sums, 1, count);
    });
  }

  /// The sums of `count` terms over channel c.
  SmallVector<Value> sums(Value c, size_t count, Terms terms) {
    if (k.team.size > 1)
      return sumsByTeam(c, count, terms);
    SmallVector<Value> zeros(count, b.f32(0, channelLanes));
    zeros.append(count, b.f32(0));
    SmallVector<Value> totals =
        b.loop(b.index(0), b.index(shape[0]), 1, zeros,
               [&](Value n, ValueRange before) {
                 SmallVector<Value> sample = walk(2, {n, c}, zeros, terms);
                 for (auto [sum, total] : llvm::zip_equal(sample, before))
                   sum = add(total, sum);
                 return sample;
               });
    SmallVector<Value> results;
    for (size_t i = 0; i < count; ++i)
      results.push_back(vector::ReductionOp::create(
          b, vector::CombiningKind::ADD, totals[i], totals[count + i]));
    return results;
  }

  SmallVector<Value> sumsByTeam(Value c, size_t count, Terms terms) {
    return AxisLoops(k, planOf(k.root))
        .fold(
            c, 1,
            [&](int64_t lanes) {
              return SmallVector<Value>(count, b.f32(0, lanes));
            },
            [&](ValueRange so, ValueRange at, int64_t lanes) {
              SmallVector<Value> next = terms(at, lanes);
              for (auto [x, total] : llvm::zip_equal(next, so))
                x = add(total, x);
              return next;
            },
            [&](size_t, Value x, Value y) { return add(x, y); });
  }

  /// body(at, lanes) for all elements of channel c.
  void
  forElements(Value c,
              llvm::function_ref<void(ValueRange at, int64_t lanes)> body) {
    if (k.team.size > 1)
      return AxisLoops(k, planOf(k.root)).forElements(c, 1, body);
    visit(2, {}, c, body);
  }
  void visit(size_t dimension, SmallVector<Value> at, Value c,
             llvm::function_ref<void(ValueRange at, int64_t lanes)> body) {
    if (at.empty()) {
      b.loop(shape[0], [&](Value n) { visit(2, {n, c}, c, body); });
    } else if (dimension == shape.size()) {
      body(at, 1);
    } else if (dimension + 1 == shape.size()) {
      at.push_back({});
      b.lanes(b.index(shape[dimension]), channelLanes,
              [&](Value i, int64_t lanes) {
                at.back() = i;
                body(at, lanes);
              });
    } else {
      at.push_back({});
      b.loop(shape[dimension], [&](Value i) {
        at[dimension] = i;
        visit(dimension + 1, at, c, body);
      });
    }
  }

  Value inverseDeviation(Value variance, double epsilon) {
    Value deviation = math::SqrtOp::create(b, add(variance, b.f32(epsilon)));
    return div(b.f32(1), deviation);
  }

  /// Stores y = (x - mean) * invStd * scale + bias for channel c.
  template <typename Op>
  void normalize(Op op, Value c, Value mean, Value invStd) {
    Value scale = load(op.getScale(), c), bias = load(op.getBias(), c);
    forElements(c, [&](ValueRange at, int64_t lanes) {
      Value x = load(op.getInput(), at, lanes);
      Value xhat = mul(sub(x, spread(mean, lanes)), spread(invStd, lanes));
      Value y = fma(xhat, spread(scale, lanes), spread(bias, lanes));
      k.elements.store(b, k.loc, {{op.getOutput(), y}}, at, lanes);
    });
  }
};
} // namespace

static SmallVector<int64_t> channelsOf(KernelOp kernel) {
  return {shapeOf(kernel.getRootOp()->getResult(0))[1]};
}

static TeamShape teamOf(KernelOp kernel, int64_t) {
  return ChannelEmitter::planOf(kernel.getRootOp()).team();
}

static LogicalResult emitTraining(TileKernel &k) {
  auto op = cast<BatchNormalizationOp>(k.root);
  ChannelEmitter e(k, op.getInput());
  LoopBuilder &b = e.b;
  double momentum = op.getMomentum().convertToFloat();
  // The factors are f32 numbers: 1 - momentum is rounded once.
  Value keep = b.f32(momentum), take = b.f32(float(1 - momentum));
  e.forChannels([&](Value c) {
    Value sum = e.sums(c, 1, [&](ValueRange at, int64_t lanes) {
      return SmallVector<Value>{e.load(op.getInput(), at, lanes)};
    })[0];
    Value mean = e.div(sum, b.f32(e.elements()));
    Value squares = e.sums(c, 1, [&](ValueRange at, int64_t lanes) {
      Value x = e.load(op.getInput(), at, lanes);
      Value centered = e.sub(x, e.spread(mean, lanes));
      return SmallVector<Value>{e.mul(centered, centered)};
    })[0];
    Value variance = e.div(squares, b.f32(e.elements()));
    Value invStd =
        e.inverseDeviation(variance, op.getEpsilon().convertToFloat());
    auto next = [&](Value running, Value batch) {
      return e.add(e.mul(e.load(running, c), keep), e.mul(batch, take));
    };
    Value nextMean = next(op.getRunningMean(), mean);
    Value nextVar = next(op.getRunningVar(), variance);
    e.normalize(op, c, mean, invStd);
    e.k.once([&] {
      e.k.store({{op.getNextMean(), nextMean},
                 {op.getNextVar(), nextVar},
                 {op.getMean(), mean},
                 {op.getInvStd(), invStd}},
                c);
    });
  });
  return success();
}

static LogicalResult emitInference(TileKernel &k) {
  auto op = cast<BatchNormalizationInferenceOp>(k.root);
  ChannelEmitter e(k, op.getInput());
  e.forChannels([&](Value c) {
    Value invStd = e.inverseDeviation(e.load(op.getRunningVar(), c),
                                      op.getEpsilon().convertToFloat());
    e.normalize(op, c, e.load(op.getRunningMean(), c), invStd);
  });
  return success();
}

static LogicalResult emitGradient(TileKernel &k) {
  auto op = cast<BatchNormalizationGradOp>(k.root);
  ChannelEmitter e(k, op.getInput());
  LoopBuilder &b = e.b;
  e.forChannels([&](Value c) {
    Value mean = e.load(op.getMean(), c), invStd = e.load(op.getInvStd(), c);
    auto normalized = [&](ValueRange at, int64_t lanes) {
      Value x = e.load(op.getInput(), at, lanes);
      return e.mul(e.sub(x, e.spread(mean, lanes)), e.spread(invStd, lanes));
    };
    SmallVector<Value> sums = e.sums(c, 2, [&](ValueRange at, int64_t lanes) {
      Value dy = e.load(op.getGradient(), at, lanes);
      return SmallVector<Value>{dy, e.mul(dy, normalized(at, lanes))};
    });
    Value count = b.f32(e.elements());
    Value meanDy = e.div(sums[0], count), meanDyXhat = e.div(sums[1], count);
    Value factor = e.mul(e.load(op.getScale(), c), invStd);
    e.forElements(c, [&](ValueRange at, int64_t lanes) {
      Value dy = e.load(op.getGradient(), at, lanes);
      Value centered = e.sub(dy, e.spread(meanDy, lanes));
      Value projected =
          e.mul(normalized(at, lanes), e.spread(meanDyXhat, lanes));
      Value dx = e.mul(e.spread(factor, lanes), e.sub(centered, projected));
      k.elements.store(b, k.loc, {{op.getInputGradient(), dx}}, at, lanes);
    });
    e.k.once([&] {
      e.k.store(
          {{op.getScaleGradient(), sums[1]}, {op.getBiasGradient(), sums[0]}},
          c);
    });
  });
  return success();
}

const TileEmitter mpc::batchNormalizationEmitter = {
    "mpc.batch_normalization", channelsOf, nullptr, emitTraining, teamOf};
const TileEmitter mpc::batchNormalizationInferenceEmitter = {
    "mpc.batch_normalization_inference", channelsOf, nullptr, emitInference,
    teamOf};
const TileEmitter mpc::batchNormalizationGradEmitter = {
    "mpc.batch_normalization_grad", channelsOf, nullptr, emitGradient, teamOf};
