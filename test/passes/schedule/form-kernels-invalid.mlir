// RUN: mpc-opt %s --pass-pipeline='builtin.module(func.func(mpc-form-kernels))' --verify-diagnostics

func.func @foreign_op(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@below {{'arith.negf' op cannot be put into a kernel; expected an op of the mpc dialect}}
  %0 = arith.negf %x : tensor<8xf32>
  return %0 : tensor<8xf32>
}
