// The fake machine that a test wants.
#ifndef MPC_TEST_UNIT_CUDA_CUDATEST_H
#define MPC_TEST_UNIT_CUDA_CUDATEST_H

#include "test/unit/cuda/fake/FakeCuda.h"
#include "test/unit/runtime/program/TestProgram.h"

#include <cstdlib>
#include <gtest/gtest.h>

namespace mpcrt::test {

/// Sets environment variables for one test, and looks at its end whether all
/// that was made was destroyed.
class CudaTest : public testing::Test {
protected:
  CudaTest() : before(fakecuda::alive()) { fakecuda::reset(); }
  ~CudaTest() override {
    for (const std::string &name : changed)
      unsetenv(name.c_str());
    for (const std::string &name : failing)
      fakecuda::fail(name, 0);
    EXPECT_EQ(fakecuda::alive(), before);
  }

  /// The machine that cuInit starts from now on.
  void machine(const char *variable, const std::string &value) {
    setenv(variable, value.c_str(), 1);
    changed.push_back(variable);
  }
  void fail(const std::string &function, int code) {
    fakecuda::fail(function, code);
    failing.push_back(function);
  }

private:
  int64_t before;
  std::vector<std::string> changed, failing;
};

/// The sample program for one kind of GPU.
inline Manifest gpuManifest(const std::string &target = "sm_90a") {
  Manifest manifest = sampleManifest();
  manifest.targets = {gpuTarget(target)};
  return manifest;
}

inline int callsOf(const std::string &function) {
  return fakecuda::calls()[function];
}

} // namespace mpcrt::test

#endif // MPC_TEST_UNIT_CUDA_CUDATEST_H
