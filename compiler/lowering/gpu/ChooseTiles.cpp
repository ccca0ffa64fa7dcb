#include "compiler/lowering/Passes.h"
#include "compiler/lowering/gpu/ProductTiles.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include <map>

namespace mpc {
#define GEN_PASS_DEF_CHOOSETILESPASS
#include "compiler/lowering/Passes.h.inc"
} // namespace mpc

using namespace mlir;
using namespace mpc;

namespace {
class ChooseTiles : public mpc::impl::ChooseTilesPassBase<ChooseTiles> {
public:
  using ChooseTilesPassBase::ChooseTilesPassBase;

  void runOnOperation() override {
    std::map<ProductShape, WgmmaTile> table;
    for (const std::string &entry : tiles)
      if (failed(read(entry, table)))
        return signalPassFailure();
    Target target = targetOf(getOperation());
    if (!target.isHopper() || table.empty())
      return;
    getOperation().walk([&](KernelOp kernel) {
      std::optional<ProductShape> product = tiledProduct(kernel, target);
      auto found = product ? table.find(*product) : table.end();
      if (found == table.end())
        return;
      const WgmmaTile &tile = found->second;
      kernel->setAttr(tileAttrName,
                      DenseI64ArrayAttr::get(
                          &getContext(), {tile.rows, tile.columns, tile.stages,
                                          tile.sharing, tile.parts}));
    });
  }

private:
  LogicalResult read(StringRef entry,
                     std::map<ProductShape, WgmmaTile> &table) {
    auto [shape, form] = entry.split('=');
    std::optional<ProductShape> product = ProductShape::parse(shape);
    std::optional<WgmmaTile> tile = parseTile(form);
    if (!product || !tile)
      return getOperation().emitError() << "'" << entry
                                        << "' is no product and tile, such as "
                                           "1x512x1024x784:NT:f16=128x64x3x1x2";
    if (std::optional<std::string> fault = tile->fault(product->k))
      return getOperation().emitError()
             << "tile " << form << " of product " << shape << ": " << *fault;
    table[*product] = *tile;
    return success();
  }
};
} // namespace
