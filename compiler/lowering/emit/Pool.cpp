// Max and average pooling and their gradients, plane by plane: [H, W] of one
// sample and channel.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/PoolRules.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mpc;

namespace {
/// Emits loops over planes and windows.
struct PoolEmitter {
  TileKernel &k;
  PoolWindows windows;
  LoopBuilder b;
  WindowLoops loops;

  explicit PoolEmitter(TileKernel &k)
      : k(k), windows(poolWindowsOf(k.root)), b(k.loc, k.b), loops(b, windows) {
  }

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

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  return {poolWindowsOf(kernel.getRootOp()).tiles()};
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel) {
  PoolWindows windows = poolWindowsOf(kernel.getRootOp());
  if (windows.planeSize() <= stackElements)
    return {};
  return {MemRefType::get({windows.tiles() * windows.planeSize()},
                          Float32Type::get(kernel.getContext()))};
}

static LogicalResult emitForward(TileKernel &k) {
  PoolEmitter e(k);
  e.forPlanes([&](Value, Value n, Value c) {
    e.forWindows([&](Value oh, Value ow) {
      Value window[] = {n, c, oh, ow};
      Value result = pooled(k, e.b, e.loops, window);
      k.elements.store(e.b, k.loc, {{k.root->getResult(0), result}}, window);
    });
  });
  return success();
}

static LogicalResult emitMaxPoolGrad(TileKernel &k) {
  auto op = cast<MaxPoolGradOp>(k.root);
  PoolEmitter e(k);
  LoopBuilder &b = e.b;
  auto scatter = [&](Value sums, Value base, Value n, Value c) {
    e.forWindows([&](Value oh, Value ow) {
      e.loops.unlessEmpty(oh, ow, [&] {
        Value window[] = {n, c, oh, ow};
        Value gradient = k.elements.load(b, k.loc, op.getGradient(), window);
        Value at = b.add(base, firstLargest(k, b, e.loops, window));
        e.addTo(sums, at, gradient);
      });
    });
  };
  e.scatterPlanes(op.getResult(), scatter);
  return success();
}

static LogicalResult emitAveragePoolGrad(TileKernel &k) {
  PoolEmitter e(k);
  LoopBuilder &b = e.b;
  auto scatter = [&](Value sums, Value base, Value n, Value c) {
    e.forWindows([&](Value oh, Value ow) {
      Value window[] = {n, c, oh, ow};
      Value share = averageShare(k, b, e.loops, window);
      e.loops.fold(oh, ow, {},
                   [&](Value h, Value w, ValueRange) -> SmallVector<Value> {
                     Value at = b.mulAdd(h, e.windows.input[3], w);
                     e.addTo(sums, b.add(base, at), share);
                     return {};
                   });
    });
  };
  e.scatterPlanes(k.root->getResult(0), scatter);
  return success();
}

const TileEmitter mpc::maxPoolEmitter = {"mpc.max_pool", tilesOf, nullptr,
                                         emitForward};
const TileEmitter mpc::averagePoolEmitter = {"mpc.average_pool", tilesOf,
                                             nullptr, emitForward};
const TileEmitter mpc::maxPoolGradEmitter = {"mpc.max_pool_grad", tilesOf,
                                             workspacesOf, emitMaxPoolGrad};
const TileEmitter mpc::averagePoolGradEmitter = {
    "mpc.average_pool_grad", tilesOf, workspacesOf, emitAveragePoolGrad};
