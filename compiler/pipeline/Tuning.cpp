#include "compiler/pipeline/Tuning.h"
#include "compiler/analysis/PrecisionReport.h"
#include "compiler/lowering/gpu/ProductTiles.h"
#include "compiler/pipeline/Emit.h"
#include "compiler/pipeline/Session.h"
#include "nlohmann/json.hpp"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mpc;

static constexpr const char *tunedTarget = "sm_90a";

Tuning::Tuning(const CompileOptions &given, size_t candidates)
    : options(given), candidates(candidates),
      session(std::make_unique<Session>(options)) {
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

// What there is to try is known after the first round.
bool Tuning::hasRound() const {
  return round == 0 || llvm::any_of(products, [&](const auto &product) {
           return round < product.second.tiles.size();
         });
}

// First the tile that the compiler chooses.
static std::vector<std::string> candidatesOf(const ProductShape &p,
                                             size_t count) {
  std::vector<std::string> texts = {
      tileText(chooseWgmmaTile(p.batches, p.m, p.n, p.k))};
  for (const WgmmaTile &tile : rankWgmmaTiles(p.batches, p.m, p.n, p.k, count))
    if (std::string text = tileText(tile);
        texts.size() < count && text != texts.front())
      texts.push_back(text);
  return texts;
}

int Tuning::compile(const std::string &path) {
  options.output = path;
  options.tiles.clear();
  for (const auto &[text, product] : products)
    if (round < product.tiles.size())
      options.tiles.push_back(text + "=" + product.tiles[round]);
  int code = 0;
  OwningOpRef<ModuleOp> lowered = session->runFor(tunedTarget, "lower", code);
  if (code)
    return code;
  functions.clear();
  Target target = targetOf(*lowered);
  lowered->walk([&](KernelOp kernel) {
    std::optional<ProductShape> product = tiledProduct(kernel, target);
    if (!product || !kernel.getEntries())
      return;
    Product &known = products[product->text()];
    if (known.tiles.empty())
      known.tiles = candidatesOf(*product, candidates);
    for (auto entry : kernel.getEntriesAttr().getAsRange<SymbolRefAttr>())
      functions[entry.getLeafReference().str()] = product->text();
  });
  if (products.empty()) {
    llvm::errs() << "error: '" << options.model
                 << "' has no product of f16 or bf16 matrices with rows of "
                    "whole 16 bytes, so no tile to choose; see mpc explain "
                    "for its types\n";
    return 4;
  }
  return emit(*lowered, options, report);
}

// A product's time is the mean of its launches.
void Tuning::take(const std::vector<std::pair<std::string, double>> &launches) {
  constexpr double margin = 0.01;
  std::map<std::string, std::pair<double, int>> sums;
  for (const auto &[function, seconds] : launches)
    if (auto found = functions.find(function); found != functions.end()) {
      auto &[sum, count] = sums[found->second];
      sum += seconds;
      ++count;
    }
  for (const auto &[text, all] : sums) {
    Product &product = products.at(text);
    KernelTableEntry &best = product.best;
    const double seconds = all.first / all.second;
    if (round == 0)
      best = {text, product.tiles[0], seconds, seconds};
    else if (round < product.tiles.size() && seconds < best.seconds &&
             seconds < best.chosenSeconds * (1 - margin))
      best = {text, product.tiles[round], seconds, best.chosenSeconds};
  }
  ++round;
}

KernelTable Tuning::table(const std::string &device) const {
  KernelTable table{device, {}};
  for (const auto &[text, product] : products)
    if (!product.best.product.empty())
      table.entries.push_back(product.best);
  return table;
}
