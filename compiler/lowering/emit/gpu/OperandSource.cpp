#include "compiler/lowering/emit/gpu/OperandSource.h"

using namespace mlir;
using namespace mpc;

int64_t mpc::chunkLanes(int64_t row, int64_t chunk) {
  int64_t lanes = chunk;
  while (row % lanes)
    lanes /= 2;
  return lanes;
}

OperandSource mpc::inPieces(ThreadBuilder &b, bool depthFirst, int64_t lanes,
                            int64_t chunk,
                            std::function<Value(Value at, Value depth)> piece) {
  auto read = [=, &b](Value at, Value depth) {
    ThreadBuilder::Values pieces;
    for (int64_t i = 0; i < chunk; i += lanes)
      pieces.push_back(depthFirst ? piece(at, b.add(depth, i))
                                  : piece(b.add(at, i), depth));
    return pieces;
  };
  return {depthFirst, lanes, read};
}

Value mpc::isInOperand(ThreadBuilder &b, Value at, int64_t extent,
                       int64_t width, Value depth, int64_t depthExtent) {
  Value inside = b.less(depth, depthExtent);
  if (extent % width)
    inside = b.both(inside, b.less(at, extent));
  return inside;
}

GemmOperand mpc::leftOf(const GemmProblem &p, int64_t width) {
  return {p.a, !p.transA, p.m, width};
}

GemmOperand mpc::rightOf(const GemmProblem &p, int64_t width) {
  return {p.b, p.transB, p.n, width};
}

// In place of what is not in the operand its first elements are read.
OperandSource mpc::sourceOf(GpuKernel &k, ThreadBuilder &b,
                            const GemmProblem &problem,
                            const GemmOperand &operand, Value batch, Value from,
                            int64_t chunk) {
  int64_t lanes = chunkLanes(shapeOf(operand.value).back(), chunk);
  auto piece = [=, &k, &b, &problem](Value inTile, Value depth) -> Value {
    Value at = b.add(from, inTile);
    Value inside =
        isInOperand(b, at, operand.extent, operand.width, depth, problem.k);
    Value row = b.index(b.select(inside, at, b.number(0)));
    Value column = b.index(b.select(inside, depth, b.number(0)));
    if (!operand.depthFirst)
      std::swap(row, column);
    Value elements = k.elements.load(
        b, k.loc, operand.value,
        problem.indices(operand.value, b.index(batch), row, column), lanes);
    return b.select(inside, elements, b.zero(elements.getType()));
  };
  return inPieces(b, operand.depthFirst, lanes, chunk, piece);
}
