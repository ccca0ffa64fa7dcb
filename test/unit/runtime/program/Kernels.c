#include "test/unit/runtime/program/Kernels.h"

#ifdef __NVPTX__
#define IMAGE static
#else
// A section whose name is a C identifier gets its bounds from the linker.
#define IMAGE __attribute__((section("mpc_test_image"), noinline))
#endif

IMAGE void kernelGradient(void *const *buffers, int64_t first, int64_t end) {
  const float *x = buffers[0], *w = buffers[1];
  float *g = buffers[2];
  for (int64_t i = first * tileElements; i < end * tileElements; ++i)
    g[i] = x[i] * w[i];
}

IMAGE void kernelCheck(void *const *buffers, int64_t first, int64_t end) {
  const float *g = buffers[0];
  int64_t *finite = buffers[1], *count = buffers[2];
  const int64_t *elements = buffers[3];
  (void)first;
  (void)end;
  *count = 0;
  for (int64_t i = 0; i < *elements; ++i)
    if (g[i] - g[i] != g[i] - g[i]) // NaN only if g[i] is not finite
      *count += 1;
  *finite = *count == 0;
}

IMAGE void kernelCommit(void *const *buffers, int64_t first, int64_t end) {
  float *w = buffers[0], *twice = buffers[4];
  const float *g = buffers[1], *lr = buffers[2];
  const int64_t *finite = buffers[3];
  if (!*finite)
    return;
  for (int64_t i = first * tileElements; i < end * tileElements; ++i) {
    w[i] = w[i] - *lr * g[i];
    twice[i] = w[i] + w[i];
  }
}

IMAGE void kernelFinish(void *const *buffers, int64_t first, int64_t end) {
  const int64_t *finite = buffers[0], *count = buffers[6];
  int64_t *applied = buffers[1], *skipped = buffers[2], *status = buffers[7];
  float *scale = buffers[3], *floats = (float *)(status + 4);
  const float *lr = buffers[4], *half = buffers[5];
  (void)first;
  (void)end;
  floats[0] = *lr + *lr;
  floats[1] = *scale;
  if (*finite) {
    *applied += 1;
  } else {
    *skipped += 1;
    *scale = *scale * *half;
  }
  status[0] = *finite;
  status[1] = *applied;
  status[2] = *skipped;
  status[3] = *count;
  floats[2] = *scale;
  floats[3] = *half;
  floats[4] = *lr;
}

IMAGE void kernelForward(void *const *buffers, int64_t first, int64_t end) {
  const float *x = buffers[0], *twice = buffers[1];
  float *out = buffers[2];
  for (int64_t i = first * tileElements; i < end * tileElements; ++i)
    out[i] = x[i] * twice[i];
}

IMAGE void kernelDerive(void *const *buffers, int64_t first, int64_t end) {
  const float *w = buffers[0];
  float *twice = buffers[1];
  for (int64_t i = first * tileElements; i < end * tileElements; ++i)
    twice[i] = w[i] + w[i];
}

#ifdef __NVPTX__
// The same for a GPU: blocks of one thread, a tile each.
#define KERNEL __attribute__((device_kernel)) void
#define RUN(kernel, ...)                                                       \
  void *const buffers[] = {__VA_ARGS__};                                       \
  const int64_t tile = __nvvm_read_ptx_sreg_ctaid_x();                         \
  kernel(buffers, tile, tile + 1)

KERNEL gradient(void *x, void *w, void *g) { RUN(kernelGradient, x, w, g); }
KERNEL check(void *g, void *finite, void *count, void *elements) {
  RUN(kernelCheck, g, finite, count, elements);
}
KERNEL commit(void *w, void *g, void *lr, void *finite, void *twice) {
  RUN(kernelCommit, w, g, lr, finite, twice);
}
KERNEL finish(void *finite, void *applied, void *skipped, void *scale, void *lr,
              void *half, void *count, void *status) {
  RUN(kernelFinish, finite, applied, skipped, scale, lr, half, count, status);
}
KERNEL forward(void *x, void *twice, void *out) {
  RUN(kernelForward, x, twice, out);
}
KERNEL derive(void *w, void *twice) { RUN(kernelDerive, w, twice); }
#endif
