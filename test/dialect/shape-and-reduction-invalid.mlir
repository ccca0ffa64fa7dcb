// RUN: mpc-opt %s --split-input-file --verify-diagnostics

func.func @reshape_r1_count_changes(%x: tensor<2x3xf32>) {
  // expected-error@below {{'mpc.reshape' op changes the number of elements from 'tensor<2x3xf32>' to 'tensor<5xf32>'}}
  %0 = mpc.reshape %x : (tensor<2x3xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @reshape_r2_type_changes(%x: tensor<2x3xf32>) {
  // expected-error@below {{'mpc.reshape' op changes the element type from 'f32' to 'f16'}}
  %0 = mpc.reshape %x : (tensor<2x3xf32>) -> tensor<6xf16>
  return
}

// -----

func.func @transpose_t1_no_permutation(%x: tensor<2x3xf32>) {
  // expected-error@below {{'mpc.transpose' op has perm [1, 1], which is not a permutation of 2 dimensions}}
  %0 = mpc.transpose %x {perm = array<i64: 1, 1>} : (tensor<2x3xf32>) -> tensor<3x3xf32>
  return
}

// -----

func.func @transpose_t2_wrong_shape(%x: tensor<2x3xf32>) {
  // expected-error@below {{'mpc.transpose' op permutes 'tensor<2x3xf32>' by [1, 0] but the result is 'tensor<2x3xf32>'}}
  %0 = mpc.transpose %x {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @broadcast_e1_shape(%x: tensor<2xf32>) {
  // expected-error@below {{'mpc.broadcast' op cannot broadcast 'tensor<2xf32>' to 'tensor<2x3xf32>'}}
  %0 = mpc.broadcast %x : (tensor<2xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @broadcast_e2_type_changes(%x: tensor<3xf32>) {
  // expected-error@below {{'mpc.broadcast' op changes the element type from 'f32' to 'f16'}}
  %0 = mpc.broadcast %x : (tensor<3xf32>) -> tensor<2x3xf16>
  return
}

// -----

func.func @reduce_r1_axes_unsorted(%x: tensor<2x3xf32>) {
  // expected-error@below {{'mpc.reduce_sum' op has axes [1, 0]; expected sorted, distinct dimensions of 'tensor<2x3xf32>'}}
  %0 = mpc.reduce_sum %x {axes = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<f32>
  return
}

// -----

func.func @reduce_r2_wrong_shape(%x: tensor<2x3xf32>) {
  // expected-error@below {{'mpc.reduce_sum' op reduces 'tensor<2x3xf32>' to 'tensor<2xf32>'; expected shape [3]}}
  %0 = mpc.reduce_sum %x {axes = array<i64: 0>} : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}
