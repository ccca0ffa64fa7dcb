#include "compiler/lowering/emit/Emitters.h"

using namespace mlir;
using namespace mpc;

const CpuEmitter *mpc::findCpuEmitter(StringRef root) {
  static const CpuEmitter *const table[] = {
      &elementwiseEmitter,
      &averagePoolEmitter,
      &averagePoolGradEmitter,
      &batchMatmulEmitter,
      &batchNormalizationEmitter,
      &batchNormalizationGradEmitter,
      &batchNormalizationInferenceEmitter,
      &convEmitter,
      &convInputGradEmitter,
      &convWeightGradEmitter,
      &gemmEmitter,
      &maxPoolEmitter,
      &maxPoolGradEmitter,
      &reduceSumEmitter,
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
