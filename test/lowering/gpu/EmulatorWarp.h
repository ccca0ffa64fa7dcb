// Inside of the emulator: what its instructions know of the thread that they
// run in, and those of products of one warp.
#ifndef MPC_TEST_LOWERING_GPU_EMULATORWARP_H
#define MPC_TEST_LOWERING_GPU_EMULATORWARP_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include <cstdint>

namespace mpc::test {

/// The thread that runs, counted in its block.
int currentThread();
/// All lanes of a warp execute `action` together, once, with all their
/// operands.
void togetherInWarp(void *in, void *out,
                    llvm::function_ref<void(void **in, void **out)> action);
/// What a pattern of f16 or bf16 stands for.
float narrow(uint16_t pattern, bool bf16);

/// Forgets all copies; a block begins.
void resetCopies(int threads);

extern "C" {
/// Copies are done when somebody waits for them, so that a missing wait shows.
void emu_copy_chunk(char *to, const char *from, int32_t bytes, int32_t read);
void emu_end_copies();
void emu_wait_copies(int32_t unfinished);
/// out: four i32.
void emu_ldmatrix(void *row, int32_t transposed, uint32_t *out);
/// Operands: four i32 of A, two of B. Adds to four sums.
void emu_mma(uint32_t *operands, float *sums, int32_t bf16);
}

} // namespace mpc::test

#endif
