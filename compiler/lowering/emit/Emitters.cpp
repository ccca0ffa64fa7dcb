#include "compiler/lowering/emit/Emitters.h"
#include "compiler/lowering/emit/gpu/GpuEmitters.h"

using namespace mlir;
using namespace mpc;

const TileEmitter *mpc::findTileEmitter(StringRef root, Target target) {
  if (target.isGpu())
    if (const TileEmitter *emitter = findGpuTileEmitter(root))
      return emitter;
  static const TileEmitter *const table[] = {
      &elementwiseEmitter,
      &argReduceEmitter,
      &averagePoolEmitter,
      &averagePoolGradEmitter,
      &batchMatmulEmitter,
      &batchNormalizationEmitter,
      &batchNormalizationGradEmitter,
      &batchNormalizationInferenceEmitter,
      &concatEmitter,
      &convEmitter,
      &convInputGradEmitter,
      &convWeightGradEmitter,
      &cumSumEmitter,
      &dropoutEmitter,
      &dropoutGradEmitter,
      &gatherEmitter,
      &gatherGradEmitter,
      &gemmEmitter,
      &layerNormalizationEmitter,
      &layerNormalizationGradEmitter,
      &logSoftmaxEmitter,
      &logSoftmaxGradEmitter,
      &maxPoolEmitter,
      &maxPoolGradEmitter,
      &padEmitter,
      &reduceMaxEmitter,
      &reduceMeanEmitter,
      &reduceMinEmitter,
      &reduceProdEmitter,
      &reduceSumEmitter,
      &rmsNormalizationEmitter,
      &rmsNormalizationGradEmitter,
      &rowListsEmitter,
      &scatterEmitter,
      &sliceEmitter,
      &softmaxEmitter,
      &softmaxGradEmitter,
      &sumRowsEmitter,
      &globalNormEmitter,
      &nonfiniteCountEmitter,
      &normAndCountEmitter,
      &pointwiseLossEmitter,
      &crossEntropyEmitter,
      &crossEntropyGradEmitter,
      &crossEntropyAndGradEmitter,
      &topKEmitter,
      &transposeEmitter,
  };
  for (const TileEmitter *emitter : table)
    if (emitter->root == root)
      return emitter;
  return nullptr;
}
