// RUN: mpc-opt %s --split-input-file --verify-diagnostics

func.func @gather_g1_axis(%x: tensor<4x2xf32>, %i: tensor<3xi64>) {
  // expected-error@below {{'mpc.gather' op has axis 2, which is not a dimension of 'tensor<4x2xf32>'}}
  %0 = mpc.gather %x, %i {axis = 2 : i64} : (tensor<4x2xf32>, tensor<3xi64>) -> tensor<3x2xf32>
  return
}

// -----

func.func @gather_g1_empty_axis(%x: tensor<0x2xf32>, %i: tensor<3xi64>) {
  // expected-error@below {{'mpc.gather' op picks from axis 0 of 'tensor<0x2xf32>', which is empty}}
  %0 = mpc.gather %x, %i {axis = 0 : i64} : (tensor<0x2xf32>, tensor<3xi64>) -> tensor<3x2xf32>
  return
}

// -----

func.func @gather_g2_shape(%x: tensor<4x2xf32>, %i: tensor<3xi64>) {
  // expected-error@below {{'mpc.gather' op takes 'tensor<3xi64>' from axis 1 of 'tensor<4x2xf32>', which has shape [4, 3], not that of 'tensor<3x2xf32>'}}
  %0 = mpc.gather %x, %i {axis = 1 : i64} : (tensor<4x2xf32>, tensor<3xi64>) -> tensor<3x2xf32>
  return
}

// -----

func.func @gather_grad_g1_axis(%g: tensor<3x2xf32>, %i: tensor<3xi64>) {
  // expected-error@below {{'mpc.gather_grad' op has axis -1, which is not a dimension of 'tensor<4x2xf32>'}}
  %0 = mpc.gather_grad %g, %i {axis = -1 : i64} : (tensor<3x2xf32>, tensor<3xi64>) -> tensor<4x2xf32>
  return
}

// -----

func.func @gather_grad_g2_shape(%g: tensor<3x2xf32>, %i: tensor<5xi64>) {
  // expected-error@below {{'mpc.gather_grad' op takes 'tensor<5xi64>' from axis 0 of 'tensor<4x2xf32>', which has shape [5, 2], not that of 'tensor<3x2xf32>'}}
  %0 = mpc.gather_grad %g, %i {axis = 0 : i64} : (tensor<3x2xf32>, tensor<5xi64>) -> tensor<4x2xf32>
  return
}

// -----

func.func @scatter_s1_type(%x: tensor<4x2xf32>, %i: tensor<3xi64>, %u: tensor<3x2xf32>) {
  // expected-error@below {{'mpc.scatter' op turns 'tensor<4x2xf32>' into 'tensor<4x2xf16>'}}
  %0 = mpc.scatter %x, %i, %u {reduction = #mpc<reduction add>} : (tensor<4x2xf32>, tensor<3xi64>, tensor<3x2xf32>) -> tensor<4x2xf16>
  return
}

// -----

func.func @scatter_s2_updates(%x: tensor<4x2xf32>, %i: tensor<3xi64>, %u: tensor<3x3xf32>) {
  // expected-error@below {{'mpc.scatter' op cannot put updates 'tensor<3x3xf32>' at 'tensor<3xi64>' into rows of 'tensor<4x2xf32>'}}
  %0 = mpc.scatter %x, %i, %u {reduction = #mpc<reduction add>} : (tensor<4x2xf32>, tensor<3xi64>, tensor<3x3xf32>) -> tensor<4x2xf32>
  return
}

// -----

func.func @arg_reduce_a1_axis(%x: tensor<4x2xf32>) {
  // expected-error@below {{'mpc.arg_reduce' op has axis 2, which is not a dimension of 'tensor<4x2xf32>'}}
  %0 = mpc.arg_reduce %x {axis = 2 : i64} : (tensor<4x2xf32>) -> tensor<4xi64>
  return
}

// -----

func.func @arg_reduce_a2_shape(%x: tensor<4x2xf32>) {
  // expected-error@below {{'mpc.arg_reduce' op reduces 'tensor<4x2xf32>' to 'tensor<4xi64>'; expected shape [2]}}
  %0 = mpc.arg_reduce %x {axis = 0 : i64} : (tensor<4x2xf32>) -> tensor<4xi64>
  return
}

// -----

func.func @cum_sum_c1_axis(%x: tensor<4x2xf32>) {
  // expected-error@below {{'mpc.cum_sum' op has axis 2, which is not a dimension of 'tensor<4x2xf32>'}}
  %0 = mpc.cum_sum %x {axis = 2 : i64} : (tensor<4x2xf32>) -> tensor<4x2xf32>
  return
}

// -----

func.func @cum_sum_c2_type(%x: tensor<4x2xi64>) {
  // expected-error@below {{'mpc.cum_sum' op turns 'tensor<4x2xi64>' into 'tensor<4x2xi32>'}}
  %0 = mpc.cum_sum %x {axis = 0 : i64} : (tensor<4x2xi64>) -> tensor<4x2xi32>
  return
}

// -----

func.func @top_k_t1_axis(%x: tensor<4x2xf32>) {
  // expected-error@below {{'mpc.top_k' op has axis 2, which is not a dimension of 'tensor<4x2xf32>'}}
  %0 = mpc.top_k %x {axis = 2 : i64} : (tensor<4x2xf32>) -> tensor<4x2xi64>
  return
}

// -----

func.func @top_k_t2_more_than_there_are(%x: tensor<4x2xf32>) {
  // expected-error@below {{'mpc.top_k' op takes 'tensor<4x3xi64>' from axis 1 of 'tensor<4x2xf32>'}}
  %0 = mpc.top_k %x {axis = 1 : i64} : (tensor<4x2xf32>) -> tensor<4x3xi64>
  return
}

// -----

func.func @top_k_t2_other_shape(%x: tensor<4x2xf32>) {
  // expected-error@below {{'mpc.top_k' op takes 'tensor<3x1xi64>' from axis 1 of 'tensor<4x2xf32>'}}
  %0 = mpc.top_k %x {axis = 1 : i64} : (tensor<4x2xf32>) -> tensor<3x1xi64>
  return
}

// -----

func.func @row_lists_l1_one_per_index(%i: tensor<3x2xi64>) {
  // expected-error@below {{'mpc.row_lists' op lists the positions in 'tensor<3x2xi64>' in 'tensor<3xi32>'}}
  %0:2 = mpc.row_lists %i : (tensor<3x2xi64>) -> (tensor<4xi32>, tensor<3xi32>)
  return
}

// -----

func.func @row_lists_l2_no_row(%i: tensor<3xi64>) {
  // expected-error@below {{'mpc.row_lists' op has indices 'tensor<3xi64>', but no row that they could mean}}
  %0:2 = mpc.row_lists %i : (tensor<3xi64>) -> (tensor<0xi32>, tensor<3xi32>)
  return
}

// -----

func.func @sum_rows_s1_one_per_index(%g: tensor<3x8xf16>, %i: tensor<3xi64>, %f: tensor<9xi32>, %n: tensor<2xi32>) {
  // expected-error@below {{'mpc.sum_rows' op lists the positions in 'tensor<3xi64>' in 'tensor<2xi32>'}}
  %0 = mpc.sum_rows %g, %i, %f, %n : (tensor<3x8xf16>, tensor<3xi64>, tensor<9xi32>, tensor<2xi32>) -> tensor<3x8xf16>
  return
}

// -----

func.func @sum_rows_s2_other_rows(%g: tensor<3x8xf16>, %i: tensor<3xi64>, %f: tensor<9xi32>, %n: tensor<3xi32>) {
  // expected-error@below {{'mpc.sum_rows' op sums rows of 'tensor<3x8xf16>' for 'tensor<3xi64>' into 'tensor<3x4xf16>'}}
  %0 = mpc.sum_rows %g, %i, %f, %n : (tensor<3x8xf16>, tensor<3xi64>, tensor<9xi32>, tensor<3xi32>) -> tensor<3x4xf16>
  return
}

// -----

func.func @expand_rows_e1_other_rows(%r: tensor<3x8xf16>, %f: tensor<9xi32>) {
  // expected-error@below {{'mpc.expand_rows' op expands 'tensor<3x8xf16>' by 'tensor<9xi32>' to 'tensor<8x8xf16>'}}
  %0 = mpc.expand_rows %r, %f : (tensor<3x8xf16>, tensor<9xi32>) -> tensor<8x8xf16>
  return
}

// -----

func.func @expand_rows_e2_no_row(%r: tensor<0x8xf16>, %f: tensor<9xi32>) {
  // expected-error@below {{'mpc.expand_rows' op expands 'tensor<0x8xf16>', which has no row}}
  %0 = mpc.expand_rows %r, %f : (tensor<0x8xf16>, tensor<9xi32>) -> tensor<9x8xf16>
  return
}
