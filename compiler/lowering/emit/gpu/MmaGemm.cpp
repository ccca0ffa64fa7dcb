// Matrix products of f16 and bf16 with mma.sync: from sm_80 on, of everything
// that has such operands, in memory or computed by the kernel.
#include "compiler/lowering/Emitter.h"
#include "compiler/lowering/ScalarOps.h"
#include "compiler/lowering/emit/gpu/GemmGrid.h"
#include "compiler/lowering/emit/gpu/GpuEmitters.h"
#include "compiler/lowering/emit/gpu/MmaProduct.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mpc;

// Whether the operand can be copied as it is, in chunks.
static bool isCopied(Value operand) {
  return isa<BlockArgument>(operand) &&
         shapeOf(operand).back() % MmaLayout::chunk == 0;
}

namespace {
struct MmaPlan : GemmProblem {
  MmaTile tile;
  GemmGrid grid;

  explicit MmaPlan(KernelOp kernel)
      : GemmProblem(rootOf(kernel)),
        tile(chooseMmaTile(batches, m, n, k, !isCopied(a) + !isCopied(b))),
        grid{tile.rows, tile.columns, tile.threads(), tile.parts,
             tile.partDepth} {}

  Type element() const { return getElementTypeOrSelf(a.getType()); }
  int64_t sharedBytes() const {
    return std::max(tile.stages * tile.stageBytes(), grid.tileBytes());
  }
};

class MmaGemm {
public:
  explicit MmaGemm(GpuKernel &kernel)
      : k(kernel), plan(kernel.kernel),
        frame(kernel, plan, plan.grid, resultOf(kernel, plan)), b(frame.b) {}

  void emit() {
    if (k.phase == 1)
      return frame.addParts();
    place = frame.place();
    auto [first, end] = frame.depths(place);
    MmaLoaderPtr left = loader({plan.a,
                                {!plan.transA, plan.tile.rows, plan.tile.depth},
                                plan.m,
                                place.row});
    MmaLoaderPtr right =
        loader({plan.b,
                {plan.transB, plan.tile.columns, plan.tile.depth},
                plan.n,
                place.column});
    MmaProduct(b, plan.tile, plan.element(), k.shared, *left, *right)
        .run(first, end, plan.grid.pitch());
    b.barrier();
    frame.writeTile(place, b.thread(), plan.tile.threads());
  }

private:
  using Values = ThreadBuilder::Values;

  struct Operand {
    Value value;
    MmaLayout layout;
    int64_t extent; ///< of the result's dimension: m or n
    Value from;     ///< of that, where the tile begins
  };

  GpuKernel &k;
  MmaPlan plan;
  GemmFrame frame;
  ThreadBuilder &b;
  GemmPlace place;

  MmaLoaderPtr loader(const Operand &of) {
    int64_t threads = plan.tile.threads();
    if (isCopied(of.value)) {
      bool isBatched = shapeOf(of.value).size() > 2;
      return copyingLoader(b, of.layout, threads,
                           {k.elements.memoryOf(of.value),
                            isBatched ? place.batch : Value(), of.from,
                            of.extent, plan.k});
    }
    int64_t lanes = chunkLanes(shapeOf(of.value).back());
    return computingLoader(
        b, of.layout, threads,
        {plan.element(), lanes, [=, this](Value at, Value depth) {
           return chunk(of, lanes, at, depth);
         }});
  }

  Values chunk(const Operand &of, int64_t lanes, Value at, Value depth) {
    Values pieces;
    for (int64_t i = 0; i < MmaLayout::chunk; i += lanes)
      pieces.push_back(of.layout.depthFirst
                           ? piece(of, lanes, at, b.add(depth, i))
                           : piece(of, lanes, b.add(at, i), depth));
    return pieces;
  }

  // Elements beyond the matrix are zeros: in the depth both operands have them,
  // elsewhere they only meet sums that are not stored. In their place the
  // matrix's first ones are read.
  Value piece(const Operand &of, int64_t lanes, Value inTile, Value depth) {
    Value at = b.add(of.from, inTile), inside = b.less(depth, plan.k);
    if (of.extent % of.layout.width)
      inside = b.both(inside, b.less(at, of.extent));
    Value row = b.index(b.select(inside, at, b.number(0)));
    Value column = b.index(b.select(inside, depth, b.number(0)));
    if (!of.layout.depthFirst)
      std::swap(row, column);
    Value elements = k.elements.load(
        b, k.loc, of.value,
        plan.indices(of.value, b.index(place.batch), row, column), lanes);
    return b.select(inside, elements, b.zero(elements.getType()));
  }
};
} // namespace

static bool suits(KernelOp kernel, Target target) {
  GemmProblem p(rootOf(kernel));
  Type element = getElementTypeOrSelf(p.a.getType());
  return target.isGpu() && isGridPossible(p) &&
         (element.isF16() || element.isBF16()) &&
         getElementTypeOrSelf(p.b.getType()) == element;
}

static SmallVector<GpuPhase> phasesOf(KernelOp kernel, Target) {
  MmaPlan plan(kernel);
  return plan.grid.phases(plan, plan.sharedBytes(),
                          outputLanes(kernel, plan.n));
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel, Target) {
  MmaPlan plan(kernel);
  return plan.grid.workspaces(plan, kernel.getContext());
}

static LogicalResult emitMmaGemm(GpuKernel &k) {
  MmaGemm(k).emit();
  return success();
}

const GpuEmitter mpc::mmaGemmEmitter = {"mpc.gemm", suits, phasesOf,
                                        workspacesOf, emitMmaGemm};
const GpuEmitter mpc::mmaBatchMatmulEmitter = {
    "mpc.batch_matmul", suits, phasesOf, workspacesOf, emitMmaGemm};
