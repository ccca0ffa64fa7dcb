// RUN: mpc-opt %s --verify-diagnostics --pass-pipeline='builtin.module(func.func(mpc-repeat-transforms))'

// The pass itself refuses nothing; what it would repeat must be a whole op.
func.func @forward(%g: tensor<4x8xf16>, %w: tensor<4xf32>) -> tensor<f32> {
  // expected-error@below {{'mpc.mul' op}}
  %b = mpc.mul %g, %w : (tensor<4x8xf16>, tensor<4xf32>) -> tensor<4x8xf32>
  %norm = mpc.global_norm %b : (tensor<4x8xf32>) -> tensor<f32>
  func.return %norm : tensor<f32>
}
