#include "test/lowering/gpu/CompareTargets.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace mpc;
using namespace mpc::test;

std::vector<Tensor> mpc::test::randomInputs(const KernelSource &kernel) {
  std::vector<Tensor> inputs;
  for (const std::string &type : kernel.inputs)
    inputs.push_back(randomTensor(type, uint32_t(inputs.size() + 1)));
  return inputs;
}

std::vector<Tensor> mpc::test::wholeInputs(const KernelSource &kernel) {
  std::vector<Tensor> inputs = randomInputs(kernel);
  for (Tensor &input : inputs)
    for (double &value : input.values)
      value = std::round(3 * value);
  return inputs;
}

void mpc::test::expectSame(const GpuEmitter &emitter, Target target,
                           const KernelSource &kernel,
                           const std::vector<Tensor> &inputs) {
  SCOPED_TRACE(kernel.body);
  GpuRunner gpu(emitter, target, kernel);
  ASSERT_TRUE(gpu.suits());
  KernelRunner cpu(kernel.root, kernel.inputs, kernel.body, kernel.results);
  std::vector<Tensor> expected = cpu.run(inputs), got = gpu.run(inputs);
  ASSERT_EQ(got.size(), expected.size()) << "threads wait for ever";
  for (size_t i = 0; i < got.size(); ++i)
    for (size_t j = 0; j < got[i].values.size(); ++j)
      ASSERT_EQ(got[i].values[j], expected[i].values[j])
          << "element " << j << " of result " << i;
}
