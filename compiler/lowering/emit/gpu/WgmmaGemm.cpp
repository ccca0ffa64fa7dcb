// Matrix products with wgmma on sm_90a.
//
// A block has one warpgroup that loads and one per 64 rows of its tile that
// multiplies. They share a ring of stages: the loader waits until a stage is
// empty and has the tensor memory access unit fill it; the others wait until it
// is full, start the multiplication and, once the one before has finished, hand
// that one's stage back. Beyond the matrices the unit reads zeros. The loader
// goes on with the next tile while the sums of one are written
// (WgmmaResults.h).
//
// Blocks of a cluster may share the right operand: each has the unit copy every
// other 64 columns to all of them, and a stage is empty when all are through
// with it.
//
// Of a step of 64 depths, wgmma adds 16 at a time to f32 sums.
#include "compiler/lowering/Emitter.h"
#include "compiler/lowering/emit/gpu/GpuEmitters.h"
#include "compiler/lowering/emit/gpu/MmaTiles.h"
#include "compiler/lowering/emit/gpu/WgmmaResults.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mpc;

namespace {
struct WgmmaPlan : GemmProblem {
  WgmmaTile tile;
  WgmmaWork work;
  WgmmaOperand left, right;

  explicit WgmmaPlan(KernelOp kernel)
      : GemmProblem(kernel.getRootOp()),
        tile(chooseWgmmaTile(batches, m, n, k)), work{*this, tile},
        left{!transA}, right{transB} {}
};

/// Rows or columns that one access moves: blocks that share them take turns.
int64_t boxWidth(WgmmaOperand operand, int64_t width, int64_t blocks) {
  return operand.depthFirst && blocks == 1 ? width : 64;
}

class WgmmaGemm {
public:
  explicit WgmmaGemm(GpuKernel &kernel)
      : k(kernel), plan(kernel.kernel), tile(plan.tile),
        b(kernel.loc, kernel.b), cores(b) {}

  void emit() {
    thread = b.thread();
    warp = cores.uniform(b.div(thread, 32));
    worker = b.div(b.block(), tile.cluster());
    rank = b.rem(b.block(), tile.cluster());
    initialize();
    // Where one warpgroup multiplies there are registers enough for all.
    bool share = tile.consumers() > 1;
    b.branch(
        b.less(warp, 4),
        [&] {
          if (share)
            cores.setRegisters(loaderRegisters, /*more=*/false);
          b.branch(b.both(b.equal(warp, 0), cores.elect()), [&] { load(); });
          // The others' sums are in shared memory.
          if (tile.parts > 1)
            cores.syncCluster();
        },
        [&] {
          if (share)
            cores.setRegisters(consumerRegisters(), /*more=*/true);
          multiply();
        });
    // Until then others may read this block's memory, or write to it.
    if (tile.cluster() > 1)
      cores.syncCluster();
  }

private:
  using Values = ThreadBuilder::Values;

  GpuKernel &k;
  WgmmaPlan plan;
  WgmmaTile tile;
  ThreadBuilder b;
  TensorCores cores;
  Value thread, warp;
  Value worker, rank; ///< the cluster, and this block's number in it

  // A multiprocessor has 65536 registers, 512 per thread of a warpgroup; they
  // are handed out by eights, at most 240 to one.
  static constexpr int64_t loaderRegisters = 40;
  int64_t consumerRegisters() const {
    int64_t each = (512 - loaderRegisters) / tile.consumers();
    return std::min<int64_t>(240, each / 8 * 8);
  }

  Value full(Value stage) {
    return b.at(k.shared, b.add(b.mul(stage, 8), tile.barrierOffset()));
  }
  Value empty(Value stage) {
    return b.at(k.shared,
                b.add(b.mul(stage, 8), tile.barrierOffset() + tile.stages * 8));
  }

  void initialize() {
    b.branch(b.equal(thread, 0), [&] {
      for (int64_t stage = 0; stage < tile.stages; ++stage) {
        cores.initBarrier(full(b.number(stage)), 1);
        cores.initBarrier(empty(b.number(stage)),
                          tile.consumers() * tile.sharing);
      }
      cores.publishBarriers();
      for (Value map : k.maps)
        cores.prefetch(map);
    });
    if (tile.cluster() > 1)
      cores.syncCluster();
    else
      b.barrier();
  }

  // Calls `body` for each item of the worker; it carries the ring's next stage
  // and the parity of the round through it.
  void
  forItems(llvm::function_ref<Values(const GemmPlace &, ValueRange)> body) {
    const WgmmaWork &work = plan.work;
    b.loop(worker, b.number(work.items()), work.workers(),
           {b.number(0), b.number(0)}, [&](Value item, ValueRange ring) {
             return body(work.place(b, item, rank), ring);
           });
  }

  // Calls `body` for the depth of each step with its stage and parity;
  // `carried` begins with the ring's and goes on with what `body` returns.
  Values forSteps(const GemmPlace &place, ValueRange carried,
                  llvm::function_ref<Values(Value depth, Value stage,
                                            Value parity, ValueRange)>
                      body) {
    auto [first, end] = plan.work.depths(b, place);
    return b.loop(
        first, end, tile.depth, carried, [&](Value depth, ValueRange all) {
          Value stage = all[0], parity = all[1];
          Values inner = body(depth, stage, parity, all.drop_front(2));
          Value next = b.add(stage, 1), wraps = b.equal(next, tile.stages);
          Values result = {b.select(wraps, b.number(0), next),
                           b.select(wraps, b.flip(parity), parity)};
          llvm::append_range(result, inner);
          return result;
        });
  }

  void load() {
    forItems([&](const GemmPlace &place, ValueRange ring) {
      return forSteps(
          place, ring, [&](Value depth, Value stage, Value parity, ValueRange) {
            cores.wait(empty(stage), b.flip(parity));
            cores.arriveExpecting(full(stage), tile.stageBytes());
            Value base = b.at(k.shared, b.mul(stage, tile.stageBytes()));
            loadOperand(plan.left, 0, base, place, place.row, depth,
                        full(stage));
            loadOperand(plan.right, 1, b.at(base, tile.leftBytes()), place,
                        place.column, depth, full(stage));
            return Values();
          });
    });
  }

  void loadOperand(WgmmaOperand operand, size_t number, Value base,
                   const GemmPlace &place, Value from, Value depth,
                   Value barrier) {
    int64_t width = number == 0 ? tile.rows : tile.columns;
    int64_t blocks = number == 0 ? 1 : tile.sharing;
    int64_t box = boxWidth(operand, width, blocks);
    for (int64_t i = 0; i < width / box; ++i) {
      Value side = b.add(from, i * box);
      Values at =
          operand.depthFirst ? Values{depth, side} : Values{side, depth};
      if (plan.batches > 1)
        at.push_back(place.batch);
      auto copy = [&] {
        cores.copyBox(b.at(base, i * box * WgmmaOperand::rowBytes),
                      k.maps[number], at, barrier, blocks);
      };
      if (blocks == 1)
        copy();
      else
        b.branch(b.equal(rank, i % blocks), copy);
    }
  }

  void multiply() {
    Value own = b.sub(thread, b.number(128));
    Value group = b.sub(b.div(warp, 4), b.number(1));
    Value base = cores.sharedAddress(k.shared);
    Value left =
        cores.descriptor(b.add(base, b.mul(group, WgmmaOperand::distanceOf64)),
                         plan.left.descriptor());
    Value right = cores.descriptor(b.add(base, tile.leftBytes()),
                                   plan.right.descriptor());
    WgmmaResults results(k, plan, plan.work, b, own, rank);
    forItems([&](const GemmPlace &place, ValueRange ring) {
      // Pinned, so that no register is still being cleared when wgmma starts.
      Value sums =
          cores.pinSums(cores.zeroSums(tile.columns / 2), tile.columns / 2);
      Value first = plan.work.depths(b, place).first;
      Values last = forSteps(
          place, {ring[0], ring[1], sums, ring[0]},
          [&](Value depth, Value stage, Value parity, ValueRange carried) {
            cores.wait(full(stage), parity);
            Value next = multiplyStage(left, right, stage, carried[0]);
            cores.waitForProducts(1);
            release(carried[1], b.less(first, depth));
            return Values{next, stage};
          });
      cores.waitForProducts(0);
      release(last[3], Value());
      results.write(place, cores.pinSums(last[2], tile.columns / 2));
      return Values{last[0], last[1]};
    });
  }

  // This warpgroup has read a stage; `condition` may be null.
  void release(Value stage, Value condition) {
    Value inGroup = b.rem(thread, 128);
    Value arrives = b.less(inGroup, tile.sharing);
    if (condition)
      arrives = b.both(arrives, condition);
    b.branch(arrives, [&] {
      Value barrier = empty(stage);
      cores.arrive(tile.sharing > 1 ? cores.inBlock(barrier, inGroup)
                                    : barrier);
    });
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
                              int64_t blocks, int64_t batches) {
  auto type = cast<RankedTensorType>(operand.getType());
  ArrayRef<int64_t> shape = type.getShape().take_back(2);
  mpcrt::TensorMap map;
  map.arg = cast<BlockArgument>(operand).getArgNumber();
  map.dtype =
      type.getElementType().isF16() ? mpcrt::DType::F16 : mpcrt::DType::BF16;
  map.extents = {shape[1], shape[0]};
  map.pitches = {shape[1] * 2};
  map.box = {64, boxWidth(layout, width, blocks)};
  if (batches > 1) {
    map.extents.push_back(batches);
    map.pitches.push_back(shape[0] * shape[1] * 2);
    map.box.push_back(1);
  }
  return map;
}

static SmallVector<GpuPhase> phasesOf(KernelOp kernel, Target) {
  WgmmaPlan plan(kernel);
  GpuPhase phase;
  phase.grid[0] = plan.work.blocks();
  phase.block[0] = plan.tile.threads();
  phase.sharedBytes = plan.tile.sharedBytes();
  phase.cluster = plan.tile.cluster();
  phase.maps = {mapOf(plan.a, plan.left, plan.tile.rows, 1, plan.batches),
                mapOf(plan.b, plan.right, plan.tile.columns, plan.tile.sharing,
                      plan.batches)};
  return {phase};
}

static SmallVector<MemRefType> workspacesOf(KernelOp, Target) { return {}; }

static LogicalResult emitWgmmaGemm(GpuKernel &k) {
  WgmmaGemm(k).emit();
  return success();
}

const GpuEmitter mpc::wgmmaGemmEmitter = {"mpc.gemm", suits, phasesOf,
                                          workspacesOf, emitWgmmaGemm};
const GpuEmitter mpc::wgmmaBatchMatmulEmitter = {
    "mpc.batch_matmul", suits, phasesOf, workspacesOf, emitWgmmaGemm};
