// Every CPU emitter; emit/Emitters.cpp puts them into one table.
#ifndef MPC_COMPILER_LOWERING_EMIT_EMITTERS_H
#define MPC_COMPILER_LOWERING_EMIT_EMITTERS_H

#include "compiler/lowering/Emitter.h"

namespace mpc {

extern const CpuEmitter elementwiseEmitter;
extern const CpuEmitter gemmEmitter;

} // namespace mpc

#endif
