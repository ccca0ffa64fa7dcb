#include "compiler/reference/Models.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;

// Calls `body(to, from)` with the positions of every element of the operand and
// of the result that it goes into.
template <typename Op>
static void forEachTerm(Op op, const Tensor &input,
                        llvm::function_ref<void(int64_t, int64_t)> body) {
  Shape kept = reducedShape(input.shape(), op.getAxes(), /*keepDims=*/true);
  forEachIndex(input.shape(), [&](ArrayRef<int64_t> index) {
    // An axis that is reduced has size 1 in `kept`, so it drops out.
    body(broadcastPosition(kept, index), position(input.shape(), index));
  });
}

// What a reduction starts from and how it takes in an element. Integers wrap,
// so they are combined as unsigned numbers.
namespace {
struct Sum {
  static double floats(double so, double x) { return so + x; }
  static uint64_t integers(uint64_t so, uint64_t x) { return so + x; }
  static double first() { return 0; }
  static int64_t firstInteger(Type) { return 0; }
};

struct Product {
  static double floats(double so, double x) { return so * x; }
  static uint64_t integers(uint64_t so, uint64_t x) { return so * x; }
  static double first() { return 1; }
  static int64_t firstInteger(Type) { return 1; }
};

// i1 is 0 or 1, without a sign.
int64_t smallestOf(Type element) {
  unsigned width = element.getIntOrFloatBitWidth();
  return width == 1 ? 0 : std::numeric_limits<int64_t>::min() >> (64 - width);
}
int64_t largestOf(Type element) {
  unsigned width = element.getIntOrFloatBitWidth();
  return width == 1 ? 1 : std::numeric_limits<int64_t>::max() >> (64 - width);
}

struct Largest {
  static double floats(double so, double x) {
    return std::isnan(so) || so >= x ? so : x;
  }
  static int64_t integers(int64_t so, int64_t x) { return std::max(so, x); }
  static double first() { return -std::numeric_limits<double>::infinity(); }
  static int64_t firstInteger(Type element) { return smallestOf(element); }
};

struct Smallest {
  static double floats(double so, double x) {
    return std::isnan(so) || so <= x ? so : x;
  }
  static int64_t integers(int64_t so, int64_t x) { return std::min(so, x); }
  static double first() { return std::numeric_limits<double>::infinity(); }
  static int64_t firstInteger(Type element) { return largestOf(element); }
};
} // namespace

template <typename Op, typename Formula>
static LogicalResult reduce(Op op, Inputs inputs, Results results) {
  const Tensor &input = *inputs[0];
  Tensor &result = results[0];
  std::fill(result.floats.begin(), result.floats.end(), Formula::first());
  std::fill(result.integers.begin(), result.integers.end(),
            Formula::firstInteger(result.type.getElementType()));
  forEachTerm(op, input, [&](int64_t to, int64_t from) {
    if (result.isFloat())
      result.floats[to] =
          Formula::floats(result.floats[to], input.floats[from]);
    else
      result.integers[to] =
          Formula::integers(result.integers[to], input.integers[from]);
  });
  return success();
}

static LogicalResult reduceMean(ReduceMeanOp op, Inputs inputs,
                                Results results) {
  if (failed(reduce<ReduceMeanOp, Sum>(op, inputs, results)))
    return failure();
  int64_t count = 1;
  for (int64_t axis : op.getAxes())
    count *= inputs[0]->shape()[axis];
  for (double &value : results[0].floats)
    value /= static_cast<double>(count);
  for (int64_t &value : results[0].integers)
    value = count == 0 ? 0 : value / count;
  return success();
}

void mpc::reference::attachReductionModels(MLIRContext *context) {
  attach<ReduceSumOp, reduce<ReduceSumOp, Sum>>(context);
  attach<ReduceMeanOp, reduceMean>(context);
  attach<ReduceMaxOp, reduce<ReduceMaxOp, Largest>>(context);
  attach<ReduceMinOp, reduce<ReduceMinOp, Smallest>>(context);
  attach<ReduceProdOp, reduce<ReduceProdOp, Product>>(context);
}
