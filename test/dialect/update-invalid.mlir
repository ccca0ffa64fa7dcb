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

// -----

func.func @norm_and_count_n1_shapes_differ(%g: tensor<4xf16>, %u: tensor<3xf32>) {
  // expected-error@below {{'mpc.norm_and_count' op measures 'tensor<3xf32>' where it tests 'tensor<4xf16>'}}
  %0:3 = mpc.norm_and_count %u, %g : (tensor<3xf32>, tensor<4xf16>) -> (tensor<f32>, tensor<i64>, tensor<i1>)
  return
}
