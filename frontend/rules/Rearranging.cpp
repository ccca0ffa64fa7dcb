// Operators that put the elements of a tensor in another order.
#include "frontend/OpTable.h"
#include "frontend/rules/Axes.h"
#include "frontend/rules/FlatIndices.h"

using namespace mlir;

namespace mpc::frontend {

// Reshapes, permutes and reshapes again.
static void rearrange(NodeImport &node, Value input, ArrayRef<int64_t> apart,
                      ArrayRef<int64_t> perm, ArrayRef<int64_t> result) {
  Value spread = reshaped(node, input, apart);
  Value moved = TransposeOp::create(node.builder, node.loc, spread, perm);
  node.setResult(0, reshaped(node, moved, result));
}

// The block size, if [N, C, H, W] can be divided by it.
static std::optional<int64_t> readBlock(NodeImport &node, Value input,
                                        bool fromDepth) {
  int64_t block = node.intAttribute("blocksize", 0);
  ArrayRef<int64_t> shape = shapeOf(input);
  bool fits = shape.size() == 4 && block > 0 && block < (int64_t(1) << 31);
  if (fits && fromDepth)
    fits = shape[1] % (block * block) == 0;
  else if (fits)
    fits = shape[2] % block == 0 && shape[3] % block == 0;
  if (fits)
    return block;
  (void)node.invalid("blocks of " + Twine(block) + " do not fit " +
                     shapeText(shape));
  return std::nullopt;
}

LogicalResult importDepthToSpace(NodeImport &node) {
  Value input = node.operand(0);
  auto block =
      input ? readBlock(node, input, /*fromDepth=*/true) : std::nullopt;
  if (!block)
    return failure();
  int64_t b = *block;
  std::string mode = node.textAttribute("mode", "DCR");
  if (mode != "DCR" && mode != "CRD")
    return node.invalid("has mode '" + mode + "'; expected DCR or CRD");
  ArrayRef<int64_t> s = shapeOf(input);
  int64_t depth = s[1] / (b * b);
  Shape result = {s[0], depth, s[2] * b, s[3] * b};
  if (mode == "DCR")
    rearrange(node, input, {s[0], b, b, depth, s[2], s[3]}, {0, 3, 4, 1, 5, 2},
              result);
  else
    rearrange(node, input, {s[0], depth, b, b, s[2], s[3]}, {0, 1, 4, 2, 5, 3},
              result);
  return success();
}

LogicalResult importSpaceToDepth(NodeImport &node) {
  Value input = node.operand(0);
  auto block =
      input ? readBlock(node, input, /*fromDepth=*/false) : std::nullopt;
  if (!block)
    return failure();
  int64_t b = *block;
  ArrayRef<int64_t> s = shapeOf(input);
  rearrange(node, input, {s[0], s[1], s[2] / b, b, s[3] / b, b},
            {0, 3, 5, 1, 2, 4}, {s[0], s[1] * b * b, s[2] / b, s[3] / b});
  return success();
}

// Time and batch are the first two dimensions, in either order.
LogicalResult importReverseSequence(NodeImport &node) {
  Value input = node.operand(0);
  auto lengths = readInts(node, "sequence_lens", 1, 0);
  if (!input || !lengths)
    return failure();
  ArrayRef<int64_t> shape = shapeOf(input);
  int64_t time = node.intAttribute("time_axis", 0);
  int64_t batch = node.intAttribute("batch_axis", 1);
  bool fits = shape.size() >= 2 && time + batch == 1 && time * batch == 0 &&
              static_cast<int64_t>(lengths->size()) == shape[batch] &&
              llvm::all_of(*lengths, [&](int64_t length) {
                return length >= 0 && length <= shape[time];
              });
  if (!fits)
    return node.invalid("lengths [" + shapeText(*lengths) + "] do not fit " +
                        shapeText(shape) + " with time_axis " + Twine(time));
  if (failed(checkTable(node, shape.take_front(2))))
    return failure();
  SmallVector<int64_t> rows;
  for (int64_t i = 0; i < shape[0]; ++i)
    for (int64_t j = 0; j < shape[1]; ++j) {
      int64_t t = time == 0 ? i : j, n = time == 0 ? j : i;
      int64_t from = t < (*lengths)[n] ? (*lengths)[n] - 1 - t : t;
      rows.push_back(time == 0 ? from * shape[1] + n : n * shape[1] + from);
    }
  Shape flat(shape.drop_front());
  flat[0] = shape[0] * shape[1];
  Value taken = takeAlong(node, reshaped(node, input, flat), 0, rows);
  node.setResult(0, reshaped(node, taken, shape));
  return success();
}

} // namespace mpc::frontend
