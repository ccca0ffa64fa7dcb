#include "compiler/lowering/emit/ConvPatch.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mpc;

static constexpr int64_t scratchLanes = 8;

PatchBlock mpc::planPatchBlock(const PatchSource &source, int64_t mostImages,
                               bool wholeRows) {
  constexpr int64_t enough = 256;
  PatchBlock block;
  block.channels =
      std::clamp<int64_t>(enough / source.tapsPerChannel(), 1, source.channels);
  int64_t plane = source.pixels[0] * source.pixels[1];
  block.images = std::clamp<int64_t>(enough / plane, 1, source.images);
  block.images = std::clamp<int64_t>(mostImages, 1, block.images);
  while (source.images % block.images != 0)
    --block.images;
  block.columns = source.pixels[1];
  if (!wholeRows)
    block.columns = std::min(block.columns, enough);
  block.rows = std::clamp<int64_t>(enough / block.columns, 1, source.pixels[0]);
  return block;
}

PatchScratch::PatchScratch(LoopBuilder &b, const PatchSource &source,
                           const PatchBlock &block)
    : b(b), source(source), block(block) {
  std::array<int64_t, 2> size = {block.rows, block.columns};
  for (int d : {0, 1})
    extents[d] = (size[d] - 1) * source.step[d] +
                 (source.kernel[d] - 1) * source.dilation[d] + 1;
  memory = b.scratch(block.images * block.channels * extents[0] * extents[1]);
  auto table = [&](int64_t entries) -> Value {
    return memref::AllocaOp::create(
        b, MemRefType::get({entries}, b.getIndexType()));
  };
  tapOffsets = table(block.channels * source.tapsPerChannel());
  pixelOffsets = table(block.pixels());
  fillTables();
}

void PatchScratch::fillTables() {
  int64_t plane = extents[0] * extents[1];
  auto put = [&](Value table, Value at, Value offset) {
    memref::StoreOp::create(b, offset, table, at);
  };
  auto inPlane = [&](Value base, Value row, int64_t rowStep, Value column,
                     int64_t columnStep) {
    Value start = b.add(base, b.mul(row, rowStep * extents[1]));
    return b.add(start, b.mul(column, columnStep));
  };
  b.loop(block.channels * source.tapsPerChannel(), [&](Value tap) {
    Value base = b.mul(b.div(tap, source.tapsPerChannel()), plane);
    Value inKernel = b.rem(tap, source.tapsPerChannel());
    put(tapOffsets, tap,
        inPlane(base, b.div(inKernel, source.kernel[1]), source.dilation[0],
                b.rem(inKernel, source.kernel[1]), source.dilation[1]));
  });
  int64_t perImage = block.rows * block.columns;
  b.loop(block.pixels(), [&](Value pixel) {
    Value base = b.mul(b.div(pixel, perImage), block.channels * plane);
    Value inImage = b.rem(pixel, perImage);
    put(pixelOffsets, pixel,
        inPlane(base, b.div(inImage, block.columns), source.step[0],
                b.rem(inImage, block.columns), source.step[1]));
  });
}

void PatchScratch::fill(TileKernel &k, Value value, Value n, Value c,
                        Value channels, Value row, Value column) {
  int64_t plane = extents[0] * extents[1];
  b.lanes(b.index(block.images * block.channels * plane), scratchLanes,
          [&](Value i, int64_t lanes) { b.store(b.f32(0, lanes), memory, i); });
  b.loop(block.images, [&](Value image) {
    b.loop(channels, [&](Value channel) {
      Value index = b.mulAdd(image, block.channels, channel);
      fillPlane(k, value, b.add(n, image), b.add(c, channel),
                b.mul(index, plane), row, column);
    });
  });
}

// Source elements s land at s * spread - first, where that is in [0, extent).
void PatchScratch::fillPlane(TileKernel &k, Value value, Value n, Value c,
                             Value base, Value row, Value column) {
  std::array<Value, 2> at = {row, column}, first, begin, end;
  for (int d : {0, 1}) {
    int64_t spread = source.spread[d];
    first[d] = b.add(b.mul(at[d], source.step[d]), source.origin[d]);
    Value limit = b.add(first[d], extents[d]);
    begin[d] = b.ceilDiv(b.max(first[d], 0), spread);
    end[d] = b.min(b.ceilDiv(b.max(limit, 0), spread), source.source[d]);
  }
  b.loop(begin[0], end[0], 1, [&](Value h) {
    Value y = b.sub(b.mul(h, source.spread[0]), first[0]);
    Value line = b.sub(b.mulAdd(y, extents[1], base), first[1]);
    int64_t spread = source.spread[1];
    Value count = b.max(b.sub(end[1], begin[1]), 0);
    b.lanes(count, spread == 1 ? scratchLanes : 1, [&](Value i, int64_t lanes) {
      Value w = b.add(begin[1], i);
      Value element = k.elements.load(b, k.loc, value, {n, c, h, w}, lanes);
      b.store(element, memory, b.add(line, b.mul(w, spread)));
    });
  });
}

Value PatchScratch::offset(Value table, Value at) {
  return memref::LoadOp::create(b, table, at);
}

Value PatchScratch::gather(Value table, Value first, Value base,
                           int64_t lanes) {
  SmallVector<Value> elements;
  for (int64_t i = 0; i < lanes; ++i)
    elements.push_back(
        b.load(memory, b.add(base, offset(table, b.add(first, i)))));
  if (lanes == 1)
    return elements[0];
  return vector::FromElementsOp::create(b, cast<VectorType>(b.f32Type(lanes)),
                                        elements);
}

bool PatchScratch::pixelsAreContiguous() const {
  return source.step[1] == 1 && block.columns % scratchLanes == 0;
}

Value PatchScratch::pixels(Value tap, Value pixel, int64_t lanes) {
  Value base = offset(tapOffsets, tap);
  if (lanes == 1 || !pixelsAreContiguous())
    return gather(pixelOffsets, pixel, base, lanes);
  return b.load(memory, b.add(base, offset(pixelOffsets, pixel)), lanes);
}

Value PatchScratch::taps(Value tap, Value pixel, int64_t lanes) {
  return gather(tapOffsets, tap, offset(pixelOffsets, pixel), lanes);
}
