#include "compiler/lowering/emit/gpu/MmaLoaders.h"
#include "compiler/lowering/ScalarOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mpc;

static constexpr int64_t chunkBytes = MmaLayout::chunk * 2;

Value mpc::swizzled(ThreadBuilder &b, const MmaLayout &layout, Value offset) {
  Value line = b.div(offset, int64_t(1) << layout.shift());
  Value bits = b.createOrFold<arith::AndIOp>(line, b.number(layout.mask()));
  return b.exclusiveOr(offset, bits);
}

MmaLoader::MmaLoader(ThreadBuilder &b, MmaLayout layout, int64_t threads)
    : layout(layout), b(b), threads(threads) {
  assert(layout.chunks() % threads == 0 && threads % layout.rowChunks() == 0);
  Value thread = b.thread();
  row = b.div(thread, layout.rowChunks());
  column = b.mul(b.rem(thread, layout.rowChunks()), MmaLayout::chunk);
}

// From turn to turn a thread moves down by whole rows.
MmaLoader::Spot MmaLoader::spot(int64_t turn) const {
  Value down = b.add(row, turn * (threads / layout.rowChunks()));
  return layout.depthFirst ? Spot{down, column} : Spot{column, down};
}

// Where a turn is a multiple of 8 lines and rows, the permutation does not
// change, so that one sum and constants are enough. Blocks of one warp differ.
Value MmaLoader::place(int64_t turn, Value to) const {
  int64_t bytes = threads * chunkBytes;
  int64_t period = int64_t(1) << (layout.shift() + 7);
  if (bytes % period == 0)
    return b.at(to, b.add(offset(0), turn * bytes));
  return b.at(to, offset(turn));
}

Value MmaLoader::offset(int64_t turn) const {
  Value thread = b.mul(b.thread(), chunkBytes);
  return swizzled(b, layout, b.add(thread, turn * threads * chunkBytes));
}

namespace {
class CopyingLoader : public MmaLoader {
public:
  CopyingLoader(ThreadBuilder &b, MmaLayout layout, int64_t threads,
                const MmaCopy &copy)
      : MmaLoader(b, layout, threads), copy(copy), cores(b) {}

  Values start(Value depth, Value isStep, Value to) override {
    if (isStep)
      b.branch(isStep, [&] { copyStep(depth, to); });
    else
      copyStep(depth, to);
    return {};
  }
  void finish(ArrayRef<Value>, Value) override {}

protected:
  MmaCopy copy;

  /// Where the step at `depth` begins for this thread, and turn `turn` of it.
  virtual Value stepAddress(Value depth) = 0;
  virtual Value address(int64_t turn, Value step, Value depth) = 0;

  Value memory() {
    Value number =
        memref::ExtractAlignedPointerAsIndexOp::create(b, copy.memory);
    number = arith::IndexCastOp::create(b, b.getI64Type(), number);
    constexpr auto globalSpace = unsigned(NVVM::NVVMMemorySpace::Global);
    return LLVM::IntToPtrOp::create(
        b, LLVM::LLVMPointerType::get(b.getContext(), globalSpace), number);
  }

  // Bytes of x * pitch elements; a matrix may have 2^32 bytes and more.
  Value far(Value x, int64_t pitch) {
    Value wide = arith::ExtUIOp::create(b, b.getI64Type(), x);
    return arith::MulIOp::create(b, wide, b.wide(pitch * 2));
  }

private:
  TensorCores cores;

  void copyStep(Value depth, Value to) {
    Value step = stepAddress(depth);
    for (int64_t turn = 0; turn < turns(); ++turn)
      cores.copyChunk(place(turn, to), address(turn, step, depth),
                      isInside(spot(turn), depth));
  }

  // Null where the tiles fit the operand. A chunk is inside with its first
  // element.
  Value isInside(Spot here, Value depth) {
    Value inside;
    if (copy.extent % layout.width)
      inside = b.less(b.add(copy.from, here.at), copy.extent);
    if (copy.depth % layout.depth) {
      Value deep = b.less(b.add(depth, here.depth), copy.depth);
      inside = inside ? b.both(inside, deep) : deep;
    }
    return inside;
  }
};

class MatrixLoader : public CopyingLoader {
public:
  MatrixLoader(ThreadBuilder &b, MmaLayout layout, int64_t threads,
               const MmaCopy &copy, Value batch)
      : CopyingLoader(b, layout, threads, copy), first(firstAddress(batch)) {}

private:
  Value first; ///< turn 0 at depth 0

  int64_t rowElements() const {
    return layout.depthFirst ? copy.depth : copy.extent;
  }

  Value firstAddress(Value batch) {
    Value base = memory();
    if (batch)
      base = b.at(base, far(batch, copy.extent * copy.depth));
    Spot here = spot(0);
    Value at = b.add(copy.from, here.at), depth = here.depth;
    if (!layout.depthFirst)
      std::swap(at, depth);
    return b.at(b.at(base, far(at, rowElements())), far(depth, 1));
  }

  Value stepAddress(Value depth) override {
    return b.at(first, far(depth, layout.depthFirst ? 1 : copy.extent));
  }
  Value address(int64_t turn, Value step, Value) override {
    int64_t rows = turn * (threads / layout.rowChunks());
    return b.at(step, b.wide(rows * rowElements() * 2));
  }
};

class ChunkLoader : public CopyingLoader {
public:
  ChunkLoader(ThreadBuilder &b, MmaLayout layout, int64_t threads,
              const MmaCopy &copy, MmaPosition position)
      : CopyingLoader(b, layout, threads, copy), position(std::move(position)),
        base(memory()) {}

private:
  MmaPosition position;
  Value base;

  Value stepAddress(Value) override { return base; }
  Value address(int64_t turn, Value step, Value depth) override {
    Spot here = spot(turn);
    Value element =
        position(b.add(copy.from, here.at), b.add(depth, here.depth));
    return b.at(step, far(element, 1));
  }
};

class ComputingLoader : public MmaLoader {
public:
  ComputingLoader(ThreadBuilder &b, MmaLayout layout, int64_t threads,
                  Type element, OperandSource source)
      : MmaLoader(b, layout, threads), element(element),
        source(std::move(source)) {
    assert(this->source.depthFirst == layout.depthFirst);
  }

  Values start(Value depth, Value, Value) override {
    Values held;
    for (int64_t turn = 0; turn < turns(); ++turn) {
      Spot here = spot(turn);
      for (Value piece : source.read(here.at, b.add(depth, here.depth)))
        held.push_back(bits(piece));
    }
    return held;
  }

  void finish(ArrayRef<Value> held, Value to) override {
    for (int64_t turn = 0; turn < turns(); ++turn) {
      b.store(joined(held.take_front(pieces())), place(turn, to));
      held = held.drop_front(pieces());
    }
  }

private:
  Type element;
  OperandSource source;

  // Of numbers only the bits are moved.
  Type pieceType() { return withLanes(b.getI16Type(), source.lanes); }
  Value bits(Value piece) {
    Type narrow = withLanes(element, source.lanes);
    return arith::BitcastOp::create(b, pieceType(),
                                    arith::TruncFOp::create(b, narrow, piece));
  }
  size_t pieces() const { return size_t(MmaLayout::chunk / source.lanes); }

  // One vector, so that it is stored at once.
  Value joined(ArrayRef<Value> parts) {
    Values elements;
    for (Value part : parts)
      for (int64_t lane = 0; lane < source.lanes; ++lane)
        elements.push_back(b.extract(part, lane));
    return vector::FromElementsOp::create(
        b, VectorType::get({MmaLayout::chunk}, b.getI16Type()), elements);
  }
};
} // namespace

MmaLoaderPtr mpc::matrixLoader(ThreadBuilder &b, MmaLayout layout,
                               int64_t threads, const MmaCopy &copy,
                               Value batch) {
  return std::make_unique<MatrixLoader>(b, layout, threads, copy, batch);
}

MmaLoaderPtr mpc::chunkLoader(ThreadBuilder &b, MmaLayout layout,
                              int64_t threads, const MmaCopy &copy,
                              MmaPosition position) {
  return std::make_unique<ChunkLoader>(b, layout, threads, copy,
                                       std::move(position));
}

MmaLoaderPtr mpc::computingLoader(ThreadBuilder &b, MmaLayout layout,
                                  int64_t threads, Type element,
                                  OperandSource source) {
  return std::make_unique<ComputingLoader>(b, layout, threads, element,
                                           std::move(source));
}
