// RUN: mpc-opt %s --verify-diagnostics --pass-pipeline='builtin.module(func.func(mpc-join-overflow-test))'

// The pass itself refuses nothing; what it joins must be whole ops.
func.func @train_step(%g: tensor<8xf16>) -> (tensor<f32>, tensor<i32>) {
  %norm = mpc.global_norm %g : (tensor<8xf16>) -> tensor<f32>
  // expected-error@below {{'mpc.nonfinite_count' op result #0 must be 0D tensor of 64-bit signless integer values}}
  %count, %finite = mpc.nonfinite_count %g : (tensor<8xf16>) -> (tensor<i32>, tensor<i1>)
  return %norm, %count : tensor<f32>, tensor<i32>
}
