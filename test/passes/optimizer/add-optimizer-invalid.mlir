// RUN: mpc-opt %s --split-input-file --verify-diagnostics --mpc-add-optimizer

// expected-error@below {{needs @forward, and @train_step ending in mpc.gradients; run mpc-differentiate first}}
module {}

// -----

mpc.state @w : tensor<3xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
mpc.state @s : tensor<3xf32> {role = #mpc.role<statistic>, initializer = #mpc.fill<1.0>}
func.func @forward() { return }
func.func @train_step(%x: tensor<2x3xf32>, %g: tensor<3xf32>, %loss: tensor<f32>) {
  %w = mpc.read @w : tensor<3xf32>
  %s = mpc.read @s : tensor<3xf32>
  // expected-error@below {{'mpc.batch_normalization' op updates operand #3, which is not a state of role statistic or step}}
  %n, %nm, %nv, %m, %i = mpc.batch_normalization %x, %w, %w, %w, %s {epsilon = 1.0e-5 : f32, momentum = 0.9 : f32} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  mpc.gradients %loss : tensor<f32>, [@w] (%g : tensor<3xf32>)
}

// -----

mpc.state @w : tensor<3xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
mpc.state @s : tensor<3xf32> {role = #mpc.role<statistic>, initializer = #mpc.fill<1.0>}
func.func @forward() { return }
func.func @train_step(%x: tensor<2x3xf32>, %g: tensor<3xf32>, %loss: tensor<f32>) {
  %w = mpc.read @w : tensor<3xf32>
  %s = mpc.read @s : tensor<3xf32>
  // expected-error@below {{'mpc.batch_normalization' op updates @s, which another op updates too}}
  %n, %nm, %nv, %m, %i = mpc.batch_normalization %x, %w, %w, %s, %s {epsilon = 1.0e-5 : f32, momentum = 0.9 : f32} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  mpc.gradients %loss : tensor<f32>, [@w] (%g : tensor<3xf32>)
}
