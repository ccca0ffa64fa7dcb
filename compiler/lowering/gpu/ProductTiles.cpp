#include "compiler/lowering/gpu/ProductTiles.h"
#include "compiler/lowering/emit/GemmProblem.h"
#include "compiler/lowering/emit/gpu/GpuEmitters.h"
#include "compiler/lowering/gpu/GpuEmitter.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mpc;

// As many numbers as there are, between `x`.
static bool parseNumbers(StringRef text, MutableArrayRef<int64_t> numbers) {
  SmallVector<StringRef> parts;
  text.split(parts, 'x');
  if (parts.size() != numbers.size())
    return false;
  for (auto [part, number] : llvm::zip(parts, numbers))
    if (part.getAsInteger(10, number) || number < 1)
      return false;
  return true;
}

std::string ProductShape::text() const {
  return llvm::join(
             llvm::map_range(ArrayRef<int64_t>{batches, m, n, k},
                             [](int64_t i) { return std::to_string(i); }),
             "x") +
         ":" + (transA ? "T" : "N") + (transB ? "T" : "N") + ":" + type;
}

std::optional<ProductShape> ProductShape::parse(StringRef text) {
  auto [extents, rest] = text.split(':');
  auto [letters, type] = rest.split(':');
  int64_t numbers[4];
  bool isRight = parseNumbers(extents, numbers) && letters.size() == 2 &&
                 letters.find_first_not_of("NT") == StringRef::npos &&
                 (type == "f16" || type == "bf16");
  if (!isRight)
    return std::nullopt;
  return ProductShape{numbers[0], numbers[1],        numbers[2],
                      numbers[3], letters[0] == 'T', letters[1] == 'T',
                      type.str()};
}

std::optional<ProductShape> mpc::tiledProduct(KernelOp kernel, Target target) {
  const GpuEmitter *emitter = findGpuEmitter(kernel, target);
  if (emitter != &wgmmaGemmEmitter && emitter != &wgmmaBatchMatmulEmitter)
    return std::nullopt;
  GemmProblem p(kernel.getRootOp());
  bool isF16 = getElementTypeOrSelf(p.a.getType()).isF16();
  return ProductShape{
      p.batches, p.m, p.n, p.k, p.transA, p.transB, isF16 ? "f16" : "bf16"};
}

std::string mpc::tileText(const WgmmaTile &tile) {
  int64_t numbers[] = {tile.rows, tile.columns, tile.stages, tile.sharing,
                       tile.parts};
  return llvm::join(
      llvm::map_range(numbers, [](int64_t i) { return std::to_string(i); }),
      "x");
}

std::optional<WgmmaTile> mpc::parseTile(StringRef text) {
  int64_t numbers[5];
  if (!parseNumbers(text, numbers))
    return std::nullopt;
  return WgmmaTile{numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]};
}
