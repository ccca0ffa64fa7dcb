// Kernels of the test program, compiled for this machine and copied into its
// artifact as an image.
#ifndef MPC_TEST_UNIT_RUNTIME_PROGRAM_KERNELS_H
#define MPC_TEST_UNIT_RUNTIME_PROGRAM_KERNELS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Elements per tile of the tiled kernels.
enum { tileElements = 64 };

#ifndef __NVPTX__
// buffers: x, w, g. g = x * w.
void kernelGradient(void *const *buffers, int64_t first, int64_t end);
// buffers: g, finite, count, count of elements. finite = all of g are.
void kernelCheck(void *const *buffers, int64_t first, int64_t end);
// buffers: w, g, lr, finite, twice. If finite: w -= lr * g; twice = 2 w.
void kernelCommit(void *const *buffers, int64_t first, int64_t end);
// buffers: finite, applied steps, skipped steps, loss scale, lr, one half,
// count, status.
void kernelFinish(void *const *buffers, int64_t first, int64_t end);
// buffers: x, twice, out. out = x * twice.
void kernelForward(void *const *buffers, int64_t first, int64_t end);
// buffers: w, twice. twice = 2 w.
void kernelDerive(void *const *buffers, int64_t first, int64_t end);

// Provided by the linker: where the section with the kernels lies.
extern const unsigned char __start_mpc_test_image[];
extern const unsigned char __stop_mpc_test_image[];
#endif

#ifdef __cplusplus
}
#endif

#endif // MPC_TEST_UNIT_RUNTIME_PROGRAM_KERNELS_H
