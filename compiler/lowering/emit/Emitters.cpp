#include "compiler/lowering/emit/Emitters.h"

using namespace mlir;
using namespace mpc;

const CpuEmitter *mpc::findCpuEmitter(StringRef root) {
  static const CpuEmitter *const table[] = {
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
      &gatherEmitter,
      &gatherGradEmitter,
      &gemmEmitter,
      &maxPoolEmitter,
      &maxPoolGradEmitter,
      &padEmitter,
      &reduceSumEmitter,
      &scatterEmitter,
      &sliceEmitter,
      &globalNormEmitter,
      &nonfiniteCountEmitter,
      &pointwiseLossEmitter,
      &crossEntropyEmitter,
      &crossEntropyGradEmitter,
      &transposeEmitter,
  };
  for (const CpuEmitter *emitter : table)
    if (emitter->root == root)
      return emitter;
  return nullptr;
}
