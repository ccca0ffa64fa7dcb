// Every op as the CPU executes it, scheduled, planned and lowered as a training
// program is, against the reference.
#include "test/lowering/ProgramRunner.h"
#include "test/numerics/Instances.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;
using namespace mpc::test;

// The bytes of a tensor in memory: little-endian numbers, i1 as a byte.
static size_t bytesPerElement(const Tensor &tensor) {
  return (tensor.type.getElementTypeBitWidth() + 7) / 8;
}

static Bytes encode(const Tensor &tensor) {
  size_t width = bytesPerElement(tensor);
  Bytes bytes(static_cast<size_t>(tensor.size()) * width);
  for (size_t i = 0; i < static_cast<size_t>(tensor.size()); ++i) {
    int64_t pattern =
        tensor.isFloat()
            ? formats::roundToFormat(tensor.floats[i],
                                     formatOf(tensor.type.getElementType()))
            : tensor.integers[i];
    std::memcpy(&bytes[i * width], &pattern, width);
  }
  return bytes;
}

static Tensor decode(const Bytes &bytes, RankedTensorType type) {
  Tensor tensor(type);
  size_t width = bytesPerElement(tensor);
  for (size_t i = 0; i < static_cast<size_t>(tensor.size()); ++i) {
    int64_t pattern = 0;
    std::memcpy(&pattern, &bytes[i * width], width);
    if (tensor.isFloat())
      tensor.floats[i] =
          formats::toDouble(pattern, formatOf(type.getElementType()));
    else
      tensor.integers[i] = wrapInteger(pattern, type.getElementType());
  }
  return tensor;
}

class Compiled : public testing::TestWithParam<std::string> {};

// What the compiled function gives, and whether it gives the same bits with
// each tile in a call of its own, last tile first.
static SmallVector<Tensor> runCompiled(ProgramRunner &runner,
                                       func::FuncOp function,
                                       const Tensors &arguments) {
  std::vector<Bytes> inputs;
  for (const Tensor &argument : arguments)
    inputs.push_back(encode(argument));
  std::string name = function.getSymName().str();
  std::vector<Bytes> outputs = runner.run(name, inputs);
  EXPECT_EQ(outputs, runner.run(name, inputs, /*splitTiles=*/true));
  SmallVector<Tensor> results;
  for (auto [bytes, type] : llvm::zip(outputs, function.getResultTypes()))
    results.push_back(decode(bytes, cast<RankedTensorType>(type)));
  return results;
}

TEST_P(Compiled, AgreesWithTheReference) {
  Instances instances(GetParam());
  instances.forEach([&](func::FuncOp function, const Case &c) {
    std::string text;
    llvm::raw_string_ostream(text) << function;
    SCOPED_TRACE(text);
    ProgramRunner runner(text);
    if (!runner.ok())
      return;
    for (const Tensors &arguments : Instances::arguments(function, c)) {
      Expectation expected(function, arguments);
      EXPECT_EQ(expected.check(runCompiled(runner, function, arguments)), "");
    }
  });
}

INSTANTIATE_TEST_SUITE_P(Ops, Compiled, testing::ValuesIn(testedOps()),
                         [](const auto &info) { return info.param; });
