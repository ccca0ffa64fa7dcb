// conv_weight_grad as the product gradient [F, pixels] x patches [pixels,
// taps], one for each group. The sum over all pixels of all images is cut into
// parts of consecutive blocks of images. Phase 0 computes one part of one block
// of filters and channels per tile, in blocks of about 256 pixels (see
// MatrixProduct.h); phase 1 adds the parts in order. The partition follows from
// the shapes alone.
#include "compiler/lowering/emit/ConvPatch.h"
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/MatrixProduct.h"

using namespace mlir;
using namespace mpc;

namespace {
struct WeightGradPlan {
  ConvWeightGradOp op;
  int64_t groups;
  PatchSource source; ///< of one group
  PatchBlock block;
  int64_t filters;              ///< of one group
  int64_t parts, blocksPerPart; ///< of images
  TileShape tile;
  RegisterTile registers;

  explicit WeightGradPlan(Operation *root) : op(cast<ConvWeightGradOp>(root)) {
    ArrayRef<int64_t> gradient = shapeOf(op.getGradient()),
                      input = shapeOf(op.getInput()),
                      kernel = shapeOf(op.getResult());
    groups = op.getGroups();
    filters = gradient[1] / groups;
    source.images = input[0];
    source.channels = input[1] / groups;
    for (int d : {0, 1}) {
      source.source[d] = input[2 + d];
      source.pixels[d] = gradient[2 + d];
      source.kernel[d] = kernel[2 + d];
      source.step[d] = op.getStrides()[d];
      source.dilation[d] = op.getDilations()[d];
      source.origin[d] = -op.getPads()[d];
      source.spread[d] = 1;
    }
    block = planPatchBlock(source, source.images, true);
    int64_t columns = block.channels * source.tapsPerChannel();
    registers = RegisterTile::forResult(vectorLanes, filters, columns);
    tile = {evenPart(filters, 96, registers.rows),
            evenPart(columns, columns, registers.columns()), block.pixels()};
    int64_t imageBlocks = source.images / block.images;
    int64_t wanted =
        llvm::divideCeil(16, groups * filterBlocks() * channelBlocks());
    blocksPerPart =
        llvm::divideCeil(imageBlocks, std::min(wanted, imageBlocks));
    parts = llvm::divideCeil(imageBlocks, blocksPerPart);
  }

  int64_t filterBlocks() const { return llvm::divideCeil(filters, tile.rows); }
  int64_t channelBlocks() const {
    return llvm::divideCeil(source.channels, block.channels);
  }
  int64_t taps() const { return source.channels * source.tapsPerChannel(); }
  int64_t rows() const { return groups * filters; }
  int64_t tiles() const {
    return parts * groups * filterBlocks() * channelBlocks();
  }
};

struct WeightGradEmitter {
  TileKernel &k;
  WeightGradPlan plan;
  LoopBuilder b;

  explicit WeightGradEmitter(TileKernel &k)
      : k(k), plan(k.root), b(k.loc, k.b) {}

  /// What one tile of phase 0 works on. `channel` counts from the first of the
  /// group, `plane` and `filter` from those of the first group.
  struct Tile {
    Value part, filter, filters, plane, channel, channels, taps;
  };

  Tile locate(Value tile) {
    Tile at;
    auto next = [&](int64_t count, int64_t size) {
      Value first = b.mul(b.rem(tile, count), size);
      tile = b.div(tile, count);
      return first;
    };
    at.channel = next(plan.channelBlocks(), plan.block.channels);
    Value inGroup = next(plan.filterBlocks(), plan.tile.rows);
    Value group = next(plan.groups, 1);
    at.part = tile;
    at.filter = b.mulAdd(group, plan.filters, inGroup);
    at.filters = b.min(b.sub(b.index(plan.filters), inGroup), plan.tile.rows);
    at.plane = b.mulAdd(group, plan.source.channels, at.channel);
    at.channels = b.min(b.sub(b.index(plan.source.channels), at.channel),
                        plan.block.channels);
    at.taps = b.mul(at.channels, plan.source.tapsPerChannel());
    return at;
  }

  // The gradient of one block in f32, [filter][pixel].
  void copyGradient(Value to, const Tile &tile, Value image, Value row,
                    Value rows) {
    const PatchBlock &block = plan.block;
    b.loop(block.images, [&](Value g) {
      b.loop(tile.filters, [&](Value f) {
        b.loop(rows, [&](Value r) {
          Value line = b.mul(b.mulAdd(g, block.rows, r), block.columns);
          Value base = b.mulAdd(f, block.pixels(), line);
          b.lanes(
              b.index(block.columns), vectorLanes, [&](Value j, int64_t lanes) {
                Value element = k.elements.load(
                    b, k.loc, plan.op.getGradient(),
                    {b.add(image, g), b.add(tile.filter, f), b.add(row, r), j},
                    lanes);
                b.store(element, to, b.add(base, j));
              });
        });
      });
    });
  }

  // Blocks of several images have all their rows, so the pixels of a block are
  // always the first ones of its scratch.
  void sumBlock(MatrixProduct &product, PatchScratch &patches, Value gradient,
                const Tile &tile, Value image, Value row, Value first) {
    const PatchBlock &block = plan.block;
    Value zero = b.index(0);
    Value rows = b.min(b.sub(b.index(plan.source.pixels[0]), row), block.rows);
    Value depth = b.mul(rows, block.images * block.columns);
    patches.fill(k, plan.op.getInput(), image, tile.plane, tile.channels, row,
                 zero);
    copyGradient(gradient, tile, image, row, rows);
    product.packA(tile.filters, depth, true,
                  [&](Value f, Value pixel, int64_t lanes) {
                    Value at = b.mulAdd(f, block.pixels(), pixel);
                    return b.load(gradient, at, lanes);
                  });
    bool contiguous = patches.pixelsAreContiguous();
    product.packB(tile.taps, depth, contiguous,
                  [&](Value tap, Value pixel, int64_t lanes) {
                    return contiguous ? patches.pixels(tap, pixel, lanes)
                                      : patches.taps(tap, pixel, lanes);
                  });
    product.multiply(tile.filters, tile.taps, depth, first);
  }

  void emitParts() {
    MatrixProduct product(b, plan.registers, plan.tile);
    PatchScratch patches(b, plan.source, plan.block);
    Value gradient = b.scratch(plan.tile.rows * plan.block.pixels());
    int64_t blockImages = plan.block.images;
    b.loop(k.firstTile, k.endTile, 1, [&](Value index) {
      Tile tile = locate(index);
      Value begin = b.mul(tile.part, plan.blocksPerPart * blockImages);
      Value end = b.min(b.add(begin, plan.blocksPerPart * blockImages),
                        plan.source.images);
      b.loop(begin, end, blockImages, [&](Value image) {
        b.loop(b.index(0), b.index(plan.source.pixels[0]), plan.block.rows,
               [&](Value row) {
                 Value first = arith::AndIOp::create(b, b.equal(image, begin),
                                                     b.equal(row, b.index(0)));
                 sumBlock(product, patches, gradient, tile, image, row, first);
               });
      });
      Value firstTap = b.mul(tile.channel, plan.source.tapsPerChannel());
      b.loop(tile.filters, [&](Value f) {
        Value filter = b.mulAdd(tile.part, plan.rows(), b.add(tile.filter, f));
        Value line = b.mulAdd(filter, plan.taps(), firstTap);
        b.lanes(tile.taps, vectorLanes, [&](Value tap, int64_t lanes) {
          b.store(product.sum(f, tap, lanes), k.workspaces[0],
                  b.add(line, tap));
        });
      });
    });
  }

  // One tile is one filter.
  void emitSum() {
    int64_t perChannel = plan.source.tapsPerChannel();
    b.loop(k.firstTile, k.endTile, 1, [&](Value filter) {
      b.loop(plan.taps(), [&](Value tap) {
        Value sum;
        Value at = b.mulAdd(filter, plan.taps(), tap);
        for (int64_t part = 0; part < plan.parts; ++part) {
          Value term = b.load(k.workspaces[0],
                              b.add(at, part * plan.rows() * plan.taps()));
          sum = sum ? Value(arith::AddFOp::create(b, sum, term)) : term;
        }
        Value inKernel = b.rem(tap, perChannel);
        k.elements.store(b, k.loc, {{plan.op.getResult(), sum}},
                         {filter, b.div(tap, perChannel),
                          b.div(inKernel, plan.source.kernel[1]),
                          b.rem(inKernel, plan.source.kernel[1])});
      });
    });
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  WeightGradPlan plan(kernel.getRootOp());
  return {plan.tiles(), plan.rows()};
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel) {
  WeightGradPlan plan(kernel.getRootOp());
  return {MemRefType::get({plan.parts * plan.rows() * plan.taps()},
                          Float32Type::get(kernel.getContext()))};
}

static LogicalResult emitWeightGrad(TileKernel &k) {
  WeightGradEmitter emitter(k);
  if (k.phase == 0)
    emitter.emitParts();
  else
    emitter.emitSum();
  return success();
}

const TileEmitter mpc::convWeightGradEmitter = {"mpc.conv_weight_grad", tilesOf,
                                                workspacesOf, emitWeightGrad};
