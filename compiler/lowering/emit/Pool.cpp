// Max and average pooling and their gradients, plane by plane: [H, W] of one
// sample and channel.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/PoolWindows.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mpc;

using arith::CmpFPredicate;

namespace {
/// Emits loops over planes and windows.
struct PoolEmitter {
  TileKernel &k;
  PoolWindows windows;
  LoopBuilder b;
  WindowLoops loops;

  PoolEmitter(TileKernel &k, PoolWindows windows)
      : k(k), windows(windows), b(k.loc, k.b), loops(b, windows) {}

  void forPlanes(llvm::function_ref<void(Value tile, Value n, Value c)> body) {
    b.loop(k.firstTile, k.endTile, 1, [&](Value tile) {
      Value first = b.mul(tile, windows.planesPerTile());
      Value end =
          b.min(b.add(first, windows.planesPerTile()), windows.planes());
      b.loop(first, end, 1, [&](Value plane) {
        body(tile, b.div(plane, windows.input[1]),
             b.rem(plane, windows.input[1]));
      });
    });
  }

  void forWindows(llvm::function_ref<void(Value oh, Value ow)> body) {
    b.loop(windows.output[2], [&](Value oh) {
      b.loop(windows.output[3], [&](Value ow) { body(oh, ow); });
    });
  }

  /// f32 sums of one plane: on the stack, or in the tile's part of the
  /// workspace if they are large.
  Value sums() {
    return k.workspaces.empty() ? b.scratch(windows.planeSize())
                                : k.workspaces[0];
  }
  Value sumsBase(Value tile) {
    return k.workspaces.empty() ? b.index(0) : b.mul(tile, windows.planeSize());
  }

  /// Clears the sums, lets `scatter` add to them and stores the plane.
  void scatterPlanes(
      Value result,
      llvm::function_ref<void(Value sums, Value base, Value n, Value c)>
          scatter) {
    constexpr int64_t lanes = 8;
    Value memory = sums();
    forPlanes([&](Value tile, Value n, Value c) {
      Value base = sumsBase(tile);
      b.lanes(b.index(windows.planeSize()), lanes, [&](Value i, int64_t step) {
        b.store(b.f32(0, step), memory, b.add(base, i));
      });
      scatter(memory, base, n, c);
      b.loop(windows.input[2], [&](Value h) {
        Value row = b.add(base, b.mul(h, windows.input[3]));
        b.lanes(b.index(windows.input[3]), lanes, [&](Value w, int64_t step) {
          Value sum = b.load(memory, b.add(row, w), step);
          k.elements.store(b, k.loc, {{result, sum}}, {n, c, h, w}, step);
        });
      });
    });
  }

  void addTo(Value sums, Value position, Value term) {
    Value sum = arith::AddFOp::create(b, b.load(sums, position), term);
    b.store(sum, sums, position);
  }
};
} // namespace

// Sums of a plane beyond this many elements (256 KiB) are in a workspace.
static constexpr int64_t stackElements = 1 << 16;

template <typename Op> static PoolWindows forwardWindows(Op op) {
  return {shapeOf(op.getInput()), shapeOf(op.getResult()),
          op.getKernel(),         op.getStrides(),
          op.getPads(),           op.getDilations()};
}

template <typename Op> static PoolWindows gradientWindows(Op op) {
  return {shapeOf(op.getResult()),
          shapeOf(op.getGradient()),
          op.getKernel(),
          op.getStrides(),
          op.getPads(),
          op.getDilations()};
}

static PoolWindows windowsOf(Operation *root) {
  return llvm::TypeSwitch<Operation *, PoolWindows>(root)
      .Case<MaxPoolOp, AveragePoolOp>(
          [](auto op) { return forwardWindows(op); })
      .Case<MaxPoolGradOp, AveragePoolGradOp>(
          [](auto op) { return gradientWindows(op); });
}

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  return {windowsOf(rootOf(kernel)).tiles()};
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel) {
  PoolWindows windows = windowsOf(rootOf(kernel));
  if (windows.planeSize() <= stackElements)
    return {};
  return {MemRefType::get({windows.tiles() * windows.planeSize()},
                          Float32Type::get(kernel.getContext()))};
}

static LogicalResult emitMaxPool(TileKernel &k) {
  auto op = cast<MaxPoolOp>(k.root);
  PoolEmitter e(k, forwardWindows(op));
  LoopBuilder &b = e.b;
  e.forPlanes([&](Value, Value n, Value c) {
    e.forWindows([&](Value oh, Value ow) {
      Value lowest = b.f32(-std::numeric_limits<double>::infinity());
      auto largest = e.loops.fold(
          oh, ow, lowest,
          [&](Value h, Value w, ValueRange best) -> SmallVector<Value> {
            Value x = k.elements.load(b, k.loc, op.getInput(), {n, c, h, w});
            return {arith::MaximumFOp::create(b, best[0], x)};
          });
      k.elements.store(b, k.loc, {{op.getResult(), largest[0]}},
                       {n, c, oh, ow});
    });
  });
  return success();
}

static LogicalResult emitAveragePool(TileKernel &k) {
  auto op = cast<AveragePoolOp>(k.root);
  PoolEmitter e(k, forwardWindows(op));
  LoopBuilder &b = e.b;
  e.forPlanes([&](Value, Value n, Value c) {
    e.forWindows([&](Value oh, Value ow) {
      auto sum = e.loops.fold(
          oh, ow, b.f32(0),
          [&](Value h, Value w, ValueRange sum) -> SmallVector<Value> {
            Value x = k.elements.load(b, k.loc, op.getInput(), {n, c, h, w});
            return {arith::AddFOp::create(b, sum[0], x)};
          });
      Value count = e.loops.count(oh, ow, op.getCountIncludePad());
      Value mean = arith::DivFOp::create(b, sum[0], count);
      k.elements.store(b, k.loc, {{op.getResult(), mean}}, {n, c, oh, ow});
    });
  });
  return success();
}

// The position of the first largest element of a window; the first NaN, if any,
// is the largest.
static Value firstLargest(PoolEmitter &e, MaxPoolGradOp op, Value n, Value c,
                          Value oh, Value ow) {
  LoopBuilder &b = e.b;
  int64_t width = e.windows.input[3];
  Value lowest = b.f32(-std::numeric_limits<double>::infinity());
  Value start =
      b.mulAdd(e.loops.range(0, oh).first, width, e.loops.range(1, ow).first);
  auto found = e.loops.fold(
      oh, ow, {lowest, start},
      [&](Value h, Value w, ValueRange best) -> SmallVector<Value> {
        Value x = e.k.elements.load(b, e.k.loc, op.getInput(), {n, c, h, w});
        Value larger = arith::CmpFOp::create(b, CmpFPredicate::UGT, x, best[0]);
        Value number =
            arith::CmpFOp::create(b, CmpFPredicate::ORD, best[0], best[0]);
        Value take = arith::AndIOp::create(b, larger, number);
        return {b.select(take, x, best[0]),
                b.select(take, b.mulAdd(h, width, w), best[1])};
      });
  return found[1];
}

static LogicalResult emitMaxPoolGrad(TileKernel &k) {
  auto op = cast<MaxPoolGradOp>(k.root);
  PoolEmitter e(k, gradientWindows(op));
  LoopBuilder &b = e.b;
  auto scatter = [&](Value sums, Value base, Value n, Value c) {
    e.forWindows([&](Value oh, Value ow) {
      e.loops.unlessEmpty(oh, ow, [&] {
        Value gradient =
            k.elements.load(b, k.loc, op.getGradient(), {n, c, oh, ow});
        Value at = b.add(base, firstLargest(e, op, n, c, oh, ow));
        e.addTo(sums, at, gradient);
      });
    });
  };
  e.scatterPlanes(op.getResult(), scatter);
  return success();
}

static LogicalResult emitAveragePoolGrad(TileKernel &k) {
  auto op = cast<AveragePoolGradOp>(k.root);
  PoolEmitter e(k, gradientWindows(op));
  LoopBuilder &b = e.b;
  auto scatter = [&](Value sums, Value base, Value n, Value c) {
    e.forWindows([&](Value oh, Value ow) {
      Value gradient =
          k.elements.load(b, k.loc, op.getGradient(), {n, c, oh, ow});
      Value count = e.loops.count(oh, ow, op.getCountIncludePad());
      Value share = arith::DivFOp::create(b, gradient, count);
      e.loops.fold(oh, ow, {},
                   [&](Value h, Value w, ValueRange) -> SmallVector<Value> {
                     Value at = b.mulAdd(h, e.windows.input[3], w);
                     e.addTo(sums, b.add(base, at), share);
                     return {};
                   });
    });
  };
  e.scatterPlanes(op.getResult(), scatter);
  return success();
}

const TileEmitter mpc::maxPoolEmitter = {"mpc.max_pool", tilesOf, nullptr,
                                         emitMaxPool};
const TileEmitter mpc::averagePoolEmitter = {"mpc.average_pool", tilesOf,
                                             nullptr, emitAveragePool};
const TileEmitter mpc::maxPoolGradEmitter = {"mpc.max_pool_grad", tilesOf,
                                             workspacesOf, emitMaxPoolGrad};
const TileEmitter mpc::averagePoolGradEmitter = {
    "mpc.average_pool_grad", tilesOf, workspacesOf, emitAveragePoolGrad};
