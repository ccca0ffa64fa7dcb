#include "compiler/lowering/emit/PoolWindows.h"
#include "llvm/ADT/STLExtras.h"
#include <array>

using namespace mlir;
using namespace mpc;

using Values = LoopBuilder::Values;

int64_t PoolWindows::planesPerTile() const {
  return std::clamp<int64_t>(16384 / planeSize(), 1, planes());
}

int64_t PoolWindows::tiles() const {
  return llvm::divideCeil(planes(), planesPerTile());
}

// The end of the last window, from the first element of the input on.
int64_t PoolWindows::lastEnd(int d) const {
  return (output[2 + d] - 1) * strides[d] - pads[d] + reach(d);
}

bool PoolWindows::areInside() const {
  return llvm::all_of(std::array{0, 1}, [&](int d) {
    return pads[d] == 0 && lastEnd(d) <= input[2 + d];
  });
}

bool PoolWindows::areInsidePadding() const {
  return llvm::all_of(std::array{0, 1}, [&](int d) {
    return lastEnd(d) <= input[2 + d] + pads[2 + d];
  });
}

bool PoolWindows::someAreEmpty(int d) const {
  return llvm::any_of(llvm::seq<int64_t>(output[2 + d]), [&](int64_t at) {
    int64_t begin = at * strides[d] - pads[d];
    if (begin < 0)
      begin += llvm::divideCeilSigned(-begin, dilations[d]) * dilations[d];
    return begin >= input[2 + d];
  });
}

bool PoolWindows::someAreEmpty() const {
  return someAreEmpty(0) || someAreEmpty(1);
}

// Where window `at` begins along `d`; negative in padding.
Value WindowLoops::begin(int d, Value at) {
  return b.sub(b.mul(at, windows.strides[d]), b.index(windows.pads[d]));
}

std::pair<Value, Value> WindowLoops::range(int d, Value at) {
  Value first = begin(d, at), end = b.add(first, windows.reach(d));
  if (windows.areInside())
    return {first, end};
  Value before = b.max(b.sub(b.index(0), first), 0);
  int64_t dilation = windows.dilations[d];
  return {b.mulAdd(b.ceilDiv(before, dilation), dilation, first),
          b.min(end, windows.input[2 + d])};
}

// Whether all of the window lies inside the input.
Value WindowLoops::isInside(Value oh, Value ow) {
  auto along = [&](int d, Value at) {
    Value first = begin(d, at);
    Value last = b.index(windows.input[2 + d] - windows.reach(d));
    return Value(arith::AndIOp::create(
        b, b.compare(arith::CmpIPredicate::sge, first, b.index(0)),
        b.compare(arith::CmpIPredicate::sle, first, last)));
  };
  return arith::AndIOp::create(b, along(0, oh), along(1, ow));
}

Values WindowLoops::fold(Value oh, Value ow, ValueRange initial, Body body) {
  if (windows.kernelSize() > 16)
    return foldLoops(oh, ow, initial, body);
  if (windows.areInside())
    return foldUnrolled(oh, ow, initial, body);
  auto unrolled = [&] { return foldUnrolled(oh, ow, initial, body); };
  auto loops = [&] { return foldLoops(oh, ow, initial, body); };
  if (!initial.empty())
    return b.branch(isInside(oh, ow), initial.getTypes(), unrolled, loops);
  b.branch(isInside(oh, ow), [&] { unrolled(); }, [&] { loops(); });
  return {};
}

Values WindowLoops::foldUnrolled(Value oh, Value ow, ValueRange initial,
                                 Body body) {
  Value firstRow = begin(0, oh), firstColumn = begin(1, ow);
  ArrayRef<int64_t> step = windows.dilations;
  Values carried(initial);
  for (int64_t i = 0; i < windows.kernel[0]; ++i)
    for (int64_t j = 0; j < windows.kernel[1]; ++j)
      carried = body(b.add(firstRow, i * step[0]),
                     b.add(firstColumn, j * step[1]), carried);
  return carried;
}

Values WindowLoops::foldLoops(Value oh, Value ow, ValueRange initial,
                              Body body) {
  auto [firstRow, endRow] = range(0, oh);
  auto columns = range(1, ow);
  ArrayRef<int64_t> step = windows.dilations;
  return b.loop(firstRow, endRow, step[0], initial,
                [&](Value h, ValueRange row) {
                  return b.loop(columns.first, columns.second, step[1], row,
                                [&](Value w, ValueRange carried) {
                                  return body(h, w, carried);
                                });
                });
}

// The number of elements along `d` that lie inside the input, or inside it and
// its padding.
Value WindowLoops::elements(int d, Value at, bool includePad) {
  auto [first, end] = range(d, at);
  if (includePad) {
    first = begin(d, at);
    end = b.min(b.add(first, windows.reach(d)),
                windows.input[2 + d] + windows.pads[2 + d]);
  }
  return b.ceilDiv(b.max(b.sub(end, first), 0), windows.dilations[d]);
}

Value WindowLoops::count(Value oh, Value ow, bool includePad) {
  if (includePad ? windows.areInsidePadding() : windows.areInside())
    return b.f32(double(windows.kernelSize()));
  Value all = b.mul(elements(0, oh, includePad), elements(1, ow, includePad));
  Value integer = arith::IndexCastOp::create(b, b.getI32Type(), all);
  return arith::SIToFPOp::create(b, b.getF32Type(), integer);
}

void WindowLoops::unlessEmpty(Value oh, Value ow,
                              llvm::function_ref<void()> body) {
  if (!windows.someAreEmpty())
    return body();
  Value all = b.mul(elements(0, oh, false), elements(1, ow, false));
  b.branch(b.less(b.index(0), all), body);
}
