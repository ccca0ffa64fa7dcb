// Max and average pooling and their gradients, plane by plane: [H, W] of one
// sample and channel.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/LoopBuilder.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/TypeSwitch.h"
#include <array>

using namespace mlir;
using namespace mpc;

using arith::CmpFPredicate;

namespace {
/// The windows of one pooling; `input` is the wide side, `output` the windows.
struct Windows {
  ArrayRef<int64_t> input, output, kernel, strides, pads, dilations;

  int64_t planes() const { return input[0] * input[1]; }
  int64_t planeSize() const { return input[2] * input[3]; }
  /// About 16384 elements of the wide side per tile.
  int64_t planesPerTile() const {
    return std::clamp<int64_t>(16384 / planeSize(), 1, planes());
  }
  int64_t tiles() const { return llvm::divideCeil(planes(), planesPerTile()); }
  /// How far a window extends along spatial dimension `d`.
  int64_t reach(int d) const { return (kernel[d] - 1) * dilations[d] + 1; }
  /// The end of the last window, from the first element of the input on.
  int64_t lastEnd(int d) const {
    return (output[2 + d] - 1) * strides[d] - pads[d] + reach(d);
  }
  /// Whether every window lies inside the input.
  bool areInside() const {
    return llvm::all_of(std::array{0, 1}, [&](int d) {
      return pads[d] == 0 && lastEnd(d) <= input[2 + d];
    });
  }
  /// Whether every window lies inside the input and its padding.
  bool areInsidePadding() const {
    return llvm::all_of(std::array{0, 1}, [&](int d) {
      return lastEnd(d) <= input[2 + d] + pads[2 + d];
    });
  }
  /// Whether a window has the input between two of its elements along `d`.
  bool someAreEmpty(int d) const {
    return llvm::any_of(llvm::seq<int64_t>(output[2 + d]), [&](int64_t at) {
      int64_t begin = at * strides[d] - pads[d];
      if (begin < 0)
        begin += llvm::divideCeilSigned(-begin, dilations[d]) * dilations[d];
      return begin >= input[2 + d];
    });
  }
  bool someAreEmpty() const { return someAreEmpty(0) || someAreEmpty(1); }
};

/// Emits loops over planes, windows and their elements.
struct PoolEmitter {
  CpuKernel &k;
  Windows windows;
  LoopBuilder b;

  PoolEmitter(CpuKernel &k, Windows windows)
      : k(k), windows(windows), b(k.loc, k.b) {}

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

  /// Where window `at` begins along spatial dimension `d`; negative in padding.
  Value begin(int d, Value at) {
    return b.sub(b.mul(at, windows.strides[d]), b.index(windows.pads[d]));
  }

  /// First and end input position of window `at` along spatial dimension `d`,
  /// inside the input; positions lie the dilation apart.
  std::pair<Value, Value> range(int d, Value at) {
    Value first = begin(d, at), end = b.add(first, windows.reach(d));
    if (windows.areInside())
      return {first, end};
    Value before = b.max(b.sub(b.index(0), first), 0);
    int64_t dilation = windows.dilations[d];
    return {b.mulAdd(b.ceilDiv(before, dilation), dilation, first),
            b.min(end, windows.input[2 + d])};
  }

  /// Folds over the window's elements inside the input, in row-major order.
  /// Small windows that all lie inside are unrolled.
  SmallVector<Value>
  fold(Value oh, Value ow, ValueRange initial,
       llvm::function_ref<SmallVector<Value>(Value h, Value w, ValueRange)>
           body) {
    auto [firstRow, endRow] = range(0, oh);
    auto [firstColumn, endColumn] = range(1, ow);
    int64_t rows = windows.kernel[0], columns = windows.kernel[1];
    ArrayRef<int64_t> step = windows.dilations;
    if (windows.areInside() && rows * columns <= 16) {
      SmallVector<Value> carried(initial);
      for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < columns; ++j)
          carried = body(b.add(firstRow, i * step[0]),
                         b.add(firstColumn, j * step[1]), carried);
      return carried;
    }
    Value first = firstColumn, end = endColumn;
    return b.loop(firstRow, endRow, step[0], initial,
                  [&](Value h, ValueRange row) {
                    return b.loop(first, end, step[1], row,
                                  [&](Value w, ValueRange carried) {
                                    return body(h, w, carried);
                                  });
                  });
  }

  /// The number of a window's elements along `d` that lie inside the input, or
  /// inside it and its padding.
  Value elements(int d, Value at, bool includePad) {
    auto [first, end] = range(d, at);
    if (includePad) {
      first = begin(d, at);
      end = b.min(b.add(first, windows.reach(d)),
                  windows.input[2 + d] + windows.pads[2 + d]);
    }
    return b.ceilDiv(b.max(b.sub(end, first), 0), windows.dilations[d]);
  }

  /// The number of elements that a mean is taken of, as f32.
  Value count(Value oh, Value ow, bool includePad) {
    if (includePad ? windows.areInsidePadding() : windows.areInside())
      return b.f32(double(windows.kernel[0] * windows.kernel[1]));
    Value all = b.mul(elements(0, oh, includePad), elements(1, ow, includePad));
    Value integer = arith::IndexCastOp::create(b, b.getI32Type(), all);
    return arith::SIToFPOp::create(b, b.getF32Type(), integer);
  }

  /// Runs `body` unless the window is empty.
  void unlessEmpty(Value oh, Value ow, llvm::function_ref<void()> body) {
    if (!windows.someAreEmpty())
      return body();
    Value all = b.mul(elements(0, oh, false), elements(1, ow, false));
    b.branch(b.less(b.index(0), all), body);
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

template <typename Op> static Windows forwardWindows(Op op) {
  return {shapeOf(op.getInput()), shapeOf(op.getResult()),
          op.getKernel(),         op.getStrides(),
          op.getPads(),           op.getDilations()};
}

template <typename Op> static Windows gradientWindows(Op op) {
  return {shapeOf(op.getResult()),
          shapeOf(op.getGradient()),
          op.getKernel(),
          op.getStrides(),
          op.getPads(),
          op.getDilations()};
}

static Windows windowsOf(Operation *root) {
  return llvm::TypeSwitch<Operation *, Windows>(root)
      .Case<MaxPoolOp, AveragePoolOp>(
          [](auto op) { return forwardWindows(op); })
      .Case<MaxPoolGradOp, AveragePoolGradOp>(
          [](auto op) { return gradientWindows(op); });
}

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  return {windowsOf(rootOf(kernel)).tiles()};
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel) {
  Windows windows = windowsOf(rootOf(kernel));
  if (windows.planeSize() <= stackElements)
    return {};
  return {MemRefType::get({windows.tiles() * windows.planeSize()},
                          Float32Type::get(kernel.getContext()))};
}

static LogicalResult emitMaxPool(CpuKernel &k) {
  auto op = cast<MaxPoolOp>(k.root);
  PoolEmitter e(k, forwardWindows(op));
  LoopBuilder &b = e.b;
  e.forPlanes([&](Value, Value n, Value c) {
    e.forWindows([&](Value oh, Value ow) {
      Value lowest = b.f32(-std::numeric_limits<double>::infinity());
      auto largest =
          e.fold(oh, ow, lowest,
                 [&](Value h, Value w, ValueRange best) -> SmallVector<Value> {
                   Value x =
                       k.elements.load(b, k.loc, op.getInput(), {n, c, h, w});
                   return {arith::MaximumFOp::create(b, best[0], x)};
                 });
      k.elements.store(b, k.loc, {{op.getResult(), largest[0]}},
                       {n, c, oh, ow});
    });
  });
  return success();
}

static LogicalResult emitAveragePool(CpuKernel &k) {
  auto op = cast<AveragePoolOp>(k.root);
  PoolEmitter e(k, forwardWindows(op));
  LoopBuilder &b = e.b;
  e.forPlanes([&](Value, Value n, Value c) {
    e.forWindows([&](Value oh, Value ow) {
      auto sum =
          e.fold(oh, ow, b.f32(0),
                 [&](Value h, Value w, ValueRange sum) -> SmallVector<Value> {
                   Value x =
                       k.elements.load(b, k.loc, op.getInput(), {n, c, h, w});
                   return {arith::AddFOp::create(b, sum[0], x)};
                 });
      Value count = e.count(oh, ow, op.getCountIncludePad());
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
  Value start = b.mulAdd(e.range(0, oh).first, width, e.range(1, ow).first);
  auto found = e.fold(
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

static LogicalResult emitMaxPoolGrad(CpuKernel &k) {
  auto op = cast<MaxPoolGradOp>(k.root);
  PoolEmitter e(k, gradientWindows(op));
  LoopBuilder &b = e.b;
  auto scatter = [&](Value sums, Value base, Value n, Value c) {
    e.forWindows([&](Value oh, Value ow) {
      e.unlessEmpty(oh, ow, [&] {
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

static LogicalResult emitAveragePoolGrad(CpuKernel &k) {
  auto op = cast<AveragePoolGradOp>(k.root);
  PoolEmitter e(k, gradientWindows(op));
  LoopBuilder &b = e.b;
  auto scatter = [&](Value sums, Value base, Value n, Value c) {
    e.forWindows([&](Value oh, Value ow) {
      Value gradient =
          k.elements.load(b, k.loc, op.getGradient(), {n, c, oh, ow});
      Value count = e.count(oh, ow, op.getCountIncludePad());
      Value share = arith::DivFOp::create(b, gradient, count);
      e.fold(oh, ow, {},
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

const CpuEmitter mpc::maxPoolEmitter = {"mpc.max_pool", tilesOf, nullptr,
                                        emitMaxPool};
const CpuEmitter mpc::averagePoolEmitter = {"mpc.average_pool", tilesOf,
                                            nullptr, emitAveragePool};
const CpuEmitter mpc::maxPoolGradEmitter = {"mpc.max_pool_grad", tilesOf,
                                            workspacesOf, emitMaxPoolGrad};
const CpuEmitter mpc::averagePoolGradEmitter = {
    "mpc.average_pool_grad", tilesOf, workspacesOf, emitAveragePoolGrad};
