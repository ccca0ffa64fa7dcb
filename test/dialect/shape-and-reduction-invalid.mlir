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

// -----

func.func @slice_s1_step_0(%x: tensor<4xf32>) {
  // expected-error@below {{'mpc.slice' op cannot place 'tensor<2xf32>' in 'tensor<4xf32>' with starts [0] and steps [0]}}
  %0 = mpc.slice %x {starts = array<i64: 0>, steps = array<i64: 0>} : (tensor<4xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @slice_s1_too_few(%x: tensor<4x2xf32>) {
  // expected-error@below {{'mpc.slice' op cannot place 'tensor<2x2xf32>' in 'tensor<4x2xf32>' with starts [0] and steps [1]}}
  %0 = mpc.slice %x {starts = array<i64: 0>, steps = array<i64: 1>} : (tensor<4x2xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @slice_s2_outside(%x: tensor<4xf32>) {
  // expected-error@below {{'mpc.slice' op cannot place 'tensor<3xf32>' in 'tensor<4xf32>' with starts [2] and steps [1]}}
  %0 = mpc.slice %x {starts = array<i64: 2>, steps = array<i64: 1>} : (tensor<4xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @slice_s3_element_type(%x: tensor<4xf32>) {
  // expected-error@below {{'mpc.slice' op changes the element type from 'f32' to 'f16'}}
  %0 = mpc.slice %x {starts = array<i64: 0>, steps = array<i64: 1>} : (tensor<4xf32>) -> tensor<2xf16>
  return
}

// -----

func.func @pad_p1_step_0(%x: tensor<4xf32>) {
  // expected-error@below {{'mpc.pad' op cannot place 'tensor<4xf32>' in 'tensor<6xf32>' with starts [0] and steps [0]}}
  %0 = mpc.pad %x {starts = array<i64: 0>, steps = array<i64: 0>} : (tensor<4xf32>) -> tensor<6xf32>
  return
}

// -----

func.func @pad_p2_outside(%x: tensor<4xf32>) {
  // expected-error@below {{'mpc.pad' op cannot place 'tensor<4xf32>' in 'tensor<6xf32>' with starts [3] and steps [-2]}}
  %0 = mpc.pad %x {starts = array<i64: 3>, steps = array<i64: -2>} : (tensor<4xf32>) -> tensor<6xf32>
  return
}

// -----

func.func @pad_p3_rank(%x: tensor<4xf32>) {
  // expected-error@below {{'mpc.pad' op cannot place 'tensor<4xf32>' in 'tensor<6x1xf32>' with starts [1] and steps [1]}}
  %0 = mpc.pad %x {starts = array<i64: 1>, steps = array<i64: 1>} : (tensor<4xf32>) -> tensor<6x1xf32>
  return
}

// -----

func.func @concat_c1_axis(%x: tensor<4xf32>) {
  // expected-error@below {{'mpc.concat' op joins 2 operands along axis 1 of 'tensor<8xf32>'}}
  %0 = mpc.concat %x, %x {axis = 1 : i64} : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @concat_c2_sum(%x: tensor<4xf32>) {
  // expected-error@below {{'mpc.concat' op joins 8 elements along axis 0, but the result is 'tensor<7xf32>'}}
  %0 = mpc.concat %x, %x {axis = 0 : i64} : (tensor<4xf32>, tensor<4xf32>) -> tensor<7xf32>
  return
}

// -----

func.func @concat_c2_other_dimension(%x: tensor<4x2xf32>, %y: tensor<4x3xf32>) {
  // expected-error@below {{'mpc.concat' op cannot join 'tensor<4x3xf32>' along axis 0 to 'tensor<8x2xf32>'}}
  %0 = mpc.concat %x, %y {axis = 0 : i64} : (tensor<4x2xf32>, tensor<4x3xf32>) -> tensor<8x2xf32>
  return
}

// -----

func.func @reduce_r3_type_changes(%x: tensor<2x3xi64>) {
  // expected-error@below {{'mpc.reduce_max' op changes the element type from 'i64' to 'f32'}}
  %0 = mpc.reduce_max %x {axes = array<i64: 1>} : (tensor<2x3xi64>) -> tensor<2xf32>
  return
}
