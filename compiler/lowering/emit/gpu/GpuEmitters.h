// The emitters of this folder.
#ifndef MPC_COMPILER_LOWERING_EMIT_GPU_GPUEMITTERS_H
#define MPC_COMPILER_LOWERING_EMIT_GPU_GPUEMITTERS_H

#include "compiler/lowering/Emitter.h"
#include "compiler/lowering/gpu/GpuEmitter.h"

namespace mpc {

// Tiles that are other ones than on a CPU.
extern const TileEmitter averagePoolElementsEmitter;
extern const TileEmitter averagePoolGradElementsEmitter;
extern const TileEmitter columnSumsEmitter;
extern const TileEmitter directConvEmitter;
extern const TileEmitter directConvInputGradEmitter;
extern const TileEmitter directConvWeightGradEmitter;
extern const TileEmitter layerNormGradientsEmitter;
extern const TileEmitter maxPoolElementsEmitter;
extern const TileEmitter maxPoolGradElementsEmitter;
extern const TileEmitter rmsNormGradientsEmitter;

/// The one for `root`, or null.
const TileEmitter *findGpuTileEmitter(llvm::StringRef root);

extern const GpuEmitter mmaConvEmitter;
extern const GpuEmitter mmaConvInputGradEmitter;
extern const GpuEmitter mmaConvWeightGradEmitter;
extern const GpuEmitter mmaGemmEmitter;
extern const GpuEmitter mmaBatchMatmulEmitter;
extern const GpuEmitter simtConvEmitter;
extern const GpuEmitter simtConvInputGradEmitter;
extern const GpuEmitter simtConvWeightGradEmitter;
extern const GpuEmitter simtGemmEmitter;
extern const GpuEmitter simtBatchMatmulEmitter;
extern const GpuEmitter wgmmaGemmEmitter;
extern const GpuEmitter wgmmaBatchMatmulEmitter;

} // namespace mpc

#endif
