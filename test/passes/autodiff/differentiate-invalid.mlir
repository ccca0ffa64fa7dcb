// RUN: mpc-opt %s --split-input-file --verify-diagnostics --mpc-differentiate

// expected-error@below {{needs @train_step ending in mpc.gradients without parameters; run mpc-append-loss first}}
module {}

// -----

func.func @train_step(%x: tensor<f32>) {
  // expected-error@below {{'mpc.gradients' op has no parameter to train: no state of role parameter is read}}
  mpc.gradients %x : tensor<f32>, []
}

// -----

// Everything that is wrong is said at once.
mpc.state @w : tensor<3xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
mpc.state @idle : tensor<3xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
func.func @train_step(%x: tensor<2x3xf32>, %y: tensor<f32>) {
  %w = mpc.read @w : tensor<3xf32>
  // expected-error@below {{parameter @idle does not reach the loss, so it has no gradient; leave it out of training with --trainable}}
  %idle = mpc.read @idle : tensor<3xf32>
  %unused = mpc.relu %idle : (tensor<3xf32>) -> tensor<3xf32>
  // expected-error@below {{'mpc.reduce_prod' op has no derivative, but parameter @w reaches the loss through it; leave the parameter out of training with --trainable}}
  %n = mpc.reduce_prod %w {axes = array<i64: 0>} : (tensor<3xf32>) -> tensor<f32>
  %loss = mpc.pointwise_loss mse %n, %y : (tensor<f32>, tensor<f32>) -> tensor<f32>
  mpc.gradients %loss : tensor<f32>, []
}

// -----

mpc.state @w : tensor<3xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
mpc.state @s : tensor<3xf32> {role = #mpc.role<statistic>, initializer = #mpc.fill<1.0>}
func.func @train_step(%x: tensor<2x3xf32>, %y: tensor<3xf32>) {
  %w = mpc.read @w : tensor<3xf32>
  %s = mpc.read @s : tensor<3xf32>
  // expected-error@below {{'mpc.batch_normalization' op has no derivative of its statistics, but result #3 reaches the loss; use only the normalized output}}
  %n, %nm, %nv, %m, %i = mpc.batch_normalization %x, %w, %w, %s, %s {epsilon = 1.0e-5 : f32, momentum = 0.9 : f32} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  %loss = mpc.pointwise_loss mse %m, %y : (tensor<3xf32>, tensor<3xf32>) -> tensor<f32>
  mpc.gradients %loss : tensor<f32>, []
}

// -----

mpc.state @w : tensor<3xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
func.func @train_step(%x: tensor<3xf32>, %i: tensor<3xi64>, %y: tensor<3xf32>) {
  %w = mpc.read @w : tensor<3xf32>
  // expected-error@below {{'mpc.scatter' op has no derivative with reduction mul; freeze the parameters before it with --trainable}}
  %s = mpc.scatter %x, %i, %w {reduction = #mpc<reduction mul>} : (tensor<3xf32>, tensor<3xi64>, tensor<3xf32>) -> tensor<3xf32>
  %loss = mpc.pointwise_loss mse %s, %y : (tensor<3xf32>, tensor<3xf32>) -> tensor<f32>
  mpc.gradients %loss : tensor<f32>, []
}
