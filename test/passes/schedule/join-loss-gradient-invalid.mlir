// RUN: mpc-opt %s --verify-diagnostics --pass-pipeline='builtin.module(func.func(mpc-join-loss-gradient))'

// The pass itself refuses nothing; what it joins must be whole ops.
func.func @train_step(%s: tensor<f32>, %x: tensor<1024x4096xf32>, %y: tensor<1024xi64>) -> tensor<f32> {
  // expected-error@below {{'mpc.cross_entropy' op has class_axis 2, which is not a dimension of 'tensor<1024x4096xf32>'}}
  %l = mpc.cross_entropy %x, %y {class_axis = 2 : i64, ignore_index = -100 : i64} : (tensor<1024x4096xf32>, tensor<1024xi64>) -> tensor<f32>
  return %l : tensor<f32>
}
