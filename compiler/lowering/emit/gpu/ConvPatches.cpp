#include "compiler/lowering/emit/gpu/ConvPatches.h"
#include "compiler/lowering/ScalarOps.h"

using namespace mlir;
using namespace mpc;

static std::array<int64_t, 2> pairOf(ArrayRef<int64_t> numbers) {
  return {numbers[0], numbers[1]};
}

ConvPatches::ConvPatches(Value tensor, const ConvWindows &w, bool isGradient)
    : tensor(tensor), images(w.input[0]), groups(w.groups),
      channels(isGradient ? w.filtersOfGroup() : w.channelsOfGroup()),
      source(pairOf((isGradient ? w.output : w.input).drop_front(2))),
      plane(pairOf((isGradient ? w.input : w.output).drop_front(2))),
      kernel(pairOf(w.weight.drop_front(2))), strides(pairOf(w.strides)),
      dilations(pairOf(w.dilations)), pads(pairOf(w.pads)),
      isGradient(isGradient) {
  // Such a plane is one long row.
  if (isPlain())
    source = plane = {1, plane[0] * plane[1]};
}

ConvPatches ConvPatches::ofInput(Value input, const ConvWindows &windows) {
  return ConvPatches(input, windows, false);
}

ConvPatches ConvPatches::ofGradient(Value gradient,
                                    const ConvWindows &windows) {
  return ConvPatches(gradient, windows, true);
}

bool ConvPatches::isPlain() const {
  constexpr std::array<int64_t, 2> one = {1, 1}, none = {0, 0};
  return kernel == one && strides == one && pads == none && source == plane;
}

Value ConvPatches::position(ThreadBuilder &b, Value group, Value tap,
                            Value pixel) const {
  int64_t size = plane[0] * plane[1];
  Value image = b.div(pixel, size);
  Value channel =
      b.add(b.mulAdd(group, channels, tap), b.mul(image, groups * channels));
  return b.mulAdd(channel, size, b.rem(pixel, size));
}

int64_t ConvPatches::lanes(int64_t chunk) const {
  if (kernel[1] > 1 || strides[1] > 1 || pads[1] > 0 || source[1] != plane[1])
    return 1;
  return chunkLanes(plane[1], chunk);
}

namespace {
/// A position along one dimension of the tensor, and whether it is there.
struct Position {
  Value at, isInside;
};

/// One chunk.
struct Reader {
  const ConvPatches &p;
  ThreadBuilder &b;
  ElementAccess &elements;
  Value kernelAt[2], channel; ///< of the tap

  // Numbers are unsigned, so that what is below 0 is far outside.
  Position position(size_t d, Value pixel) {
    Value tap = b.mul(kernelAt[d], p.dilations[d]);
    if (!p.isGradient) {
      Value at =
          b.sub(b.add(b.mul(pixel, p.strides[d]), tap), b.number(p.pads[d]));
      return {at, b.less(at, p.source[d])};
    }
    Value shifted = b.sub(b.add(pixel, p.pads[d]), tap);
    if (p.strides[d] == 1)
      return {shifted, b.less(shifted, p.source[d])};
    Value at = b.div(shifted, p.strides[d]);
    Value isWhole = b.equal(b.rem(shifted, p.strides[d]), 0);
    return {at, b.both(isWhole, b.less(at, p.source[d]))};
  }

  // Reads the tensor's first elements instead of what is not inside.
  Value read(Value at, Value isInside, int64_t lanes) {
    at = b.select(isInside, at, b.number(0));
    Value value =
        elements.loadFlat(b, b.getLoc(), p.tensor, b.index(at), lanes);
    return b.select(isInside, value, b.zero(value.getType()));
  }

  // `count` pixels of one row.
  void readRow(Value first, Value isTap, int64_t count,
               ThreadBuilder::Values &into) {
    int64_t size = p.plane[0] * p.plane[1], lanes = p.lanes(count);
    Value image = b.div(first, size), inPlane = b.rem(first, size);
    Position row = position(0, b.div(inPlane, p.plane[1]));
    Value column = b.rem(inPlane, p.plane[1]);
    Value isRow =
        b.both(b.both(isTap, b.less(first, p.pixels())), row.isInside);
    Value plane = b.mulAdd(image, p.groups * p.channels, channel);
    Value line = b.mul(b.mulAdd(plane, p.source[0], row.at), p.source[1]);
    for (int64_t i = 0; i < count; i += lanes) {
      Position x = position(1, b.add(column, i));
      into.push_back(read(b.add(line, x.at), b.both(isRow, x.isInside), lanes));
    }
  }
};
} // namespace

ThreadBuilder::Values ConvPatches::read(ThreadBuilder &b,
                                        ElementAccess &elements, Value group,
                                        Value tap, Value pixel,
                                        int64_t chunk) const {
  Value inKernel = b.rem(tap, tapsOfChannel());
  Value channel = b.mulAdd(group, channels, b.div(tap, tapsOfChannel()));
  Reader reader{*this,
                b,
                elements,
                {b.div(inKernel, kernel[1]), b.rem(inKernel, kernel[1])},
                channel};
  Value isTap = b.less(tap, taps());
  int64_t count = chunkLanes(plane[1], chunk);
  ThreadBuilder::Values values;
  for (int64_t i = 0; i < chunk; i += count)
    reader.readRow(b.add(pixel, i), isTap, count, values);
  return values;
}
