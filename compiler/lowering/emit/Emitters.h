// Every CPU emitter; emit/Emitters.cpp puts them into one table.
#ifndef MPC_COMPILER_LOWERING_EMIT_EMITTERS_H
#define MPC_COMPILER_LOWERING_EMIT_EMITTERS_H

#include "compiler/lowering/Emitter.h"

namespace mpc {

extern const CpuEmitter elementwiseEmitter;
extern const CpuEmitter argReduceEmitter;
extern const CpuEmitter averagePoolEmitter;
extern const CpuEmitter averagePoolGradEmitter;
extern const CpuEmitter batchMatmulEmitter;
extern const CpuEmitter batchNormalizationEmitter;
extern const CpuEmitter batchNormalizationGradEmitter;
extern const CpuEmitter batchNormalizationInferenceEmitter;
extern const CpuEmitter concatEmitter;
extern const CpuEmitter convEmitter;
extern const CpuEmitter convInputGradEmitter;
extern const CpuEmitter convWeightGradEmitter;
extern const CpuEmitter cumSumEmitter;
extern const CpuEmitter dropoutEmitter;
extern const CpuEmitter dropoutGradEmitter;
extern const CpuEmitter gatherEmitter;
extern const CpuEmitter gatherGradEmitter;
extern const CpuEmitter gemmEmitter;
extern const CpuEmitter layerNormalizationEmitter;
extern const CpuEmitter layerNormalizationGradEmitter;
extern const CpuEmitter logSoftmaxEmitter;
extern const CpuEmitter logSoftmaxGradEmitter;
extern const CpuEmitter maxPoolEmitter;
extern const CpuEmitter maxPoolGradEmitter;
extern const CpuEmitter padEmitter;
extern const CpuEmitter reduceMaxEmitter;
extern const CpuEmitter reduceMeanEmitter;
extern const CpuEmitter reduceMinEmitter;
extern const CpuEmitter reduceProdEmitter;
extern const CpuEmitter reduceSumEmitter;
extern const CpuEmitter rmsNormalizationEmitter;
extern const CpuEmitter rmsNormalizationGradEmitter;
extern const CpuEmitter scatterEmitter;
extern const CpuEmitter sliceEmitter;
extern const CpuEmitter softmaxEmitter;
extern const CpuEmitter softmaxGradEmitter;
extern const CpuEmitter globalNormEmitter;
extern const CpuEmitter nonfiniteCountEmitter;
extern const CpuEmitter pointwiseLossEmitter;
extern const CpuEmitter crossEntropyEmitter;
extern const CpuEmitter crossEntropyGradEmitter;
extern const CpuEmitter topKEmitter;
extern const CpuEmitter transposeEmitter;

} // namespace mpc

#endif
