// RUN: mpc-opt %s --split-input-file --verify-diagnostics

func.func @update_u1_shapes_differ(%p: tensor<4xf32>, %g: tensor<3xf32>, %h: tensor<f32>) {
  // expected-error@below {{'mpc.sgd' op updates 'tensor<4xf32>' with a value of type 'tensor<3xf32>'}}
  %0 = mpc.sgd %p, %g, %h, %h {operandSegmentSizes = array<i32: 1, 1, 0, 1, 1, 0>} : (tensor<4xf32>, tensor<3xf32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return
}

// -----

func.func @sgd_s1_moment_without_momentum(%p: tensor<4xf32>, %h: tensor<f32>) {
  // expected-error@below {{'mpc.sgd' op needs moment, momentum and the next moment together}}
  %0 = mpc.sgd %p, %p, %p, %h, %h {operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 0>} : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return
}

// -----

func.func @sgd_s1_nesterov_without_moment(%p: tensor<4xf32>, %h: tensor<f32>) {
  // expected-error@below {{'mpc.sgd' op has nesterov but no moment}}
  %0 = mpc.sgd %p, %p, %h, %h {nesterov, operandSegmentSizes = array<i32: 1, 1, 0, 1, 1, 0>} : (tensor<4xf32>, tensor<4xf32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return
}
