// The edges of a graph, by the driver and by what kernels say of themselves.
#include "runtime/src/cuda/Recorder.h"
#include "test/unit/cuda/CudaTest.h"

using namespace mpcrt;
using namespace mpcrt::cuda;
using namespace mpcrt::test;

namespace {
class CudaEdges : public CudaTest {
protected:
  CudaEdges() {
    Result<std::shared_ptr<const Driver>> loaded = Driver::load();
    driver = *loaded;
    fakecuda::enter(0);
  }
  ~CudaEdges() override { fakecuda::leave(); }

  /// Records a step of the sample program; how often edges were added to a node
  /// that was there.
  int earlyEdgesOf(const Driver &used, bool waits) {
    Manifest manifest = gpuManifest();
    Target &target = manifest.targets[0];
    for (Kernel &kernel : target.kernels)
      kernel.waits = waits;
    DeviceLayout layout =
        *layOut(manifest, target, [](const std::string &) { return 0; });
    Result<Recorder> recorder =
        Recorder::create(used, manifest, target, nullptr, 0, "a GPU");
    fakecuda::reset();
    Result<GraphExec> graph =
        recorder->record(target.trainStep, layout, {0, 0, 0}, nullptr);
    EXPECT_TRUE(graph.ok());
    EXPECT_EQ(callsOf("cuGraphAddKernelNode_v2"), int(target.trainStep.size()));
    return callsOf("cuGraphAddDependencies_v2");
  }

  std::shared_ptr<const Driver> driver;
};
} // namespace

// All but the first of the sample's four wait for another one.
TEST_F(CudaEdges, LeadEarlyToKernelsThatWait) {
  EXPECT_EQ(earlyEdgesOf(*driver, true), 3);
}

TEST_F(CudaEdges, AreWholeToOtherKernels) {
  EXPECT_EQ(earlyEdgesOf(*driver, false), 0);
}

TEST_F(CudaEdges, AreWholeWithADriverOfBefore) {
  Driver old = *driver;
  old.graphAddDependencies = nullptr;
  EXPECT_EQ(earlyEdgesOf(old, true), 0);
}

TEST_F(CudaEdges, ThatTheDriverRefusesFailWithItsWords) {
  fail("cuGraphAddDependencies_v2", 2);
  Manifest manifest = gpuManifest();
  for (Kernel &kernel : manifest.targets[0].kernels)
    kernel.waits = true;
  Opened program(manifest);
  EXPECT_EQ(program.code(), MPCRT_OUT_OF_MEMORY);
  EXPECT_PRED2(contains, program.error(), "cannot order kernels");
}

TEST_F(CudaEdges, ThatLeadEarlyGiveWhatTheCpuGives) {
  Manifest manifest = gpuManifest();
  for (Kernel &kernel : manifest.targets[0].kernels)
    kernel.waits = true;
  Opened gpu(manifest), cpu;
  ASSERT_EQ(gpu.code(), MPCRT_OK) << gpu.error();
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(gpu.step(i).loss, cpu.step(i).loss);
  EXPECT_EQ(gpu.digest(), cpu.digest());
}
