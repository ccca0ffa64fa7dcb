// Every op of the mpc dialect, one file per family.
#ifndef MPC_OPS
#define MPC_OPS

include "compiler/dialect/State.td"
include "compiler/dialect/Elementwise.td"
include "compiler/dialect/Shape.td"
include "compiler/dialect/Indexing.td"
include "compiler/dialect/Reduction.td"
include "compiler/dialect/LinearAlgebra.td"
include "compiler/dialect/Convolution.td"
include "compiler/dialect/Pooling.td"
include "compiler/dialect/Softmax.td"
include "compiler/dialect/Normalization.td"
include "compiler/dialect/Loss.td"
include "compiler/dialect/Random.td"
include "compiler/dialect/Optimizer.td"
include "compiler/dialect/Scaling.td"
include "compiler/dialect/Kernel.td"

#endif
