#include "test/gpu/GpuTest.h"

#include <set>

namespace mpcrt::test {

namespace {
const char kernels[] =
#include "Kernels.ptx.inc"
    ;

// The batch of a caller who makes it on the device.
const char fillText[] = R"ptx(
.version 7.0
.target sm_80
.address_size 64
.visible .entry fill(.param .u64 x, .param .u32 count, .param .u32 seed)
{
  .reg .pred %p;
  .reg .u32 %i, %n, %t, %s;
  .reg .f32 %f;
  .reg .u64 %a, %o;
  mov.u32 %i, %ctaid.x;
  mov.u32 %n, %ntid.x;
  mov.u32 %t, %tid.x;
  mad.lo.u32 %i, %i, %n, %t;
  ld.param.u32 %n, [count];
  setp.ge.u32 %p, %i, %n;
  @%p ret;
  ld.param.u32 %s, [seed];
  mad.lo.u32 %t, %i, 37, %s;
  rem.u32 %t, %t, 199;
  sub.s32 %t, %t, 99;
  cvt.rn.f32.s32 %f, %t;
  mul.rn.f32 %f, %f, 0f3C000000;
  ld.param.u64 %a, [x];
  cvta.to.global.u64 %a, %a;
  mul.wide.u32 %o, %i, 4;
  add.u64 %a, %a, %o;
  st.global.f32 [%a], %f;
  ret;
}
)ptx";
} // namespace

float sampleFloat(unsigned i, unsigned seed) {
  return float(int((i * 37 + seed) % 199) - 99) / 128;
}

void GpuTest::SetUp() {
  Result<std::shared_ptr<const cuda::Driver>> loaded = cuda::Driver::load();
  if (!loaded.ok())
    GTEST_SKIP() << "no GPU here: " << loaded.status().message();
  driver = *loaded;
  ASSERT_EQ(driver->primaryCtxRetain(&context, 0), 0);
  ASSERT_EQ(driver->ctxPushCurrent(context), 0);
  ASSERT_EQ(driver->streamCreate(&stream, cuda::STREAM_NON_BLOCKING), 0);
  ASSERT_EQ(driver->moduleLoadDataEx(&module, fillText, 0, nullptr, nullptr),
            0);
  ASSERT_EQ(driver->moduleGetFunction(&fill, module, "fill"), 0);
}

void GpuTest::TearDown() {
  if (!context)
    return;
  EXPECT_EQ(driver->moduleUnload(module), 0);
  EXPECT_EQ(driver->streamDestroy(stream), 0);
  EXPECT_EQ(driver->ctxPopCurrent(&context), 0);
  EXPECT_EQ(driver->primaryCtxRelease(0), 0);
}

Manifest GpuTest::manifest() {
  Manifest manifest = sampleManifest();
  manifest.targets = {gpuTarget("ptx")};
  return manifest;
}

const char *GpuTest::code() { return kernels; }

void GpuTest::fillOnDevice(cuda::CUdeviceptr x, unsigned count, unsigned seed) {
  constexpr unsigned threads = 128;
  void *parameters[] = {&x, &count, &seed};
  cuda::CUDA_KERNEL_NODE_PARAMS launch = {};
  launch.func = fill;
  launch.gridDimX = (count + threads - 1) / threads;
  launch.blockDimX = threads;
  launch.gridDimY = launch.gridDimZ = launch.blockDimY = launch.blockDimZ = 1;
  launch.kernelParams = parameters;
  cuda::CUgraph graph = nullptr;
  cuda::CUgraphNode node = nullptr;
  cuda::CUgraphExec executable = nullptr;
  EXPECT_EQ(driver->graphCreate(&graph, 0), 0);
  EXPECT_EQ(driver->graphAddKernelNode(&node, graph, nullptr, 0, &launch), 0);
  EXPECT_EQ(driver->graphInstantiate(&executable, graph, 0), 0);
  EXPECT_EQ(driver->graphLaunch(executable, stream), 0);
  EXPECT_EQ(driver->graphExecDestroy(executable), 0);
  EXPECT_EQ(driver->graphDestroy(graph), 0);
}

void expectCallsOfAStep(const std::map<std::string, int> &calls, int copies) {
  if (!counting::isActive())
    return;
  static const std::set<std::string> allowed = {
      "cuCtxPushCurrent_v2",  "cuCtxPopCurrent_v2",   "cuPointerGetAttributes",
      "cuMemcpyHtoDAsync_v2", "cuMemcpyDtoDAsync_v2", "cuEventRecord",
      "cuStreamWaitEvent",    "cuGraphLaunch"};
  int launches = 0, fromHost = 0;
  for (const auto &[name, count] : calls) {
    EXPECT_TRUE(allowed.contains(name)) << name << " in a step";
    launches += name == "cuGraphLaunch" ? count : 0;
    fromHost += name == "cuMemcpyHtoDAsync_v2" ? count : 0;
  }
  EXPECT_EQ(launches, 1);
  EXPECT_EQ(fromHost, copies);
}

} // namespace mpcrt::test
