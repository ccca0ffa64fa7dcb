// The emitters of this folder.
#ifndef MPC_COMPILER_LOWERING_EMIT_GPU_GPUEMITTERS_H
#define MPC_COMPILER_LOWERING_EMIT_GPU_GPUEMITTERS_H

#include "compiler/lowering/gpu/GpuEmitter.h"

namespace mpc {

extern const GpuEmitter simtGemmEmitter;
extern const GpuEmitter simtBatchMatmulEmitter;

} // namespace mpc

#endif
