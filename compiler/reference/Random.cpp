#include "compiler/reference/Models.h"
#include "compiler/reference/Philox.h"
#include <cmath>

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;

PhiloxWords mpc::reference::philox4x32(PhiloxWords counter,
                                       std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    uint64_t first = uint64_t(0xD2511F53) * counter[0];
    uint64_t second = uint64_t(0xCD9E8D57) * counter[2];
    counter = {uint32_t(second >> 32) ^ counter[1] ^ key[0], uint32_t(second),
               uint32_t(first >> 32) ^ counter[3] ^ key[1], uint32_t(first)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

// Clears or scales the elements of `input`.
template <typename Op>
static void drop(Op op, const Tensor &input, uint64_t counter, Tensor &result) {
  double ratio = op.getRatio().convertToFloat();
  auto threshold = uint64_t(std::nearbyint(std::ldexp(ratio, 32)));
  double factor = static_cast<float>(1 / (1 - ratio));
  uint64_t seed = op.getSeed();
  for (int64_t i = 0; i < input.size(); ++i) {
    uint64_t block = uint64_t(i) / 4;
    PhiloxWords words = philox4x32({uint32_t(block), uint32_t(block >> 32),
                                    uint32_t(counter), uint32_t(counter >> 32)},
                                   {uint32_t(seed), uint32_t(seed >> 32)});
    result.floats[i] =
        words[size_t(i % 4)] >= threshold ? input.floats[i] * factor : 0.0;
  }
}

static LogicalResult dropout(DropoutOp op, Inputs inputs, Results results) {
  int64_t counter = inputs[1]->integer();
  drop(op, *inputs[0], uint64_t(counter), results[0]);
  results[1].integers[0] = int64_t(uint64_t(counter) + 1);
  return success();
}

static LogicalResult dropoutGrad(DropoutGradOp op, Inputs inputs,
                                 Results results) {
  drop(op, *inputs[0], uint64_t(inputs[1]->integer()), results[0]);
  return success();
}

void mpc::reference::attachRandomModels(MLIRContext *context) {
  attach<DropoutOp, dropout>(context);
  attach<DropoutGradOp, dropoutGrad>(context);
}
