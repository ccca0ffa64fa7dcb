// Inside of the emulator: what its instructions know of the thread that they
// run in, and those that feed tensor cores and use them.
#ifndef MPC_TEST_LOWERING_GPU_EMULATORTHREADS_H
#define MPC_TEST_LOWERING_GPU_EMULATORTHREADS_H

#include "test/lowering/gpu/Emulator.h"

namespace mpc::test {

/// The thread that runs, counted in its cluster.
int currentThread();
/// Where `pointer` into this block's shared memory points to in block `rank` of
/// the cluster.
void *inBlock(void *pointer, int rank);
/// Others run until the condition holds.
void waitUntil(llvm::function_ref<bool()> condition);
/// Says that a condition may have changed.
void madeProgress();

inline constexpr int warpSize = 32, groupSize = 128;
/// All lanes of a warp (warpgroup), so many, execute `action` together, once,
/// with all their operands.
void together(int size, void *in, void *out,
              llvm::function_ref<void(void **in, void **out)> action);
/// What a pattern of f16 or bf16 stands for.
float narrow(uint16_t pattern, bool bf16);

/// A cluster begins: no copies, no mbarriers.
void resetCopies(int threads);
void resetPhases();

extern "C" {
/// Copies are done when somebody waits for them, so that a missing wait shows.
void emu_copy_chunk(char *to, const char *from, int32_t bytes, int32_t read);
void emu_end_copies();
void emu_wait_copies(int32_t unfinished);
/// out: four i32.
void emu_ldmatrix(void *row, int32_t transposed, uint32_t *out);
/// Operands: four i32 of A, two of B. Adds to four sums.
void emu_mma(uint32_t *operands, float *sums, int32_t bf16);

void emu_mbarrier_init(void *address, int32_t count);
void emu_mbarrier_arrive(void *address, int32_t bytes);
void emu_mbarrier_wait(void *address, int32_t parity);
void emu_fetch_bytes(const char *from, int32_t bytes);
void emu_copy_bytes(char *to, const char *from, int32_t bytes, void *barrier);
/// To any block.
void emu_send(int32_t *to, int32_t value, void *barrier);
/// To the first `blocks` blocks of the cluster.
void emu_copy_box(char *to, const EmulatedMap *map, void *address,
                  int32_t blocks, int32_t x, int32_t y, int32_t z);
void emu_wgmma(float *sums, uint64_t left, uint64_t right, int32_t columns,
               int32_t leftDepthFirst, int32_t rightDepthFirst, int32_t bf16,
               int32_t adds);
}

} // namespace mpc::test

#endif
