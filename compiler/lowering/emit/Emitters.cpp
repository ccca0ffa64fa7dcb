#include "compiler/lowering/emit/Emitters.h"

using namespace mlir;
using namespace mpc;

const CpuEmitter *mpc::findCpuEmitter(StringRef root) {
  static const CpuEmitter *const table[] = {
      &elementwiseEmitter,
      &gemmEmitter,
  };
  for (const CpuEmitter *emitter : table)
    if (emitter->root == root)
      return emitter;
  return nullptr;
}
