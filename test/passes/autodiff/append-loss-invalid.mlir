// RUN: mpc-opt %s --split-input-file --verify-diagnostics --mpc-append-loss

// expected-error@below {{needs @forward and no @train_step}}
module {}

// -----

// expected-error@below {{has an input named 'y', which is the name of the label; choose another name with --label}}
func.func @forward(%x: tensor<2x4xf32> {mpc.name = "y"}) -> (tensor<2x4xf32> {mpc.name = "a"}) {
  return %x : tensor<2x4xf32>
}

// -----

// expected-error@below {{has 2 outputs; name the one the loss is taken of with --loss OUT=KIND: 'a', 'b'}}
func.func @forward(%x: tensor<2x4xf32>) -> (tensor<2x4xf32> {mpc.name = "a"}, tensor<2x4xf32> {mpc.name = "b"}) {
  return %x, %x : tensor<2x4xf32>, tensor<2x4xf32>
}

// -----

func.func @forward(%x: tensor<f32>) -> (tensor<f32> {mpc.name = "a"}) {
  // expected-error@below {{the output of type 'tensor<f32>' cannot be the operand of cross-entropy: it has no dimension -1; choose its class dimension with --class-axis}}
  %r = mpc.relu %x : (tensor<f32>) -> tensor<f32>
  return %r : tensor<f32>
}

// -----

func.func @forward(%x: tensor<2xi64>) -> (tensor<2xi64> {mpc.name = "a"}) {
  // expected-error@below {{the output of type 'tensor<2xi64>' cannot be the operand of cross-entropy: its elements are not floats; choose another output}}
  %r = mpc.add %x, %x : (tensor<2xi64>, tensor<2xi64>) -> tensor<2xi64>
  return %r : tensor<2xi64>
}
