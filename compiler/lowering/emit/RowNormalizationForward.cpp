// layer_normalization and rms_normalization.
#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/RowNormalization.h"

using namespace mlir;
using namespace mpc;

namespace {
struct Emit : NormRows {
  using NormRows::NormRows;

  void run() {
    AxisLoops loops(k, norm.rows(), norm.rowOperands());
    loops.forRows([&](ArrayRef<Values> rows) {
      auto input = [&](size_t row, ValueRange at, int64_t lanes) {
        return loops.loadHeld(int64_t(row), inRow(rows[row], at), lanes);
      };
      auto ofEachRow = [&](auto term) {
        return [&, term](ValueRange at, int64_t lanes) {
          SmallVector<Term> terms;
          for (size_t row = 0; row < rows.size(); ++row)
            terms.push_back(term(row, at, lanes));
          return terms;
        };
      };
      Values center;
      if (norm.mean)
        center = meansOfBlock(
            loops, rows[0], rows.size(),
            ofEachRow([&](size_t row, ValueRange at, int64_t lanes) -> Term {
              return {input(row, at, lanes), {}};
            }));
      auto centered = [&](size_t row, ValueRange at, int64_t lanes) {
        Value x = input(row, at, lanes);
        return norm.mean ? sub(x, spread(center[row], lanes)) : x;
      };
      auto squares = ofEachRow([&](size_t row, ValueRange at, int64_t lanes) {
        Value x = centered(row, at, lanes);
        return Term{x, x};
      });
      SmallVector<Statistics> all =
          statistics(loops, rows[0], rows.size(), center, squares);
      if (norm.mean)
        center = ofRows(rows, [&](size_t row) { return all[row].mean; });
      loops.forElements(rows[0], 1, [&](ValueRange at, int64_t lanes) {
        Values results = ofRows(rows, [&](size_t row) {
          return mul(centered(row, at, lanes), spread(all[row].inverse, lanes));
        });
        Value scale, bias;
        if (norm.scale)
          scale = loadVector(norm.scale, at, lanes);
        if (norm.bias)
          bias = loadVector(norm.bias, at, lanes);
        for (Value &y : results) {
          if (scale && bias)
            y = fma(y, scale, bias);
          else if (scale)
            y = mul(y, scale);
          else if (bias)
            y = add(y, bias);
        }
        store(rows, results, at, lanes);
      });
      k.once([&] {
        for (auto [row, kept] : llvm::enumerate(rows)) {
          SmallVector<std::pair<Value, Value>> results{
              {norm.inverse, all[row].inverse}};
          if (norm.mean)
            results.push_back({norm.mean, all[row].mean});
          k.store(results, loops.keptDims(kept));
        }
      });
    });
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  return {Norm(kernel.getRootOp()).rows().tiles()};
}

static TeamShape teamOf(KernelOp kernel, int64_t) {
  return Norm(kernel.getRootOp()).team();
}

// A team that sums a row twice, first for its mean, waits twice for all of its
// threads: fewer of them, each with twice as much in its registers, and more
// teams instead.
static TeamShape layerTeam(KernelOp kernel, int64_t phase) {
  TeamShape team = teamOf(kernel, phase);
  int64_t length = Norm(kernel.getRootOp()).rows().length();
  if (team.size >= 128 && team.heldBytes == 0 && length <= 16 * team.size &&
      length % (4 * team.size) == 0)
    team.size /= 2;
  return team;
}

static LogicalResult emitNorm(TileKernel &k) {
  Emit(k).run();
  return success();
}

const TileEmitter mpc::layerNormalizationEmitter = {
    "mpc.layer_normalization", tilesOf, nullptr, emitNorm, layerTeam};
const TileEmitter mpc::rmsNormalizationEmitter = {
    "mpc.rms_normalization", tilesOf, nullptr, emitNorm, teamOf};
