#include "compiler/lowering/emit/gpu/ConvProduct.h"
#include "compiler/lowering/Emitter.h"
#include "compiler/lowering/ScalarOps.h"

using namespace mlir;
using namespace mpc;

static ConvResult whatResults(ConvolutionOpInterface op) {
  Value result = op->getResult(0);
  return result == op.getConvOutput()  ? ConvResult::Output
         : result == op.getConvInput() ? ConvResult::InputGrad
                                       : ConvResult::WeightGrad;
}

ConvProduct::ConvProduct(ConvolutionOpInterface op)
    : kind(whatResults(op)), windows(op),
      left(kind == ConvResult::WeightGrad ? op.getConvOutput()
                                          : op.getConvWeight()),
      patches(kind == ConvResult::InputGrad
                  ? ConvPatches::ofGradient(op.getConvOutput(), windows)
                  : ConvPatches::ofInput(op.getConvInput(), windows)),
      result(op->getResult(0)), bias(op.getConvBias()) {
  bool isWeightGrad = kind == ConvResult::WeightGrad;
  batches = windows.groups;
  m = kind == ConvResult::InputGrad ? windows.channelsOfGroup()
                                    : windows.filtersOfGroup();
  n = isWeightGrad ? patches.taps() : patches.pixels();
  k = isWeightGrad ? patches.pixels() : patches.taps();
}

bool ConvProduct::leftDepthFirst() const {
  return kind != ConvResult::InputGrad || patches.tapsOfChannel() > 1;
}

int64_t ConvProduct::leftLanes(int64_t chunk) const {
  if (kind == ConvResult::WeightGrad)
    return chunkLanes(k / patches.images, chunk);
  if (kind == ConvResult::Output)
    return chunkLanes(k, chunk);
  return leftDepthFirst() ? 1 : chunkLanes(m, chunk);
}

// In place of what is not in the operand the tensor's first elements are read.
OperandSource ConvProduct::leftSource(GpuKernel &kernel, ThreadBuilder &b,
                                      Value group, Value from, int64_t width,
                                      int64_t chunk) const {
  int64_t lanes = leftLanes(chunk);
  auto piece = [=, this, &kernel, &b](Value inTile, Value depth) -> Value {
    Value row = b.add(from, inTile);
    Value inside = isInOperand(b, row, m, width, depth, k);
    Value position =
        b.select(inside, leftPosition(b, group, row, depth), b.number(0));
    Value elements =
        kernel.elements.loadFlat(b, kernel.loc, left, b.index(position), lanes);
    return b.select(inside, elements, b.zero(elements.getType()));
  };
  return inPieces(b, leftDepthFirst(), lanes, chunk, piece);
}

OperandSource ConvProduct::rightSource(GpuKernel &kernel, ThreadBuilder &b,
                                       Value group, Value from,
                                       int64_t chunk) const {
  bool pixelsAreDepth = kind == ConvResult::WeightGrad;
  auto read = [=, this, &kernel, &b](Value inTile, Value depth) {
    Value at = b.add(from, inTile);
    return patches.read(b, kernel.elements, group, pixelsAreDepth ? at : depth,
                        pixelsAreDepth ? depth : at, chunk);
  };
  return {pixelsAreDepth, patches.lanes(chunk), read};
}

Value ConvProduct::leftPosition(ThreadBuilder &b, Value group, Value row,
                                Value depth) const {
  switch (kind) {
  case ConvResult::Output:
    return b.mulAdd(b.mulAdd(group, m, row), k, depth);
  case ConvResult::InputGrad: {
    int64_t taps = patches.tapsOfChannel();
    Value filter =
        b.mulAdd(group, windows.filtersOfGroup(), b.div(depth, taps));
    return b.mulAdd(b.mulAdd(filter, m, row), taps, b.rem(depth, taps));
  }
  case ConvResult::WeightGrad: {
    int64_t pixels = k / patches.images;
    Value filter = b.add(b.mul(b.div(depth, pixels), windows.weight[0]),
                         b.mulAdd(group, m, row));
    return b.mulAdd(filter, pixels, b.rem(depth, pixels));
  }
  }
  llvm_unreachable("there are three results");
}

Value ConvProduct::rightPosition(ThreadBuilder &b, Value group, Value column,
                                 Value depth) const {
  if (kind == ConvResult::WeightGrad)
    std::swap(column, depth);
  return patches.position(b, group, depth, column);
}

int64_t ConvProduct::resultLanes(KernelOp kernel) const {
  return outputLanes(kernel, shapeOf(result).back());
}

// Positions are i32.
bool mpc::suitsProduct(KernelOp kernel) {
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  constexpr int64_t enoughFilters = 8;
  ConvProduct p(cast<ConvolutionOpInterface>(kernel.getRootOp()));
  auto isSmall = [](ArrayRef<int64_t> shape) {
    return elementCount(shape) > 0 && elementCount(shape) < most;
  };
  return isGridPossible(p) && isFlat(p.left) && isFlat(p.patches.tensor) &&
         isSmall(p.windows.input) && isSmall(p.windows.weight) &&
         isSmall(p.windows.output) &&
         p.windows.filtersOfGroup() >= enoughFilters;
}

// Indices of an element of the result.
static ThreadBuilder::Values indicesOf(ThreadBuilder &b, const ConvProduct &p,
                                       Value group, Value row, Value column) {
  Value line = b.mulAdd(group, p.m, row);
  ArrayRef<int64_t> shape = shapeOf(p.result);
  Value x = b.rem(column, shape[3]), rest = b.div(column, shape[3]);
  Value y = b.rem(rest, shape[2]), outer = b.div(rest, shape[2]);
  if (p.kind == ConvResult::WeightGrad)
    return {b.index(line), b.index(outer), b.index(y), b.index(x)};
  return {b.index(outer), b.index(line), b.index(y), b.index(x)};
}

GemmResult mpc::resultOf(GpuKernel &k, const ConvProduct &p) {
  int64_t lanes = p.resultLanes(k.kernel);
  auto write = [&k, &p, lanes](ThreadBuilder &b, Value sum, Value group,
                               Value row, Value column) {
    ThreadBuilder::Values at = indicesOf(b, p, group, row, column);
    if (p.bias) {
      Value bias = k.elements.load(b, k.loc, p.bias, at[1]);
      sum =
          arith::AddFOp::create(b, sum, broadcastLanes(b, k.loc, bias, lanes));
    }
    k.elements.store(b, k.loc, {{p.result, sum}}, at, lanes);
  };
  return {lanes, write};
}
