// RUN: mpc-opt %s --split-input-file --verify-diagnostics

func.func @gemm_g1_sums_differ(%a: tensor<2x5xf32>, %b: tensor<4x3xf32>) {
  // expected-error@below {{'mpc.gemm' op sums over 5 elements of A but 4 of B}}
  %0 = mpc.gemm %a, %b : (tensor<2x5xf32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @gemm_g1_rank(%a: tensor<2x5x1xf32>, %b: tensor<4x3xf32>) {
  // expected-error@below {{'mpc.gemm' op needs matrices, but A is 'tensor<2x5x1xf32>' and B is 'tensor<4x3xf32>'}}
  %0 = mpc.gemm %a, %b : (tensor<2x5x1xf32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @gemm_g2_result_shape(%a: tensor<2x5xf32>, %b: tensor<5x3xf32>) {
  // expected-error@below {{'mpc.gemm' op gives 2x3, but the result is 'tensor<3x2xf32>'}}
  %0 = mpc.gemm %a, %b : (tensor<2x5xf32>, tensor<5x3xf32>) -> tensor<3x2xf32>
  return
}

// -----

func.func @gemm_g3_bias_shape(%a: tensor<2x5xf32>, %b: tensor<5x3xf32>, %c: tensor<2xf32>) {
  // expected-error@below {{'mpc.gemm' op cannot broadcast C of type 'tensor<2xf32>' to 2x3}}
  %0 = mpc.gemm %a, %b, %c : (tensor<2x5xf32>, tensor<5x3xf32>, tensor<2xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @conv_c1_channels_differ(%x: tensor<1x2x5x5xf32>, %w: tensor<3x4x3x3xf32>) {
  // expected-error@below {{'mpc.conv' op weight 'tensor<3x4x3x3xf32>' does not fit input 'tensor<1x2x5x5xf32>' (strides [1, 1], pads [0, 0, 0, 0], dilations [1, 1])}}
  %0 = mpc.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x5x5xf32>, tensor<3x4x3x3xf32>) -> tensor<1x3x3x3xf32>
  return
}

// -----

func.func @conv_c2_stride_zero(%x: tensor<1x2x5x5xf32>, %w: tensor<3x2x3x3xf32>) {
  // expected-error@below {{'mpc.conv' op weight 'tensor<3x2x3x3xf32>' does not fit input 'tensor<1x2x5x5xf32>' (strides [0, 1], pads [0, 0, 0, 0], dilations [1, 1])}}
  %0 = mpc.conv %x, %w {strides = array<i64: 0, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x5x5xf32>, tensor<3x2x3x3xf32>) -> tensor<1x3x3x3xf32>
  return
}

// -----

func.func @conv_c3_result_shape(%x: tensor<1x2x5x5xf32>, %w: tensor<3x2x3x3xf32>) {
  // expected-error@below {{'mpc.conv' op convolution of 'tensor<1x2x5x5xf32>' with 'tensor<3x2x3x3xf32>' has shape [1, 3, 3, 3], not that of 'tensor<1x3x5x5xf32>' (strides [1, 1], pads [0, 0, 0, 0], dilations [1, 1])}}
  %0 = mpc.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x5x5xf32>, tensor<3x2x3x3xf32>) -> tensor<1x3x5x5xf32>
  return
}

// -----

func.func @conv_c4_bias_shape(%x: tensor<1x2x5x5xf32>, %w: tensor<3x2x3x3xf32>, %b: tensor<2xf32>) {
  // expected-error@below {{'mpc.conv' op needs a bias of 3 elements, but it is 'tensor<2xf32>'}}
  %0 = mpc.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x5x5xf32>, tensor<3x2x3x3xf32>, tensor<2xf32>) -> tensor<1x3x3x3xf32>
  return
}

// -----

func.func @conv_input_grad_c1_shape(%g: tensor<1x3x4x4xf32>, %w: tensor<3x2x3x3xf32>) {
  // expected-error@below {{'mpc.conv_input_grad' op convolution of 'tensor<1x2x5x5xf32>' with 'tensor<3x2x3x3xf32>' has shape [1, 3, 3, 3], not that of 'tensor<1x3x4x4xf32>'}}
  %0 = mpc.conv_input_grad %g, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x3x4x4xf32>, tensor<3x2x3x3xf32>) -> tensor<1x2x5x5xf32>
  return
}

// -----

func.func @conv_weight_grad_c1_shape(%g: tensor<1x3x4x4xf32>, %x: tensor<1x2x5x5xf32>) {
  // expected-error@below {{'mpc.conv_weight_grad' op convolution of 'tensor<1x2x5x5xf32>' with 'tensor<3x2x3x3xf32>' has shape [1, 3, 3, 3], not that of 'tensor<1x3x4x4xf32>'}}
  %0 = mpc.conv_weight_grad %g, %x {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x3x4x4xf32>, tensor<1x2x5x5xf32>) -> tensor<3x2x3x3xf32>
  return
}

// -----

func.func @pool_p1_window_too_large(%x: tensor<1x2x5x5xf32>) {
  // expected-error@below {{'mpc.max_pool' op window does not fit input 'tensor<1x2x5x5xf32>' (kernel [6, 2], strides [1, 1], pads [0, 0, 0, 0])}}
  %0 = mpc.max_pool %x {kernel = array<i64: 6, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x2x5x5xf32>) -> tensor<1x2x1x4xf32>
  return
}

// -----

func.func @pool_p1_pad_as_large_as_kernel(%x: tensor<1x2x5x5xf32>) {
  // expected-error@below {{'mpc.average_pool' op window does not fit input 'tensor<1x2x5x5xf32>' (kernel [2, 2], strides [1, 1], pads [2, 0, 0, 0])}}
  %0 = mpc.average_pool %x {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 2, 0, 0, 0>} : (tensor<1x2x5x5xf32>) -> tensor<1x2x6x4xf32>
  return
}

// -----

func.func @pool_p2_result_shape(%x: tensor<1x2x5x5xf32>) {
  // expected-error@below {{'mpc.max_pool' op pooling of 'tensor<1x2x5x5xf32>' has shape [1, 2, 2, 2], not that of 'tensor<1x2x3x3xf32>'}}
  %0 = mpc.max_pool %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x2x5x5xf32>) -> tensor<1x2x3x3xf32>
  return
}

// -----

func.func @max_pool_grad_p1_input_shape(%g: tensor<1x2x2x2xf32>, %x: tensor<1x2x4x4xf32>) {
  // expected-error@below {{'mpc.max_pool_grad' op gives the gradient of 'tensor<1x2x4x4xf32>', but the result is 'tensor<1x2x5x5xf32>'}}
  %0 = mpc.max_pool_grad %g, %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x2x2x2xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x5x5xf32>
  return
}

// -----

func.func @average_pool_grad_p1_shape(%g: tensor<1x2x3x3xf32>) {
  // expected-error@below {{'mpc.average_pool_grad' op pooling of 'tensor<1x2x5x5xf32>' has shape [1, 2, 2, 2], not that of 'tensor<1x2x3x3xf32>'}}
  %0 = mpc.average_pool_grad %g {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x2x3x3xf32>) -> tensor<1x2x5x5xf32>
  return
}

// -----

func.func @batch_norm_b1_channels(%x: tensor<4x3xf32>, %v: tensor<2xf32>) {
  // expected-error@below {{'mpc.batch_normalization_inference' op needs vectors of 3 channels, but one is 'tensor<2xf32>'}}
  %0 = mpc.batch_normalization_inference %x, %v, %v, %v, %v {epsilon = 1.0e-5 : f32} : (tensor<4x3xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @batch_norm_b1_rank(%x: tensor<4xf32>, %v: tensor<4xf32>) {
  // expected-error@below {{'mpc.batch_normalization_inference' op needs an input [N, C, ...], but it is 'tensor<4xf32>'}}
  %0 = mpc.batch_normalization_inference %x, %v, %v, %v, %v {epsilon = 1.0e-5 : f32} : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @batch_norm_b2_shape(%x: tensor<4x3xf32>, %v: tensor<3xf32>) {
  // expected-error@below {{'mpc.batch_normalization_inference' op changes the shape from 'tensor<4x3xf32>' to 'tensor<5x3xf32>'}}
  %0 = mpc.batch_normalization_inference %x, %v, %v, %v, %v {epsilon = 1.0e-5 : f32} : (tensor<4x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<5x3xf32>
  return
}

// -----

func.func @batch_norm_grad_b1_shape(%g: tensor<5x3xf32>, %x: tensor<4x3xf32>, %v: tensor<3xf32>) {
  // expected-error@below {{'mpc.batch_normalization_grad' op changes the shape from 'tensor<4x3xf32>' to 'tensor<5x3xf32>'}}
  %0:3 = mpc.batch_normalization_grad %g, %x, %v, %v, %v : (tensor<5x3xf32>, tensor<4x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> (tensor<4x3xf32>, tensor<3xf32>, tensor<3xf32>)
  return
}

// -----

func.func @cross_entropy_x1_axis(%x: tensor<4x3xf32>, %y: tensor<4xi64>) {
  // expected-error@below {{'mpc.cross_entropy' op has class_axis 2, which is not a dimension of 'tensor<4x3xf32>'}}
  %0 = mpc.cross_entropy %x, %y {class_axis = 2 : i64, ignore_index = -100 : i64} : (tensor<4x3xf32>, tensor<4xi64>) -> tensor<f32>
  return
}

// -----

func.func @cross_entropy_x2_labels(%x: tensor<4x3xf32>, %y: tensor<3xi64>) {
  // expected-error@below {{'mpc.cross_entropy' op needs labels of shape [4], but they are 'tensor<3xi64>'}}
  %0 = mpc.cross_entropy %x, %y {class_axis = 1 : i64, ignore_index = -100 : i64} : (tensor<4x3xf32>, tensor<3xi64>) -> tensor<f32>
  return
}

// -----

func.func @cross_entropy_grad_x3_shape(%s: tensor<f32>, %x: tensor<4x3xf32>, %y: tensor<4xi64>) {
  // expected-error@below {{'mpc.cross_entropy_grad' op gives the gradient of 'tensor<4x3xf32>', but the result is 'tensor<4x5xf32>'}}
  %0 = mpc.cross_entropy_grad %s, %x, %y {class_axis = 1 : i64, ignore_index = -100 : i64} : (tensor<f32>, tensor<4x3xf32>, tensor<4xi64>) -> tensor<4x5xf32>
  return
}

// -----

func.func @mse_m1_shapes(%x: tensor<4xf32>, %y: tensor<3xf32>) {
  // expected-error@below {{'mpc.mse' op compares 'tensor<4xf32>' with 'tensor<3xf32>'}}
  %0 = mpc.mse %x, %y : (tensor<4xf32>, tensor<3xf32>) -> tensor<f32>
  return
}

// -----

func.func @mse_grad_m1_shapes(%s: tensor<f32>, %x: tensor<4xf32>, %y: tensor<3xf32>) {
  // expected-error@below {{'mpc.mse_grad' op compares 'tensor<4xf32>' with 'tensor<3xf32>' for a result 'tensor<4xf32>'}}
  %0 = mpc.mse_grad %s, %x, %y : (tensor<f32>, tensor<4xf32>, tensor<3xf32>) -> tensor<4xf32>
  return
}
