// Every CPU emitter; emit/Emitters.cpp puts them into one table.
#ifndef MPC_COMPILER_LOWERING_EMIT_EMITTERS_H
#define MPC_COMPILER_LOWERING_EMIT_EMITTERS_H

#include "compiler/lowering/Emitter.h"

namespace mpc {

extern const TileEmitter elementwiseEmitter;
extern const TileEmitter argReduceEmitter;
extern const TileEmitter averagePoolEmitter;
extern const TileEmitter averagePoolGradEmitter;
extern const TileEmitter batchMatmulEmitter;
extern const TileEmitter batchNormalizationEmitter;
extern const TileEmitter batchNormalizationGradEmitter;
extern const TileEmitter batchNormalizationInferenceEmitter;
extern const TileEmitter concatEmitter;
extern const TileEmitter convEmitter;
extern const TileEmitter convInputGradEmitter;
extern const TileEmitter convWeightGradEmitter;
extern const TileEmitter cumSumEmitter;
extern const TileEmitter dropoutEmitter;
extern const TileEmitter dropoutGradEmitter;
extern const TileEmitter gatherEmitter;
extern const TileEmitter gatherGradEmitter;
extern const TileEmitter gemmEmitter;
extern const TileEmitter layerNormalizationEmitter;
extern const TileEmitter layerNormalizationGradEmitter;
extern const TileEmitter logSoftmaxEmitter;
extern const TileEmitter logSoftmaxGradEmitter;
extern const TileEmitter maxPoolEmitter;
extern const TileEmitter maxPoolGradEmitter;
extern const TileEmitter padEmitter;
extern const TileEmitter reduceMaxEmitter;
extern const TileEmitter reduceMeanEmitter;
extern const TileEmitter reduceMinEmitter;
extern const TileEmitter reduceProdEmitter;
extern const TileEmitter reduceSumEmitter;
extern const TileEmitter rmsNormalizationEmitter;
extern const TileEmitter rmsNormalizationGradEmitter;
extern const TileEmitter rowListsEmitter;
extern const TileEmitter scatterEmitter;
extern const TileEmitter sliceEmitter;
extern const TileEmitter softmaxEmitter;
extern const TileEmitter softmaxGradEmitter;
extern const TileEmitter sumRowsEmitter;
extern const TileEmitter globalNormEmitter;
extern const TileEmitter nonfiniteCountEmitter;
extern const TileEmitter normAndCountEmitter;
extern const TileEmitter pointwiseLossEmitter;
extern const TileEmitter crossEntropyEmitter;
extern const TileEmitter crossEntropyGradEmitter;
extern const TileEmitter crossEntropyAndGradEmitter;
extern const TileEmitter topKEmitter;
extern const TileEmitter transposeEmitter;

} // namespace mpc

#endif
