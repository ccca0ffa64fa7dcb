#include "compiler/lowering/Emitter.h"
#include "compiler/analysis/Target.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mpc;

Grain mpc::grainOf(Operation *op) {
  if (targetOf(op).isGpu())
    return {.elements = 8, .singles = 1, .reads = 1, .columns = 1, .labels = 1};
  return {.elements = 16384,
          .singles = 16384,
          .reads = 32768,
          .columns = 64,
          .labels = 64};
}

int64_t mpc::accessLanes(KernelOp kernel) {
  auto isWide = [](Type type) {
    return getElementTypeOrSelf(type).getIntOrFloatBitWidth() >= 32;
  };
  bool isWideOnly = llvm::all_of(kernel.getOperandTypes(), isWide) &&
                    llvm::all_of(kernel.getResultTypes(), isWide);
  return isWideOnly ? 4 : 8;
}

bool mpc::writesNothing(KernelOp kernel) {
  return llvm::all_of(kernel.getResults(), [](Value result) {
    return elementCount(shapeOf(result)) == 0;
  });
}

SmallVector<Value> TileKernel::fold(Value lo, Value hi, int64_t step,
                                    ValueRange init, FoldBody body) {
  auto loop = scf::ForOp::create(b, loc, lo, hi, index(step), init);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> next =
      body(loop.getInductionVar(), loop.getRegionIterArgs());
  if (!init.empty())
    scf::YieldOp::create(b, loc, next);
  return SmallVector<Value>(loop.getResults());
}

void TileKernel::forRange(Value lo, Value hi, int64_t step, Body body) {
  fold(lo, hi, step, {}, [&](Value i, ValueRange) -> SmallVector<Value> {
    body(i);
    return {};
  });
}

void TileKernel::forTiles(Body body) {
  forRange(firstTile, endTile, tileStep, body);
}

void TileKernel::forLanes(Value lo, Value hi, int64_t lanes, LanesBody body) {
  if (lanes > 1) {
    Value middle = wholeLanes(lo, hi, lanes);
    forRange(lo, middle, lanes, [&](Value i) { body(i, lanes); });
    lo = middle;
  }
  forRange(lo, hi, 1, [&](Value i) { body(i, 1); });
}

Value TileKernel::wholeLanes(Value lo, Value hi, int64_t lanes) {
  Value extent = arith::SubIOp::create(b, loc, hi, lo);
  return arith::SubIOp::create(b, loc, hi, divide(extent, lanes).second);
}

SmallVector<Value> TileKernel::foldShape(ArrayRef<int64_t> extents,
                                         ValueRange init, NestBody body) {
  SmallVector<Value> indices;
  auto nest = [&](auto &self, ValueRange carried) -> SmallVector<Value> {
    if (indices.size() == extents.size())
      return body(indices, carried);
    Value extent = index(extents[indices.size()]);
    return fold(index(0), extent, 1, carried,
                [&](Value i, ValueRange inner) -> SmallVector<Value> {
                  indices.push_back(i);
                  SmallVector<Value> next = self(self, inner);
                  indices.pop_back();
                  return next;
                });
  };
  return nest(nest, init);
}

std::pair<Value, Value> TileKernel::divide(Value x, int64_t y) {
  if (y == 1)
    return {x, index(0)};
  Value divisor = index(y);
  return {arith::DivUIOp::create(b, loc, x, divisor),
          arith::RemUIOp::create(b, loc, x, divisor)};
}

Value TileKernel::times(Value x, int64_t y) {
  return arith::MulIOp::create(b, loc, x, index(y));
}

func::FuncOp TileKernel::function() const {
  Operation *around = b.getInsertionBlock()->getParentOp();
  auto function = dyn_cast<func::FuncOp>(around);
  return function ? function : around->getParentOfType<func::FuncOp>();
}

Value TileKernel::addressOf(Value value, Value element) {
  constexpr auto globalSpace = unsigned(NVVM::NVVMMemorySpace::Global);
  int64_t bytes = elementTypeOf(value).getIntOrFloatBitWidth() / 8;
  Value memory = memref::ExtractAlignedPointerAsIndexOp::create(
      b, loc, elements.memoryOf(value));
  Value address = arith::AddIOp::create(b, loc, memory, times(element, bytes));
  return LLVM::IntToPtrOp::create(
      b, loc, LLVM::LLVMPointerType::get(b.getContext(), globalSpace),
      Value(arith::IndexCastOp::create(b, loc, b.getI64Type(), address)));
}

SmallVector<Value> TileKernel::split(Value position, ArrayRef<int64_t> shape) {
  SmallVector<Value> indices(shape.size());
  for (size_t d = shape.size(); d-- > 1;)
    std::tie(position, indices[d]) = divide(position, shape[d]);
  if (!shape.empty())
    indices[0] = position;
  return indices;
}

Value TileKernel::joinLanes(Value vector,
                            llvm::function_ref<Value(Value, Value)> join) {
  if (lanesOf(vector) == 1)
    return vector;
  Value joined;
  for (int64_t lane = 0; lane < lanesOf(vector); ++lane) {
    Value element = vector::ExtractOp::create(b, loc, vector, lane);
    joined = joined ? join(joined, element) : element;
  }
  return joined;
}

Value TileKernel::sumLanes(Value vector) {
  return joinLanes(vector, [&](Value x, Value y) -> Value {
    if (isa<FloatType>(x.getType()))
      return arith::AddFOp::create(b, loc, x, y);
    return arith::AddIOp::create(b, loc, x, y);
  });
}

Value TileKernel::laneNumbers(Value first, int64_t lanes) {
  Value number = arith::IndexCastOp::create(b, loc, b.getI64Type(), first);
  if (lanes == 1)
    return number;
  SmallVector<int64_t> steps = llvm::to_vector(llvm::seq<int64_t>(0, lanes));
  Value offsets = arith::ConstantOp::create(b, loc, b.getI64VectorAttr(steps));
  return arith::AddIOp::create(b, loc, broadcastLanes(b, loc, number, lanes),
                               offsets);
}

Value TileKernel::blockEnd(Value begin, int64_t size, int64_t limit) {
  Value end = arith::AddIOp::create(b, loc, begin, index(size));
  return arith::MinSIOp::create(b, loc, end, index(limit));
}
