// RUN: not mpc-opt %s --mpc-append-loss=kind=hinge 2>&1 | FileCheck %s --check-prefix=LOSS
// RUN: not mpc-opt %s --mpc-append-loss="kind=l1 label-smoothing=0.1" 2>&1 | FileCheck %s --check-prefix=SMOOTH
// RUN: not mpc-opt %s --mpc-append-loss=label-smoothing=1.0 2>&1 | FileCheck %s --check-prefix=RANGE
// RUN: not mpc-opt %s --mpc-append-loss=output=b 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not mpc-opt %s --mpc-append-loss=kind=output 2>&1 | FileCheck %s --check-prefix=SCALAR

// LOSS: error: unknown loss 'hinge'; expected cross-entropy, mse, l1, huber, bce-logits or output
// SMOOTH: error: label smoothing is for cross-entropy, but the loss is l1; leave --label-smoothing out
// RANGE: error: label smoothing 1.000000e+00 is not in [0, 1)
// NAME: error: the model has no output 'b'; name the one the loss is taken of with --loss OUT=KIND: 'a'
// SCALAR: error: the output of type 'tensor<2x4xf32>' cannot be the operand of output: it has 8 elements, expected one; choose another loss
func.func @forward(%x: tensor<2x4xf32> {mpc.name = "x"}) -> (tensor<2x4xf32> {mpc.name = "a"}) {
  return %x : tensor<2x4xf32>
}
