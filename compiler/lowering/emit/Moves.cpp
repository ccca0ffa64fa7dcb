#include "compiler/lowering/emit/Moves.h"
#include <limits>
#include <numeric>

using namespace mlir;
using namespace mpc;

static constexpr int64_t warp = 32, tileElements = warp * rowLanes;

Moves::Moves(KernelOp kernel, ArrayRef<int64_t> shape, bool isContiguous,
             ArrayRef<int64_t> extents)
    : rows(shape, grainOf(kernel).elements), isGpu(targetOf(kernel).isGpu()),
      lanes(isContiguous ? rowLanes : 1) {
  if (isGpu)
    for (int64_t extent : extents)
      lanes = std::gcd(lanes, extent);
}

int64_t Moves::tiles() const {
  return isGpu ? int64_t(llvm::divideCeil(elements(), tileElements))
               : rows.tiles();
}

TeamShape mpc::moveTeam(KernelOp, int64_t) { return {.size = warp}; }

// In 32 bits, where a GPU divides faster.
static SmallVector<Value> smallIndicesOf(LoopBuilder &b, Value position,
                                         ArrayRef<int64_t> shape) {
  if (elementCount(shape) > std::numeric_limits<int32_t>::max())
    return indicesOf(b, position, shape);
  auto number = [&](int64_t value) {
    return arith::ConstantOp::create(b, b.getI32IntegerAttr(int32_t(value)));
  };
  auto toIndex = [&](Value small) -> Value {
    return arith::IndexCastUIOp::create(b, b.getIndexType(), small);
  };
  Value rest = arith::IndexCastUIOp::create(b, b.getI32Type(), position);
  SmallVector<Value> indices(shape.size());
  for (size_t d = shape.size(); d-- > 1;) {
    Value extent = number(shape[d]);
    indices[d] = toIndex(arith::RemUIOp::create(b, rest, extent));
    rest = arith::DivUIOp::create(b, rest, extent);
  }
  indices[0] = toIndex(rest);
  return indices;
}

void Moves::forElements(
    TileKernel &k, LoopBuilder &b, Value first, Value end,
    llvm::function_ref<void(ValueRange at, int64_t lanes)> body) const {
  if (!isGpu)
    return mpc::forElements(b, rows, first, end, lanes, body);
  if (elements() == 0)
    return;
  if (rows.shape.empty())
    return k.once([&] { body({}, 1); });
  k.elements.assumeWholeVectors();
  bool isWhole = elements() % tileElements == 0;
  b.loop(first, end, 1, [&](Value tile) {
    Value begin = b.mulAdd(tile, tileElements, b.mul(k.team.rank, lanes));
    for (int64_t turn = 0; turn < rowLanes / lanes; ++turn) {
      Value position = b.add(begin, turn * warp * lanes);
      // Threads behind the end do the last elements again.
      if (!isWhole)
        position = b.min(position, elements() - lanes);
      body(smallIndicesOf(b, position, rows.shape), lanes);
    }
  });
}
