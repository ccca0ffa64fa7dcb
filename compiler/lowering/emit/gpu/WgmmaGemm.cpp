// Matrix products with wgmma on sm_90a.
//
// A block has one warpgroup that loads and one per 64 rows of its tile that
// multiplies. They share a ring of stages: the loader waits until a stage is
// empty and has the tensor memory access unit fill it; the others wait until it
// is full, start the multiplication and, once the one before has finished, hand
// that one's stage back. Beyond the matrices the unit reads zeros. In the end
// the ring's memory takes the sums.
//
// Of a step of 64 depths, wgmma adds 16 at a time to f32 sums.
#include "compiler/lowering/Emitter.h"
#include "compiler/lowering/emit/gpu/GemmGrid.h"
#include "compiler/lowering/emit/gpu/GpuEmitters.h"
#include "compiler/lowering/emit/gpu/MmaTiles.h"
#include "compiler/lowering/emit/gpu/TensorCores.h"
#include "compiler/lowering/emit/gpu/WgmmaTiles.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mpc;

namespace {
struct WgmmaPlan : GemmProblem {
  WgmmaTile tile;
  GemmGrid grid;
  WgmmaOperand left, right;

  explicit WgmmaPlan(KernelOp kernel)
      : GemmProblem(kernel.getRootOp()),
        tile(chooseWgmmaTile(batches, m, n, k)),
        grid{tile.rows, tile.columns, tile.threads(), tile.parts,
             tile.partDepth},
        left{!transA}, right{transB} {}

  int64_t barrierOffset() const {
    return std::max(tile.stages * tile.stageBytes(), grid.tileBytes());
  }
  int64_t sharedBytes() const { return barrierOffset() + tile.stages * 16; }
};

class WgmmaGemm {
public:
  explicit WgmmaGemm(GpuKernel &kernel)
      : k(kernel), plan(kernel.kernel), tile(plan.tile),
        frame(kernel, plan, plan.grid, resultOf(kernel, plan)), b(frame.b),
        cores(b) {}

  void emit() {
    if (k.phase == 1)
      return frame.addParts();
    place = frame.place();
    std::tie(first, end) = frame.depths(place);
    thread = b.thread();
    warp = cores.uniform(b.div(thread, 32));
    initialize();
    // Where one warpgroup multiplies there are registers enough for all.
    bool share = tile.consumers() > 1;
    b.branch(
        b.less(warp, 4),
        [&] {
          if (share)
            cores.setRegisters(loaderRegisters, /*more=*/false);
          b.branch(b.both(b.equal(warp, 0), cores.elect()), [&] { load(); });
        },
        [&] {
          if (share)
            cores.setRegisters(consumerRegisters(), /*more=*/true);
          multiply();
        });
  }

private:
  using Values = ThreadBuilder::Values;

  GpuKernel &k;
  WgmmaPlan plan;
  WgmmaTile tile;
  GemmFrame frame;
  ThreadBuilder &b;
  TensorCores cores;
  GemmPlace place;
  Value first, end, thread, warp;

  // A multiprocessor has 65536 registers, 512 per thread of a warpgroup; they
  // are handed out by eights, at most 240 to one.
  static constexpr int64_t loaderRegisters = 40;
  int64_t consumerRegisters() const {
    int64_t each = (512 - loaderRegisters) / tile.consumers();
    return std::min<int64_t>(240, each / 8 * 8);
  }

  Value full(Value stage) {
    return b.at(k.shared, b.add(b.mul(stage, 8), plan.barrierOffset()));
  }
  Value empty(Value stage) {
    return b.at(k.shared,
                b.add(b.mul(stage, 8), plan.barrierOffset() + tile.stages * 8));
  }

  void initialize() {
    b.branch(b.equal(thread, 0), [&] {
      for (int64_t stage = 0; stage < tile.stages; ++stage) {
        cores.initBarrier(full(b.number(stage)), 1);
        cores.initBarrier(empty(b.number(stage)), tile.consumers());
      }
      cores.publishBarriers();
      for (Value map : k.maps)
        cores.prefetch(map);
    });
    b.barrier();
  }

  // Calls `body` for the depth of each step with its stage and the parity of
  // the round through the ring; `body` carries values.
  Values forSteps(ValueRange carried,
                  llvm::function_ref<Values(Value depth, Value stage,
                                            Value parity, ValueRange)>
                      body) {
    SmallVector<Value> init = {b.number(0), b.number(0)};
    llvm::append_range(init, carried);
    Values last =
        b.loop(first, end, tile.depth, init, [&](Value depth, ValueRange all) {
          Value stage = all[0], parity = all[1];
          Values inner = body(depth, stage, parity, all.drop_front(2));
          Value next = b.add(stage, 1), wraps = b.equal(next, tile.stages);
          Values result = {b.select(wraps, b.number(0), next),
                           b.select(wraps, b.flip(parity), parity)};
          llvm::append_range(result, inner);
          return result;
        });
    return Values(ArrayRef<Value>(last).drop_front(2));
  }

  void load() {
    forSteps({}, [&](Value depth, Value stage, Value parity, ValueRange) {
      cores.wait(empty(stage), b.flip(parity));
      cores.arriveExpecting(full(stage), tile.stageBytes());
      Value base = b.at(k.shared, b.mul(stage, tile.stageBytes()));
      loadOperand(plan.left, k.maps[0], base, place.row, tile.rows, depth,
                  full(stage));
      loadOperand(plan.right, k.maps[1], b.at(base, tile.leftBytes()),
                  place.column, tile.columns, depth, full(stage));
      return Values();
    });
  }

  void loadOperand(WgmmaOperand operand, Value map, Value base, Value from,
                   int64_t width, Value depth, Value barrier) {
    auto copy = [&](Value to, Value inner, Value outer) {
      Values at = {inner, outer};
      if (plan.batches > 1)
        at.push_back(place.batch);
      cores.copyBox(to, map, at, barrier);
    };
    if (operand.depthFirst)
      return copy(base, depth, from);
    for (int64_t i = 0; i < width / 64; ++i)
      copy(b.at(base, i * WgmmaOperand::distanceOf64), b.add(from, i * 64),
           depth);
  }

  void multiply() {
    Value group = b.sub(b.div(warp, 4), b.number(1));
    Value leader = b.equal(b.rem(thread, 128), 0);
    Value base = cores.sharedAddress(k.shared);
    Value left =
        cores.descriptor(b.add(base, b.mul(group, WgmmaOperand::distanceOf64)),
                         plan.left.descriptor());
    Value right = cores.descriptor(b.add(base, tile.leftBytes()),
                                   plan.right.descriptor());
    // Pinned, so that no register is still being cleared when wgmma starts.
    Value sums =
        cores.pinSums(cores.zeroSums(tile.columns / 2), tile.columns / 2);
    sums = forSteps({sums, b.number(0)}, [&](Value depth, Value stage,
                                             Value parity, ValueRange carried) {
      cores.wait(full(stage), parity);
      Value next = multiplyStage(left, right, stage, carried[0]);
      cores.waitForProducts(1);
      Value started = b.less(first, depth);
      b.branch(b.both(leader, started),
               [&] { cores.arrive(empty(carried[1])); });
      return Values{next, stage};
    })[0];
    cores.waitForProducts(0);
    writeSums(cores.pinSums(sums, tile.columns / 2), group);
  }

  Value multiplyStage(Value left, Value right, Value stage, Value sums) {
    Value offset = arith::ExtUIOp::create(b, b.getI64Type(),
                                          b.mul(stage, tile.stageBytes() >> 4));
    Value a = b.add(left, offset), c = b.add(right, offset);
    cores.beginProducts();
    Type element = getElementTypeOrSelf(plan.a.getType());
    for (int64_t slice = 0; slice < tile.depth / 16; ++slice)
      sums = cores.multiply64(
          sums, b.add(a, b.wide(slice * plan.left.sliceDistance())),
          b.add(c, b.wide(slice * plan.right.sliceDistance())), tile.columns,
          element, plan.left.depthFirst, plan.right.depthFirst);
    cores.endProducts();
    return sums;
  }

  // Lane l of warp w in its group has, of each 8 columns, columns 2 (l mod 4)
  // and the next of rows 16 w + l / 4 and that plus 8.
  void writeSums(Value sums, Value group) {
    int64_t threads = tile.threads() - 128;
    Value barrier = b.number(1), own = b.sub(thread, b.number(128));
    // Nobody reads the ring any more.
    b.barrier(barrier, threads);
    Value lane = b.rem(thread, 32);
    Value row =
        b.add(b.mulAdd(group, 64, b.mul(b.rem(warp, 4), 16)), b.div(lane, 4));
    Value column = b.mul(b.rem(lane, 4), 2);
    for (int64_t part = 0; part < tile.columns / 4; ++part) {
      int64_t inRow = part % 2 * 8, inColumn = part / 2 * 8;
      Value pair = cores.pair(sums, part * 2);
      Value at = b.mulAdd(b.add(row, inRow), plan.grid.pitch(),
                          b.add(column, inColumn));
      b.store(pair, b.at(k.shared, b.mul(at, 4)));
    }
    b.barrier(barrier, threads);
    frame.writeTile(place, own, threads);
  }
};
} // namespace

// The unit copies from memory as it is, in rows of whole 16 bytes.
static bool isLoadable(Value operand) {
  auto type = cast<RankedTensorType>(operand.getType());
  Type element = type.getElementType();
  return isa<BlockArgument>(operand) && (element.isF16() || element.isBF16()) &&
         type.getShape().back() % 8 == 0;
}

static bool suits(KernelOp kernel, Target target) {
  GemmProblem p(kernel.getRootOp());
  return target.isHopper() && isGridPossible(p) &&
         !areProductsOfWarps(p.batches, p.m, p.n) && isLoadable(p.a) &&
         isLoadable(p.b) &&
         getElementTypeOrSelf(p.a.getType()) ==
             getElementTypeOrSelf(p.b.getType());
}

// One access moves what loadOperand() asks for.
static mpcrt::TensorMap mapOf(Value operand, WgmmaOperand layout, int64_t width,
                              int64_t batches) {
  auto type = cast<RankedTensorType>(operand.getType());
  ArrayRef<int64_t> shape = type.getShape().take_back(2);
  mpcrt::TensorMap map;
  map.arg = cast<BlockArgument>(operand).getArgNumber();
  map.dtype =
      type.getElementType().isF16() ? mpcrt::DType::F16 : mpcrt::DType::BF16;
  map.extents = {shape[1], shape[0]};
  map.pitches = {shape[1] * 2};
  map.box = {64, layout.depthFirst ? width : 64};
  if (batches > 1) {
    map.extents.push_back(batches);
    map.pitches.push_back(shape[0] * shape[1] * 2);
    map.box.push_back(1);
  }
  return map;
}

static SmallVector<GpuPhase> phasesOf(KernelOp kernel, Target) {
  WgmmaPlan plan(kernel);
  SmallVector<GpuPhase> phases =
      plan.grid.phases(plan, plan.sharedBytes(), outputLanes(kernel, plan.n));
  phases[0].maps = {mapOf(plan.a, plan.left, plan.tile.rows, plan.batches),
                    mapOf(plan.b, plan.right, plan.tile.columns, plan.batches)};
  return phases;
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel, Target) {
  WgmmaPlan plan(kernel);
  return plan.grid.workspaces(plan, kernel.getContext());
}

static LogicalResult emitWgmmaGemm(GpuKernel &k) {
  WgmmaGemm(k).emit();
  return success();
}

const GpuEmitter mpc::wgmmaGemmEmitter = {"mpc.gemm", suits, phasesOf,
                                          workspacesOf, emitWgmmaGemm};
const GpuEmitter mpc::wgmmaBatchMatmulEmitter = {
    "mpc.batch_matmul", suits, phasesOf, workspacesOf, emitWgmmaGemm};
