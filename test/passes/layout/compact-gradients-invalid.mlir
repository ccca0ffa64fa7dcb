// RUN: mpc-opt %s --verify-diagnostics --mpc-compact-gradients

// The pass itself refuses nothing; what it makes compact must be a whole op.
func.func @train_step(%g: tensor<4096x32xf16>, %i: tensor<4096xi64>) -> tensor<f32> {
  // expected-error@below {{'mpc.gather_grad' op takes}}
  %dense = mpc.gather_grad %g, %i {axis = 0 : i64} : (tensor<4096x32xf16>, tensor<4096xi64>) -> tensor<20000x64xf16>
  %norm = mpc.global_norm %dense : (tensor<20000x64xf16>) -> tensor<f32>
  return %norm : tensor<f32>
}
