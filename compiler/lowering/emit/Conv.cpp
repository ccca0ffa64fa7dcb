// conv and conv_input_grad as products weights x patches. Phase 0 writes the
// weights as a matrix [rows, taps] in f32; in phase 1 a tile is a block of rows
// and a block of pixels. The input gradient is the convolution of the gradient,
// spread by the strides, with the kernel turned around. Groups are products of
// their own. Sums go over channels in blocks of whole channels with about 256
// taps (see MatrixProduct.h), and within a channel over the kernel, row-major.
#include "compiler/lowering/emit/ConvPatch.h"
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/MatrixProduct.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mpc;

namespace {
struct ConvPlan {
  Value planes, weight, bias, result;
  bool isGradient;
  int64_t groups;
  PatchSource source; ///< of one group
  PatchBlock block;
  int64_t rows; ///< channels of the result in one group
  TileShape tile;
  RegisterTile registers;

  explicit ConvPlan(ConvolutionOpInterface op)
      : weight(op.getConvWeight()), bias(op.getConvBias()),
        result(op->getResult(0)), isGradient(result == op.getConvInput()),
        groups(int64_t(op.getGroups())) {
    planes = isGradient ? op.getConvOutput() : op.getConvInput();
    ArrayRef<int64_t> in = shapeOf(planes), out = shapeOf(result),
                      kernel = shapeOf(weight);
    source.images = in[0];
    source.channels = in[1] / groups;
    rows = out[1] / groups;
    for (int d : {0, 1}) {
      int64_t stride = op.getStrides()[d], pad = op.getPads()[d];
      source.source[d] = in[2 + d];
      source.pixels[d] = out[2 + d];
      source.kernel[d] = kernel[2 + d];
      source.dilation[d] = op.getDilations()[d];
      source.step[d] = isGradient ? 1 : stride;
      source.spread[d] = isGradient ? stride : 1;
      source.origin[d] =
          isGradient ? pad - (kernel[2 + d] - 1) * source.dilation[d] : -pad;
    }
    // Several images per tile, but at least 8 tiles.
    block = planPatchBlock(source, source.images / 8, false);
    registers = RegisterTile::forResult(vectorLanes, rows, block.pixels());
    tile = {evenPart(rows, 96, registers.rows),
            evenPart(block.pixels(), block.pixels(), registers.columns()),
            block.channels * source.tapsPerChannel()};
  }

  int64_t taps() const { return source.channels * source.tapsPerChannel(); }
  int64_t rowBlocks() const { return llvm::divideCeil(rows, tile.rows); }
  int64_t bands() const {
    return llvm::divideCeil(source.pixels[0], block.rows);
  }
  int64_t strips() const {
    return llvm::divideCeil(source.pixels[1], block.columns);
  }
  int64_t tiles() const {
    return source.images / block.images * groups * rowBlocks() * bands() *
           strips();
  }
};

struct ConvEmitter {
  TileKernel &k;
  ConvPlan plan;
  LoopBuilder b;

  explicit ConvEmitter(TileKernel &k)
      : k(k), plan(cast<ConvolutionOpInterface>(k.root)), b(k.loc, k.b) {}

  /// What one tile of the product works on. Channels count from the first of
  /// the first group: `channel` in the result, `plane` in the source.
  struct Tile {
    Value image, plane, channel, channels, row, column;
  };

  Tile locate(Value tile) {
    const PatchBlock &block = plan.block;
    Tile at;
    auto next = [&](int64_t count, int64_t size) {
      Value first = b.mul(b.rem(tile, count), size);
      tile = b.div(tile, count);
      return first;
    };
    at.column = next(plan.strips(), block.columns);
    at.row = next(plan.bands(), block.rows);
    Value inGroup = next(plan.rowBlocks(), plan.tile.rows);
    Value group = next(plan.groups, 1);
    at.channel = b.mulAdd(group, plan.rows, inGroup);
    at.plane = b.mul(group, plan.source.channels);
    at.image = b.mul(tile, block.images);
    at.channels = b.min(b.sub(b.index(plan.rows), inGroup), plan.tile.rows);
    return at;
  }

  // One tile is one row of the matrix: the weights of a channel of the result.
  void emitWeights() {
    int64_t perChannel = plan.source.tapsPerChannel();
    int64_t kernelColumns = plan.source.kernel[1];
    b.loop(k.firstTile, k.endTile, 1, [&](Value row) {
      b.loop(plan.taps(), [&](Value tap) {
        Value channel = b.div(tap, perChannel),
              inKernel = b.rem(tap, perChannel);
        if (plan.isGradient)
          inKernel = b.sub(b.index(perChannel - 1), inKernel);
        SmallVector<Value> at = {row, channel, b.div(inKernel, kernelColumns),
                                 b.rem(inKernel, kernelColumns)};
        if (plan.isGradient) {
          Value plane = b.mul(b.div(row, plan.rows), plan.source.channels);
          at[0] = b.add(plane, channel);
          at[1] = b.rem(row, plan.rows);
        }
        Value element = k.elements.load(b, k.loc, plan.weight, at);
        b.store(element, k.workspaces[0], b.mulAdd(row, plan.taps(), tap));
      });
    });
  }

  void emitProduct() {
    MatrixProduct product(b, plan.registers, plan.tile);
    PatchScratch patches(b, plan.source, plan.block);
    b.loop(k.firstTile, k.endTile, 1, [&](Value number) {
      Tile tile = locate(number);
      sumTile(product, patches, tile);
      storeTile(product, tile);
    });
  }

  void sumTile(MatrixProduct &product, PatchScratch &patches,
               const Tile &tile) {
    const PatchBlock &block = plan.block;
    Value pixels = b.index(block.pixels());
    b.loop(b.index(0), b.index(plan.source.channels), block.channels,
           [&](Value from) {
             Value count = b.min(b.sub(b.index(plan.source.channels), from),
                                 block.channels);
             Value depth = b.mul(count, plan.source.tapsPerChannel());
             Value firstTap = b.mul(from, plan.source.tapsPerChannel());
             patches.fill(k, plan.planes, tile.image, b.add(tile.plane, from),
                          count, tile.row, tile.column);
             product.packA(tile.channels, depth, true,
                           [&](Value at, Value tap, int64_t lanes) {
                             Value line =
                                 b.mul(b.add(tile.channel, at), plan.taps());
                             Value place = b.add(line, b.add(firstTap, tap));
                             return b.load(k.workspaces[0], place, lanes);
                           });
             product.packB(pixels, depth, false,
                           [&](Value at, Value tap, int64_t lanes) {
                             return patches.pixels(tap, at, lanes);
                           });
             product.multiply(tile.channels, pixels, depth,
                              b.equal(from, b.index(0)));
           });
  }

  void storeTile(MatrixProduct &product, const Tile &tile) {
    const PatchBlock &block = plan.block;
    Value rows =
        b.min(b.sub(b.index(plan.source.pixels[0]), tile.row), block.rows);
    Value columns = b.min(b.sub(b.index(plan.source.pixels[1]), tile.column),
                          block.columns);
    auto storeLine = [&](Value i, Value f, Value g, Value r) {
      Value line = b.mul(b.mulAdd(g, block.rows, r), block.columns);
      b.lanes(columns, vectorLanes, [&](Value j, int64_t lanes) {
        Value sum = product.sum(i, b.add(line, j), lanes);
        if (plan.bias) {
          Value bias = k.elements.load(b, k.loc, plan.bias, f);
          sum = arith::AddFOp::create(b, sum,
                                      broadcastLanes(b, k.loc, bias, lanes));
        }
        k.elements.store(b, k.loc, {{plan.result, sum}},
                         {b.add(tile.image, g), f, b.add(tile.row, r),
                          b.add(tile.column, j)},
                         lanes);
      });
    };
    b.loop(block.images, [&](Value g) {
      b.loop(tile.channels, [&](Value i) {
        b.loop(rows,
               [&](Value r) { storeLine(i, b.add(tile.channel, i), g, r); });
      });
    });
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  ConvPlan plan(cast<ConvolutionOpInterface>(kernel.getRootOp()));
  return {plan.groups * plan.rows, plan.tiles()};
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel) {
  ConvPlan plan(cast<ConvolutionOpInterface>(kernel.getRootOp()));
  return {MemRefType::get({plan.groups * plan.rows * plan.taps()},
                          Float32Type::get(kernel.getContext()))};
}

static LogicalResult emitConv(TileKernel &k) {
  ConvEmitter emitter(k);
  if (k.phase == 0)
    emitter.emitWeights();
  else
    emitter.emitProduct();
  return success();
}

const TileEmitter mpc::convEmitter = {"mpc.conv", tilesOf, workspacesOf,
                                      emitConv};
const TileEmitter mpc::convInputGradEmitter = {"mpc.conv_input_grad", tilesOf,
                                               workspacesOf, emitConv};
