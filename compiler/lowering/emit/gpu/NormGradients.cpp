// layer_normalization_grad and rms_normalization_grad for GPUs: the gradients
// of scale and bias are sums of columns. Phase 0 is that of
// RowNormalizationGrad.cpp.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/RowNormalization.h"
#include "compiler/lowering/emit/Rows.h"
#include "compiler/lowering/emit/gpu/ColumnParts.h"
#include "compiler/lowering/emit/gpu/GpuEmitters.h"

using namespace mlir;
using namespace mpc;

static Columns columnsOf(KernelOp kernel) {
  Norm norm(kernel.getRootOp());
  return {Shape(shapeOf(norm.input)),
          norm.axis,
          accessLanes(kernel),
          {readBits(norm.gradient), readBits(norm.input)},
          norm.biasGradient ? 2 : 1};
}

namespace {
class NormGradients : public ColumnParts {
public:
  NormGradients(TileKernel &kernel, const Columns &columns, size_t phase)
      : ColumnParts(kernel, columns, phase), norm(kernel.root) {}

private:
  Norm norm;

  ArrayRef<int64_t> rowShape() const {
    return shapeOf(norm.input).drop_front(size_t(norm.axis));
  }

  // The gradient, x, 1 / deviation and, if there is one, the mean.
  Values load(Value row, Value column, int64_t lanes) override {
    Values at =
        indicesOf(b, row, shapeOf(norm.input).take_front(size_t(norm.axis)));
    Values ofRow = at;
    ofRow.resize(shapeOf(norm.input).size(), b.index(0));
    llvm::append_range(at, indicesOf(b, column, rowShape()));
    Values loaded = {k.load(norm.gradient, at, lanes),
                     k.load(norm.input, at, lanes),
                     k.load(norm.inverse, ofRow)};
    if (norm.mean)
      loaded.push_back(k.load(norm.mean, ofRow));
    return loaded;
  }

  Values terms(ValueRange loaded) override {
    Value gradient = loaded[0], x = loaded[1];
    auto spread = [&](Value ofRow) {
      return broadcastLanes(b, k.loc, ofRow, lanesOf(x));
    };
    if (norm.mean)
      x = arith::SubFOp::create(b, x, spread(loaded[3]));
    x = arith::MulFOp::create(b, x, spread(loaded[2]));
    Values terms = {arith::MulFOp::create(b, gradient, x)};
    if (norm.biasGradient)
      terms.push_back(gradient);
    return terms;
  }

  void store(Value column, ValueRange totals) override {
    Values at = indicesOf(b, column, rowShape());
    k.store({{norm.scaleGradient, totals[0]}}, at);
    if (norm.biasGradient)
      k.store({{norm.biasGradient, totals[1]}}, at);
  }
};
} // namespace

// Phase 0 of both ops.
static const TileEmitter &rows = layerNormalizationGradEmitter;

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  SmallVector<int64_t> tiles = {rows.tiles(kernel)[0]};
  for (const ColumnStrips &strips : stripsOf(columnsOf(kernel)))
    tiles.push_back(strips.tiles());
  return tiles;
}

static TeamShape teamOf(KernelOp kernel, int64_t phase) {
  if (phase == 0)
    return rows.team(kernel, phase);
  return stripsOf(columnsOf(kernel))[size_t(phase - 1)].team();
}

static LogicalResult emitGradients(TileKernel &k) {
  if (k.phase == 0)
    return rows.emit(k);
  NormGradients(k, columnsOf(k.kernel), size_t(k.phase - 1)).run();
  return success();
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel) {
  return partSums(kernel, columnsOf(kernel));
}

const TileEmitter mpc::layerNormGradientsEmitter = {
    "mpc.layer_normalization_grad", tilesOf, workspacesOf, emitGradients,
    teamOf};
const TileEmitter mpc::rmsNormGradientsEmitter = {
    "mpc.rms_normalization_grad", tilesOf, workspacesOf, emitGradients, teamOf};
