// The sample program, of which libraries compute a part.
#ifndef MPC_TEST_UNIT_CUDA_LIBRARYTEST_H
#define MPC_TEST_UNIT_CUDA_LIBRARYTEST_H

#include "test/unit/cuda/CudaTest.h"
#include "test/unit/cuda/fake/FakeCublasLt.h"
#include "test/unit/cuda/fake/FakeCudnn.h"

#include <vector>

namespace mpcrt::test {

class LibraryTest : public CudaTest {
protected:
  ~LibraryTest() override {
    fakecublaslt::fail(fakecublaslt::Fault::None);
    fakecudnn::fail(fakecudnn::Fault::None);
    EXPECT_EQ(fakecublaslt::alive(), 0);
    EXPECT_EQ(fakecudnn::alive(), 0);
  }

  /// The sample program whose forward is what `form` makes of its input and a
  /// state, with the first elements of the state as bias.
  template <typename Form>
  static Manifest withForward(const Form &form, bool bias) {
    Manifest manifest = gpuManifest();
    LibraryCall call;
    call.form = form;
    call.type = call.resultType = DType::F32;
    call.b = 1;
    call.bias = bias ? 1 : -1;
    call.result = 2;
    manifest.targets[0].forward[0].library = call;
    return manifest;
  }

  /// cuBLASLt's in place of the first launch of a step.
  static LibraryCall &addProduct(Manifest &manifest) {
    LibraryCall call;
    call.type = call.resultType = DType::F32;
    call.b = 1;
    call.result = 2;
    return manifest.targets[0].trainStep[0].library.emplace(call);
  }

  static mpcrt_device_info deviceOf(const Opened &program) {
    mpcrt_device_info info = {};
    EXPECT_EQ(mpcrt_device(program, &info), MPCRT_OK) << program.error();
    return info;
  }

  static std::vector<float> input() {
    std::vector<float> input(elements);
    for (size_t i = 0; i < input.size(); ++i)
      input[i] = float(i % 11) - 5;
    return input;
  }

  static std::vector<float> forward(const Opened &program) {
    const std::vector<float> given = input();
    std::vector<float> output(elements);
    const void *inputs[] = {given.data()};
    void *outputs[] = {output.data()};
    EXPECT_EQ(mpcrt_eval(program, inputs, outputs), MPCRT_OK);
    return output;
  }
};

} // namespace mpcrt::test

#endif // MPC_TEST_UNIT_CUDA_LIBRARYTEST_H
