// Matrix products with wgmma on sm_90a.
//
// A block has one warpgroup that loads and one per 64 rows of its tile that
// multiplies. They share a ring of stages: the loader waits until a stage is
// empty and has the tensor memory access unit fill it; the others wait until it
// is full, multiply and hand it back. Beyond the matrices the unit reads zeros.
// The loader goes on with the next tile while the sums of one are written
// (WgmmaResults.h). Where results are kept, those of a tile are written between
// the steps of the next one, while its products are computed.
//
// Blocks of a cluster may share the right operand: each has the unit copy every
// other 64 columns to all of them, and a stage is empty when all are through
// with it.
//
// Of a step of 64 depths, wgmma adds 16 at a time to f32 sums.
#include "compiler/lowering/Emitter.h"
#include "compiler/lowering/emit/gpu/GpuEmitters.h"
#include "compiler/lowering/emit/gpu/WgmmaPlan.h"
#include "compiler/lowering/emit/gpu/WgmmaResults.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mpc;

namespace {
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
  static constexpr int64_t loaderRegisters = 24;
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

  // Calls `body` for each item of the worker. `carried` begins with the ring's
  // next stage and the parity of the round.
  Values
  forItems(ValueRange carried,
           llvm::function_ref<Values(const GemmPlace &, ValueRange)> body) {
    const WgmmaWork &work = plan.work;
    return b.loop(worker, b.number(work.items()), work.workers(), carried,
                  [&](Value item, ValueRange all) {
                    return body(work.place(b, item, rank), all);
                  });
  }
  Values ringStart() { return {b.number(0), b.number(0)}; }

  // The stage behind `stage`, and the parity of its round.
  Values nextStage(Value stage, Value parity) {
    Value next = b.add(stage, 1), wraps = b.equal(next, tile.stages);
    return {b.select(wraps, b.number(0), next),
            b.select(wraps, b.flip(parity), parity)};
  }

  // Calls `body` for each depth from `first` on with its stage and parity;
  // `carried` begins with these and goes on with what `body` returns.
  Values forSteps(Value first, Value end, ValueRange carried,
                  llvm::function_ref<Values(Value depth, Value stage,
                                            Value parity, ValueRange)>
                      body) {
    return b.loop(
        first, end, tile.depth, carried, [&](Value depth, ValueRange all) {
          Values inner = body(depth, all[0], all[1], all.drop_front(2));
          Values result = nextStage(all[0], all[1]);
          llvm::append_range(result, inner);
          return result;
        });
  }

  void load() {
    forItems(ringStart(), [&](const GemmPlace &place, ValueRange ring) {
      auto [first, end] = plan.work.depths(b, place);
      return forSteps(first, end, ring,
                      [&](Value depth, Value stage, Value parity, ValueRange) {
                        cores.wait(empty(stage), b.flip(parity));
                        cores.arriveExpecting(full(stage), tile.stageBytes());
                        Value base =
                            b.at(k.shared, b.mul(stage, tile.stageBytes()));
                        loadOperand(plan.left, 0, base, place, place.row, depth,
                                    full(stage));
                        loadOperand(plan.right, 1, b.at(base, tile.leftBytes()),
                                    place, place.column, depth, full(stage));
                        return Values();
                      });
    });
  }

  void loadOperand(WgmmaOperand operand, size_t number, Value base,
                   const GemmPlace &place, Value from, Value depth,
                   Value barrier) {
    int64_t width = number == 0 ? tile.rows : tile.columns;
    int64_t blocks = number == 0 ? 1 : tile.sharing;
    int64_t box = wgmmaBoxWidth(operand, width, blocks);
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
    Values start = ringStart();
    if (tile.keepsResults)
      llvm::append_range(start, results.nothingKept());
    Values end = forItems(start, [&](const GemmPlace &place, ValueRange all) {
      Values last = multiplyItem(left, right, place, all, results);
      Values next = {last[0], last[1]};
      Values sums = pinned(ValueRange(last).drop_front(2));
      if (tile.keepsResults)
        llvm::append_range(next, results.keep(place, sums));
      else
        results.write(place, sums);
      return next;
    });
    if (tile.keepsResults)
      results.writeKept(ValueRange(end).drop_front(2));
  }

  Values pinned(ValueRange sums) {
    return llvm::map_to_vector<0>(sums, [&](Value piece) {
      return cores.pinSums(piece, tile.pieceColumns() / 2);
    });
  }

  // Returns the ring's next stage, its parity and the sums. `carried` are the
  // first two, and what is kept of the item before, which is written.
  Values multiplyItem(Value left, Value right, const GemmPlace &place,
                      ValueRange carried, WgmmaResults &results) {
    auto [first, end] = plan.work.depths(b, place);
    cores.wait(full(carried[0]), carried[1]);
    Values sums = multiplyStage(left, right, carried[0], {});
    Values kept(carried.drop_front(2));
    if (tile.keepsResults)
      kept = results.storeKept(kept);
    const size_t pieces = sums.size();
    Values start = nextStage(carried[0], carried[1]);
    llvm::append_range(start, sums);
    start.push_back(carried[0]);
    llvm::append_range(start, kept);
    Values last =
        forSteps(b.add(first, tile.depth), end, start,
                 [&](Value, Value stage, Value parity, ValueRange carried) {
                   ValueRange others = carried.drop_front(pieces);
                   if (takesTurns())
                     finish(others[0], 0);
                   cores.wait(full(stage), parity);
                   Values next = multiplyStage(left, right, stage,
                                               carried.take_front(pieces));
                   next.push_back(stage);
                   if (!takesTurns())
                     finish(others[0], 1);
                   if (tile.keepsResults)
                     llvm::append_range(
                         next, results.writeSomeKept(others.drop_front()));
                   return next;
                 });
    results.fetchAdded(place);
    finish(last[2 + pieces], 0);
    last.resize(2 + pieces);
    return last;
  }

  // Several warpgroups take turns: one has its products computed while another
  // is between steps, and each needs just one stage at a time. One alone starts
  // the next step's products before it waits for those of the last.
  bool takesTurns() const { return tile.consumers() > 1; }

  // Waits until this warpgroup has read a stage, with so many groups of
  // products begun behind it, and hands it back.
  void finish(Value stage, int64_t behind) {
    cores.waitForProducts(behind);
    Value inGroup = b.rem(thread, 128);
    b.branch(b.less(inGroup, tile.sharing), [&] {
      Value barrier = empty(stage);
      cores.arrive(tile.sharing > 1 ? cores.inBlock(barrier, inGroup)
                                    : barrier);
    });
  }

  Values multiplyStage(Value left, Value right, Value stage,
                       ValueRange before) {
    Value offset = arith::ExtUIOp::create(b, b.getI64Type(),
                                          b.mul(stage, tile.stageBytes() >> 4));
    Value a = b.add(left, offset), c = b.add(right, offset);
    cores.beginProducts();
    Type element = getElementTypeOrSelf(plan.a.getType());
    Values sums(before);
    // The first products of a tile are added to nothing.
    sums.resize(size_t(tile.pieces()));
    for (int64_t slice = 0; slice < tile.depth / 16; ++slice)
      for (int64_t piece = 0; piece < tile.pieces(); ++piece)
        sums[piece] = cores.multiply64(
            sums[piece], b.add(a, b.wide(slice * plan.left.sliceDistance())),
            b.add(c, b.wide(slice * plan.right.sliceDistance() +
                            piece * (tile.pieceColumns() / 64 *
                                         WgmmaOperand::distanceOf64 >>
                                     4))),
            tile.pieceColumns(), element, plan.left.depthFirst,
            plan.right.depthFirst);
    cores.endProducts();
    return sums;
  }
};
} // namespace

static LogicalResult emitWgmmaGemm(GpuKernel &k) {
  WgmmaGemm(k).emit();
  return success();
}

const GpuEmitter mpc::wgmmaGemmEmitter = {"mpc.gemm", suitsWgmma, wgmmaPhases,
                                          nullptr, emitWgmmaGemm};
const GpuEmitter mpc::wgmmaBatchMatmulEmitter = {
    "mpc.batch_matmul", suitsWgmma, wgmmaPhases, nullptr, emitWgmmaGemm};
