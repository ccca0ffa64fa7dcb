#include "compiler/lowering/emit/gpu/GpuEmitters.h"

using namespace mlir;
using namespace mpc;

const GpuEmitter *mpc::findGpuEmitter(KernelOp kernel, Target target) {
  // Of two with one root the more special first.
  static const std::vector<const GpuEmitter *> table = {
      &wgmmaGemmEmitter,         &wgmmaBatchMatmulEmitter,
      &mmaGemmEmitter,           &mmaBatchMatmulEmitter,
      &simtGemmEmitter,          &simtBatchMatmulEmitter,
      &mmaConvEmitter,           &mmaConvInputGradEmitter,
      &mmaConvWeightGradEmitter, &simtConvEmitter,
      &simtConvInputGradEmitter, &simtConvWeightGradEmitter};
  for (const GpuEmitter *emitter : table)
    if (emitter->root == kernel.getRoot() && emitter->suits(kernel, target))
      return emitter;
  return nullptr;
}

const TileEmitter *mpc::findGpuTileEmitter(StringRef root) {
  static const std::vector<const TileEmitter *> table = {
      &averagePoolElementsEmitter, &averagePoolGradElementsEmitter,
      &columnSumsEmitter,          &directConvEmitter,
      &directConvInputGradEmitter, &directConvWeightGradEmitter,
      &layerNormGradientsEmitter,  &maxPoolElementsEmitter,
      &maxPoolGradElementsEmitter, &rmsNormGradientsEmitter};
  for (const TileEmitter *emitter : table)
    if (emitter->root == root)
      return emitter;
  return nullptr;
}
