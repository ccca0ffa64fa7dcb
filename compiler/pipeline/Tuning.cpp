#include "compiler/pipeline/Tuning.h"
#include "compiler/analysis/PrecisionReport.h"
#include "compiler/lowering/gpu/ProductTiles.h"
#include "compiler/pipeline/Emit.h"
#include "compiler/pipeline/Session.h"
#include "nlohmann/json.hpp"
#include <cassert>

using namespace mlir;
using namespace mpc;

static constexpr const char *tunedTarget = "sm_90a";

Tuning::Tuning(const CompileOptions &given)
    : options(given), session(std::make_unique<Session>(options)) {
  options.targets = {tunedTarget};
}

Tuning::~Tuning() = default;

int Tuning::prepare() {
  if (int code = session->import())
    return code;
  int code = session->runTo("cast");
  if (code == 0)
    report = precisionReport(session->module()).dump();
  return code;
}

int Tuning::compile(const std::map<std::string, std::string> &tiles,
                    const std::string &path) {
  options.output = path;
  options.tiles.clear();
  for (const auto &[product, tile] : tiles)
    options.tiles.push_back(product + "=" + tile);
  int code = 0;
  OwningOpRef<ModuleOp> lowered = session->runFor(tunedTarget, "lower", code);
  if (code)
    return code;
  found.clear();
  Target target = targetOf(*lowered);
  lowered->walk([&](KernelOp kernel) {
    std::optional<ProductShape> product = tiledProduct(kernel, target);
    if (!product || !kernel.getEntries())
      return;
    for (auto entry : kernel.getEntriesAttr().getAsRange<SymbolRefAttr>())
      found[entry.getLeafReference().str()] = product->text();
  });
  return emit(*lowered, options, report);
}

std::vector<std::string> Tuning::candidates(const std::string &product,
                                            size_t count) {
  std::optional<ProductShape> p = ProductShape::parse(product);
  assert(p && "products come from kernels");
  std::vector<std::string> texts = {
      tileText(chooseWgmmaTile(p->batches, p->m, p->n, p->k))};
  for (const WgmmaTile &tile :
       rankWgmmaTiles(p->batches, p->m, p->n, p->k, count))
    if (std::string text = tileText(tile);
        texts.size() < count && text != texts.front())
      texts.push_back(text);
  return texts;
}
