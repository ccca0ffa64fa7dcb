#include "compiler/dialect/Dialect.h"
#include "passes/cast/Passes.h"

namespace mpc {
#define GEN_PASS_DEF_FOLDCASTPAIRSPASS
#include "passes/cast/Passes.h.inc"
} // namespace mpc

using namespace mlir;
using namespace mpc;

// Whether `wide` holds every number of `narrow` exactly.
static bool holdsExactly(FloatType wide, FloatType narrow) {
  const llvm::fltSemantics &from = narrow.getFloatSemantics();
  const llvm::fltSemantics &to = wide.getFloatSemantics();
  return APFloat::isRepresentableBy(from, to);
}

// cast(cast(x : T -> W) : W -> T) is x, given that W holds every T exactly.
// Returns x, or null if `narrow` is not such a cast.
static Value foldedPair(CastOp narrow) {
  auto widen = narrow.getInput().getDefiningOp<CastOp>();
  if (!widen || narrow.getUser() ||
      widen.getInput().getType() != narrow.getType())
    return {};
  auto wide = cast<FloatType>(elementTypeOf(widen.getResult()));
  auto start = cast<FloatType>(elementTypeOf(widen.getInput()));
  return holdsExactly(wide, start) ? widen.getInput() : Value();
}

namespace {
struct FoldCastPairs : mpc::impl::FoldCastPairsPassBase<FoldCastPairs> {
  void runOnOperation() override {
    SmallVector<CastOp> casts;
    getOperation()->walk([&](CastOp op) { casts.push_back(op); });
    for (CastOp narrow : casts) {
      Value start = foldedPair(narrow);
      if (!start)
        continue;
      narrow.getResult().replaceAllUsesWith(start);
    }
    // Consumers stand behind producers, so a pair dies back to front.
    for (CastOp op : llvm::reverse(casts))
      if (op.use_empty() && !op.getUser())
        op.erase();
  }
};
} // namespace
