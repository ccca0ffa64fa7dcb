// Convolution and its gradients with mma.sync, of f16 and bf16: products of a
// matrix with that of patches, one per group.
//
//   result[filter, pixel]    = sum over taps of weight[filter, tap] *
//                              patches of the input[tap, pixel]
//   input grad[channel, pixel] = the same with the weight's filters and
//   channels
//                              exchanged and patches of the gradient
//   weight grad[filter, tap] = sum over pixels of gradient[filter, pixel] *
//                              patches of the input[tap, pixel]
//
// Pixels, of all images, run along the rows of the results, or are the depth;
// either way neighbours are neighbours in memory.
#include "compiler/lowering/Emitter.h"
#include "compiler/lowering/ScalarOps.h"
#include "compiler/lowering/emit/gpu/GemmGrid.h"
#include "compiler/lowering/emit/gpu/GpuEmitters.h"
#include "compiler/lowering/emit/gpu/MmaPatches.h"
#include "compiler/lowering/emit/gpu/MmaProduct.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mpc;

namespace {
enum class ConvResult { Output, InputGrad, WeightGrad };

/// One of the ops as products of matrices.
struct ConvProduct : GemmExtents {
  ConvResult kind;
  ConvWindows windows;
  Value left; ///< weight or, for its gradient, the gradient
  MmaPatches patches;
  Value result, bias; ///< bias may be null

  static ConvProduct of(Operation *root) {
    if (auto op = dyn_cast<ConvOp>(root)) {
      ConvWindows w(op, op.getInput(), op.getWeight(), op.getResult());
      return {ConvResult::Output, w,
              op.getWeight(),     MmaPatches::ofInput(op.getInput(), w),
              op.getResult(),     op.getBias()};
    }
    if (auto op = dyn_cast<ConvInputGradOp>(root)) {
      ConvWindows w(op, op.getResult(), op.getWeight(), op.getGradient());
      return {
          ConvResult::InputGrad, w,
          op.getWeight(),        MmaPatches::ofGradient(op.getGradient(), w),
          op.getResult(),        {}};
    }
    auto op = cast<ConvWeightGradOp>(root);
    ConvWindows w(op, op.getInput(), op.getResult(), op.getGradient());
    return {ConvResult::WeightGrad, w,
            op.getGradient(),       MmaPatches::ofInput(op.getInput(), w),
            op.getResult(),         {}};
  }

  /// Elements of the left operand that are neighbours in memory, along the
  /// depth or, if not leftDepthFirst(), along the rows.
  int64_t leftLanes() const {
    if (kind == ConvResult::WeightGrad)
      return chunkLanes(patches.plane[0] * patches.plane[1]);
    if (kind == ConvResult::Output)
      return chunkLanes(k);
    return leftDepthFirst() ? 1 : chunkLanes(m);
  }
  bool leftDepthFirst() const {
    return kind != ConvResult::InputGrad || patches.tapsOfChannel() > 1;
  }
  /// Whether the left operand is in memory as one matrix per group, of whole
  /// chunks.
  bool isLeftCopied() const {
    return isa<BlockArgument>(left) && kind != ConvResult::WeightGrad &&
           leftLanes() == MmaLayout::chunk;
  }

private:
  ConvProduct(ConvResult kind, const ConvWindows &windows, Value left,
              const MmaPatches &patches, Value result, Value bias)
      : kind(kind), windows(windows), left(left), patches(patches),
        result(result), bias(bias) {
    bool isWeightGrad = kind == ConvResult::WeightGrad;
    batches = windows.groups;
    m = kind == ConvResult::InputGrad ? windows.channelsOfGroup()
                                      : windows.filtersOfGroup();
    n = isWeightGrad ? patches.taps() : patches.pixels();
    k = isWeightGrad ? patches.pixels() : patches.taps();
  }
};

struct ConvPlan : ConvProduct {
  MmaTile tile;
  GemmGrid grid;
  int64_t lanes; ///< of the result, written at once

  explicit ConvPlan(KernelOp kernel)
      : ConvProduct(of(rootOf(kernel))),
        tile(chooseMmaTile(batches, m, n, k, isLeftCopied() ? 1 : 2)),
        grid{tile.rows, tile.columns, tile.threads(), tile.parts,
             tile.partDepth},
        lanes(outputLanes(kernel, shapeOf(result).back())) {}

  Type element() const { return getElementTypeOrSelf(left.getType()); }
  int64_t sharedBytes() const {
    return std::max(tile.stages * tile.stageBytes(), grid.tileBytes());
  }
};

class MmaConv {
public:
  explicit MmaConv(GpuKernel &kernel)
      : k(kernel), plan(kernel.kernel),
        frame(kernel, plan, plan.grid, result()), b(frame.b) {}

  void emit() {
    if (k.phase == 1)
      return frame.addParts();
    place = frame.place();
    auto [first, end] = frame.depths(place);
    MmaLoaderPtr left = leftLoader(), right = rightLoader();
    MmaProduct(b, plan.tile, plan.element(), k.shared, *left, *right)
        .run(first, end, plan.grid.pitch());
    b.barrier();
    frame.writeTile(place, b.thread(), plan.tile.threads());
  }

private:
  using Values = ThreadBuilder::Values;

  GpuKernel &k;
  ConvPlan plan;
  GemmFrame frame;
  ThreadBuilder &b;
  GemmPlace place;

  MmaLoaderPtr leftLoader() {
    MmaLayout layout{plan.leftDepthFirst(), plan.tile.rows, plan.tile.depth};
    int64_t threads = plan.tile.threads();
    if (plan.isLeftCopied())
      return copyingLoader(b, layout, threads,
                           {k.elements.memoryOf(plan.left), place.batch,
                            place.row, plan.m, plan.k});
    auto chunk = [=, this](Value at, Value depth) {
      Values pieces;
      for (int64_t i = 0; i < MmaLayout::chunk; i += plan.leftLanes())
        pieces.push_back(layout.depthFirst ? leftPiece(at, b.add(depth, i))
                                           : leftPiece(b.add(at, i), depth));
      return pieces;
    };
    return computingLoader(b, layout, threads,
                           {plan.element(), plan.leftLanes(), chunk});
  }

  // Zeros beyond the matrix, in whose place the tensor's first elements are
  // read.
  Value leftPiece(Value inTile, Value depth) {
    Value at = b.add(place.row, inTile), inside = b.less(depth, plan.k);
    if (plan.m % plan.tile.rows)
      inside = b.both(inside, b.less(at, plan.m));
    Value position = b.select(inside, leftPosition(at, depth), b.number(0));
    Value elements = k.elements.loadFlat(b, k.loc, plan.left, b.index(position),
                                         plan.leftLanes());
    return b.select(inside, elements, b.zero(elements.getType()));
  }

  Value leftPosition(Value at, Value depth) {
    const ConvWindows &w = plan.windows;
    if (plan.kind == ConvResult::Output)
      return b.mulAdd(b.mulAdd(place.batch, plan.m, at), plan.k, depth);
    if (plan.kind == ConvResult::InputGrad) {
      int64_t taps = plan.patches.tapsOfChannel();
      Value filter =
          b.mulAdd(place.batch, w.filtersOfGroup(), b.div(depth, taps));
      return b.mulAdd(b.mulAdd(filter, w.channelsOfGroup(), at), taps,
                      b.rem(depth, taps));
    }
    int64_t pixels = plan.k / plan.patches.images;
    Value filter = b.add(b.mul(b.div(depth, pixels), w.weight[0]),
                         b.mulAdd(place.batch, plan.m, at));
    return b.mulAdd(filter, pixels, b.rem(depth, pixels));
  }

  MmaLoaderPtr rightLoader() {
    bool pixelsFirst = plan.kind == ConvResult::WeightGrad;
    MmaLayout layout{pixelsFirst, plan.tile.columns, plan.tile.depth};
    auto chunk = [=, this](Value inTile, Value depth) {
      Value at = b.add(place.column, inTile);
      return plan.patches.chunk(b, k.elements, place.batch,
                                pixelsFirst ? at : depth,
                                pixelsFirst ? depth : at);
    };
    return computingLoader(b, layout, plan.tile.threads(),
                           {plan.element(), plan.patches.lanes(), chunk});
  }

  GemmResult result() {
    auto write = [this](ThreadBuilder &, Value sum, Value group, Value row,
                        Value column) {
      Values at = indices(group, row, column);
      if (plan.bias) {
        Value bias = k.elements.load(b, k.loc, plan.bias, at[1]);
        bias = broadcastLanes(b, k.loc, bias, plan.lanes);
        sum = arith::AddFOp::create(b, sum, bias);
      }
      k.elements.store(b, k.loc, {{plan.result, sum}}, at, plan.lanes);
    };
    return {plan.lanes, write};
  }

  // Of an element of the result.
  Values indices(Value group, Value row, Value column) {
    Value line = b.mulAdd(group, plan.m, row);
    ArrayRef<int64_t> shape = shapeOf(plan.result);
    Value x = b.rem(column, shape[3]), rest = b.div(column, shape[3]);
    Value y = b.rem(rest, shape[2]), outer = b.div(rest, shape[2]);
    if (plan.kind == ConvResult::WeightGrad)
      return {b.index(line), b.index(outer), b.index(y), b.index(x)};
    return {b.index(outer), b.index(line), b.index(y), b.index(x)};
  }
};
} // namespace

// Positions are i32. With few filters per group, as in depthwise convolutions,
// most of a product would be padding.
static bool suits(KernelOp kernel, Target target) {
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  constexpr int64_t enoughFilters = 8;
  ConvProduct p = ConvProduct::of(rootOf(kernel));
  Type element = getElementTypeOrSelf(p.left.getType());
  auto isSmall = [](ArrayRef<int64_t> shape) {
    return elementCount(shape) > 0 && elementCount(shape) < most;
  };
  return target.isGpu() && isGridPossible(p) &&
         (element.isF16() || element.isBF16()) &&
         getElementTypeOrSelf(p.patches.tensor.getType()) == element &&
         isFlat(p.left) && isFlat(p.patches.tensor) &&
         isSmall(p.windows.input) && isSmall(p.windows.weight) &&
         isSmall(p.windows.output) &&
         p.windows.filtersOfGroup() >= enoughFilters;
}

static SmallVector<GpuPhase> phasesOf(KernelOp kernel, Target) {
  ConvPlan plan(kernel);
  return plan.grid.phases(plan, plan.sharedBytes(), plan.lanes);
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel, Target) {
  ConvPlan plan(kernel);
  return plan.grid.workspaces(plan, kernel.getContext());
}

static LogicalResult emitMmaConv(GpuKernel &k) {
  MmaConv(k).emit();
  return success();
}

const GpuEmitter mpc::mmaConvEmitter = {"mpc.conv", suits, phasesOf,
                                        workspacesOf, emitMmaConv};
const GpuEmitter mpc::mmaConvInputGradEmitter = {
    "mpc.conv_input_grad", suits, phasesOf, workspacesOf, emitMmaConv};
const GpuEmitter mpc::mmaConvWeightGradEmitter = {
    "mpc.conv_weight_grad", suits, phasesOf, workspacesOf, emitMmaConv};
