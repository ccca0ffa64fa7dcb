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
  // expected-error@below {{'mpc.conv' op weight 'tensor<3x4x3x3xf32>' does not fit input 'tensor<1x2x5x5xf32>' (strides [1, 1], pads [0, 0, 0, 0], dilations [1, 1], groups 1)}}
  %0 = mpc.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x5x5xf32>, tensor<3x4x3x3xf32>) -> tensor<1x3x3x3xf32>
  return
}

// -----

func.func @conv_c2_stride_zero(%x: tensor<1x2x5x5xf32>, %w: tensor<3x2x3x3xf32>) {
  // expected-error@below {{'mpc.conv' op weight 'tensor<3x2x3x3xf32>' does not fit input 'tensor<1x2x5x5xf32>' (strides [0, 1], pads [0, 0, 0, 0], dilations [1, 1], groups 1)}}
  %0 = mpc.conv %x, %w {strides = array<i64: 0, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x5x5xf32>, tensor<3x2x3x3xf32>) -> tensor<1x3x3x3xf32>
  return
}

// -----

func.func @conv_c3_result_shape(%x: tensor<1x2x5x5xf32>, %w: tensor<3x2x3x3xf32>) {
  // expected-error@below {{'mpc.conv' op convolution of 'tensor<1x2x5x5xf32>' with 'tensor<3x2x3x3xf32>' has shape [1, 3, 3, 3], not that of 'tensor<1x3x5x5xf32>' (strides [1, 1], pads [0, 0, 0, 0], dilations [1, 1], groups 1)}}
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
  // expected-error@below {{'mpc.max_pool' op window does not fit input 'tensor<1x2x5x5xf32>' (kernel [6, 2], strides [1, 1], pads [0, 0, 0, 0], dilations [1, 1])}}
  %0 = mpc.max_pool %x {kernel = array<i64: 6, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x5x5xf32>) -> tensor<1x2x1x4xf32>
  return
}

// -----

func.func @pool_p1_pad_as_large_as_kernel(%x: tensor<1x2x5x5xf32>) {
  // expected-error@below {{'mpc.average_pool' op window does not fit input 'tensor<1x2x5x5xf32>' (kernel [2, 2], strides [1, 1], pads [2, 0, 0, 0], dilations [1, 1])}}
  %0 = mpc.average_pool %x {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 2, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x5x5xf32>) -> tensor<1x2x6x4xf32>
  return
}

// -----

func.func @pool_p2_result_shape(%x: tensor<1x2x5x5xf32>) {
  // expected-error@below {{'mpc.max_pool' op pooling of 'tensor<1x2x5x5xf32>' has shape [1, 2, 2, 2], not that of 'tensor<1x2x4x4xf32>'}}
  %0 = mpc.max_pool %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x5x5xf32>) -> tensor<1x2x4x4xf32>
  return
}

// -----

func.func @max_pool_grad_p1_input_shape(%g: tensor<1x2x2x2xf32>, %x: tensor<1x2x4x4xf32>) {
  // expected-error@below {{'mpc.max_pool_grad' op gives the gradient of 'tensor<1x2x4x4xf32>', but the result is 'tensor<1x2x5x5xf32>'}}
  %0 = mpc.max_pool_grad %g, %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x2x2xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x5x5xf32>
  return
}

// -----

func.func @average_pool_grad_p1_shape(%g: tensor<1x2x4x4xf32>) {
  // expected-error@below {{'mpc.average_pool_grad' op pooling of 'tensor<1x2x5x5xf32>' has shape [1, 2, 2, 2], not that of 'tensor<1x2x4x4xf32>'}}
  %0 = mpc.average_pool_grad %g {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x5x5xf32>
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

func.func @cross_entropy_and_grad_x1_shape(%s: tensor<f32>, %x: tensor<4x3xf32>, %y: tensor<4xi64>) {
  // expected-error@below {{'mpc.cross_entropy_and_grad' op gives the gradient of 'tensor<4x3xf32>', but the result is 'tensor<4x5xf32>'}}
  %0:2 = mpc.cross_entropy_and_grad %s, %x, %y {class_axis = 1 : i64, ignore_index = -100 : i64} : (tensor<f32>, tensor<4x3xf32>, tensor<4xi64>) -> (tensor<f32>, tensor<4x5xf32>)
  return
}

// -----

func.func @pointwise_loss_p1_shapes(%x: tensor<4xf32>, %y: tensor<3xf32>) {
  // expected-error@below {{'mpc.pointwise_loss' op compares 'tensor<4xf32>' with 'tensor<3xf32>'}}
  %0 = mpc.pointwise_loss mse %x, %y : (tensor<4xf32>, tensor<3xf32>) -> tensor<f32>
  return
}

// -----

func.func @pointwise_loss_grad_p1_shapes(%s: tensor<f32>, %x: tensor<4xf32>, %y: tensor<3xf32>) {
  // expected-error@below {{'mpc.pointwise_loss_grad' op compares 'tensor<4xf32>' with 'tensor<3xf32>' for a result 'tensor<4xf32>'}}
  %0 = mpc.pointwise_loss_grad mse %s, %x, %y : (tensor<f32>, tensor<4xf32>, tensor<3xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @batch_matmul_b1_sums_differ(%a: tensor<2x3x4xf32>, %b: tensor<2x5x6xf32>) {
  // expected-error@below {{'mpc.batch_matmul' op cannot multiply 'tensor<2x3x4xf32>' and 'tensor<2x5x6xf32>'}}
  %0 = mpc.batch_matmul %a, %b : (tensor<2x3x4xf32>, tensor<2x5x6xf32>) -> tensor<2x3x6xf32>
  return
}

// -----

func.func @batch_matmul_b1_rank(%a: tensor<3x4xf32>, %b: tensor<4x6xf32>) {
  // expected-error@below {{'mpc.batch_matmul' op needs batches of matrices, but A is 'tensor<3x4xf32>' and B is 'tensor<4x6xf32>'}}
  %0 = mpc.batch_matmul %a, %b : (tensor<3x4xf32>, tensor<4x6xf32>) -> tensor<1x3x6xf32>
  return
}

// -----

func.func @batch_matmul_b2_result(%a: tensor<2x3x4xf32>, %b: tensor<2x6x4xf32>) {
  // expected-error@below {{'mpc.batch_matmul' op gives 2x3x6, but the result is 'tensor<2x6x3xf32>'}}
  %0 = mpc.batch_matmul %a, %b {trans_b} : (tensor<2x3x4xf32>, tensor<2x6x4xf32>) -> tensor<2x6x3xf32>
  return
}

// -----

func.func @softmax_s1_axis(%x: tensor<4x2xf32>) {
  // expected-error@below {{'mpc.softmax' op has axis 2, which is not a dimension of 'tensor<4x2xf32>'}}
  %0 = mpc.softmax %x {axis = 2 : i64} : (tensor<4x2xf32>) -> tensor<4x2xf32>
  return
}

// -----

func.func @softmax_s2_shape(%x: tensor<4x2xf32>) {
  // expected-error@below {{'mpc.log_softmax' op changes the shape from 'tensor<4x2xf32>' to 'tensor<2x4xf32>'}}
  %0 = mpc.log_softmax %x {axis = 1 : i64} : (tensor<4x2xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @softmax_grad_s1_axis(%x: tensor<4x2xf32>) {
  // expected-error@below {{'mpc.softmax_grad' op has axis -1, which is not a dimension of 'tensor<4x2xf32>'}}
  %0 = mpc.softmax_grad %x, %x {axis = -1 : i64} : (tensor<4x2xf32>, tensor<4x2xf32>) -> tensor<4x2xf32>
  return
}

// -----

func.func @softmax_grad_s2_shape(%g: tensor<4x2xf32>, %y: tensor<4x3xf32>) {
  // expected-error@below {{'mpc.log_softmax_grad' op changes the shape from 'tensor<4x3xf32>' to 'tensor<4x2xf32>'}}
  %0 = mpc.log_softmax_grad %g, %y {axis = 1 : i64} : (tensor<4x2xf32>, tensor<4x3xf32>) -> tensor<4x2xf32>
  return
}

// -----

func.func @layer_norm_n1_axis(%x: tensor<4x3xf32>) {
  // expected-error@below {{'mpc.layer_normalization' op has axis 2, which is not a dimension of 'tensor<4x3xf32>'}}
  %0:3 = mpc.layer_normalization %x {axis = 2 : i64, epsilon = 1.0e-5 : f32, operandSegmentSizes = array<i32: 1, 0, 0>} : (tensor<4x3xf32>) -> (tensor<4x3xf32>, tensor<4x1xf32>, tensor<4x1xf32>)
  return
}

// -----

func.func @layer_norm_n2_scale(%x: tensor<4x3xf32>, %s: tensor<4xf32>) {
  // expected-error@below {{'mpc.layer_normalization' op needs vectors of a row's shape [3], but one is 'tensor<4xf32>'}}
  %0:3 = mpc.layer_normalization %x, %s {axis = 1 : i64, epsilon = 1.0e-5 : f32, operandSegmentSizes = array<i32: 1, 1, 0>} : (tensor<4x3xf32>, tensor<4xf32>) -> (tensor<4x3xf32>, tensor<4x1xf32>, tensor<4x1xf32>)
  return
}

// -----

func.func @layer_norm_n3_statistics(%x: tensor<4x3xf32>) {
  // expected-error@below {{'mpc.layer_normalization' op needs statistics of shape [4, 1], but one is 'tensor<4xf32>'}}
  %0:3 = mpc.layer_normalization %x {axis = 1 : i64, epsilon = 1.0e-5 : f32, operandSegmentSizes = array<i32: 1, 0, 0>} : (tensor<4x3xf32>) -> (tensor<4x3xf32>, tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

func.func @layer_norm_grad_n1_axis(%x: tensor<4x3xf32>, %m: tensor<4x1xf32>) {
  // expected-error@below {{'mpc.layer_normalization_grad' op has axis -1, which is not a dimension of 'tensor<4x3xf32>'}}
  %0:3 = mpc.layer_normalization_grad %x, %x, %m, %m {axis = -1 : i64} : (tensor<4x3xf32>, tensor<4x3xf32>, tensor<4x1xf32>, tensor<4x1xf32>) -> (tensor<4x3xf32>, tensor<3xf32>, tensor<3xf32>)
  return
}

// -----

func.func @layer_norm_grad_n2_row(%x: tensor<4x3xf32>, %m: tensor<4x1xf32>) {
  // expected-error@below {{'mpc.layer_normalization_grad' op needs vectors of a row's shape [3], but one is 'tensor<4xf32>'}}
  %0:3 = mpc.layer_normalization_grad %x, %x, %m, %m {axis = 1 : i64} : (tensor<4x3xf32>, tensor<4x3xf32>, tensor<4x1xf32>, tensor<4x1xf32>) -> (tensor<4x3xf32>, tensor<4xf32>, tensor<3xf32>)
  return
}

// -----

func.func @layer_norm_grad_n3_gradient(%g: tensor<3x4xf32>, %x: tensor<4x3xf32>, %m: tensor<4x1xf32>) {
  // expected-error@below {{'mpc.layer_normalization_grad' op changes the shape from 'tensor<4x3xf32>' to 'tensor<3x4xf32>'}}
  %0:3 = mpc.layer_normalization_grad %g, %x, %m, %m {axis = 1 : i64} : (tensor<3x4xf32>, tensor<4x3xf32>, tensor<4x1xf32>, tensor<4x1xf32>) -> (tensor<4x3xf32>, tensor<3xf32>, tensor<3xf32>)
  return
}

// -----

func.func @rms_norm_n1_axis(%x: tensor<4x3xf32>) {
  // expected-error@below {{'mpc.rms_normalization' op has axis 2, which is not a dimension of 'tensor<4x3xf32>'}}
  %0:2 = mpc.rms_normalization %x {axis = 2 : i64, epsilon = 1.0e-5 : f32} : (tensor<4x3xf32>) -> (tensor<4x3xf32>, tensor<4x1xf32>)
  return
}

// -----

func.func @rms_norm_n2_scale(%x: tensor<4x3xf32>, %s: tensor<4xf32>) {
  // expected-error@below {{'mpc.rms_normalization' op needs vectors of a row's shape [3], but one is 'tensor<4xf32>'}}
  %0:2 = mpc.rms_normalization %x, %s {axis = 1 : i64, epsilon = 1.0e-5 : f32} : (tensor<4x3xf32>, tensor<4xf32>) -> (tensor<4x3xf32>, tensor<4x1xf32>)
  return
}

// -----

func.func @rms_norm_n3_statistics(%x: tensor<4x3xf32>) {
  // expected-error@below {{'mpc.rms_normalization' op needs statistics of shape [4, 1], but one is 'tensor<4x3xf32>'}}
  %0:2 = mpc.rms_normalization %x {axis = 1 : i64, epsilon = 1.0e-5 : f32} : (tensor<4x3xf32>) -> (tensor<4x3xf32>, tensor<4x3xf32>)
  return
}

// -----

func.func @rms_norm_grad_n1_axis(%x: tensor<4x3xf32>, %m: tensor<4x1xf32>) {
  // expected-error@below {{'mpc.rms_normalization_grad' op has axis -1, which is not a dimension of 'tensor<4x3xf32>'}}
  %0:2 = mpc.rms_normalization_grad %x, %x, %m {axis = -1 : i64} : (tensor<4x3xf32>, tensor<4x3xf32>, tensor<4x1xf32>) -> (tensor<4x3xf32>, tensor<3xf32>)
  return
}

// -----

func.func @rms_norm_grad_n2_row(%x: tensor<4x3xf32>, %m: tensor<4x1xf32>) {
  // expected-error@below {{'mpc.rms_normalization_grad' op needs vectors of a row's shape [3], but one is 'tensor<4xf32>'}}
  %0:2 = mpc.rms_normalization_grad %x, %x, %m {axis = 1 : i64} : (tensor<4x3xf32>, tensor<4x3xf32>, tensor<4x1xf32>) -> (tensor<4x3xf32>, tensor<4xf32>)
  return
}

// -----

func.func @rms_norm_grad_n3_gradient(%g: tensor<3x4xf32>, %x: tensor<4x3xf32>, %m: tensor<4x1xf32>) {
  // expected-error@below {{'mpc.rms_normalization_grad' op changes the shape from 'tensor<4x3xf32>' to 'tensor<3x4xf32>'}}
  %0:2 = mpc.rms_normalization_grad %g, %x, %m {axis = 1 : i64} : (tensor<3x4xf32>, tensor<4x3xf32>, tensor<4x1xf32>) -> (tensor<4x3xf32>, tensor<3xf32>)
  return
}

// -----

func.func @cross_entropy_x4_weights(%x: tensor<4x3xf32>, %y: tensor<4xi64>, %w: tensor<4xf32>) {
  // expected-error@below {{'mpc.cross_entropy' op needs weights of 3 classes, but they are 'tensor<4xf32>'}}
  %0 = mpc.cross_entropy %x, %y, %w {class_axis = 1 : i64, ignore_index = -100 : i64} : (tensor<4x3xf32>, tensor<4xi64>, tensor<4xf32>) -> tensor<f32>
  return
}

// -----

func.func @cross_entropy_x5_smoothing(%x: tensor<4x3xf32>, %y: tensor<4xi64>) {
  // expected-error@below {{'mpc.cross_entropy' op has label_smoothing 1.000000e+00; expected at least 0 and less than 1}}
  %0 = mpc.cross_entropy %x, %y {class_axis = 1 : i64, ignore_index = -100 : i64, label_smoothing = 1.0 : f32} : (tensor<4x3xf32>, tensor<4xi64>) -> tensor<f32>
  return
}

// -----

func.func @dropout_d1_shape(%x: tensor<4xf32>, %n: tensor<i64>) {
  // expected-error@below {{'mpc.dropout' op changes the shape from 'tensor<4xf32>' to 'tensor<5xf32>'}}
  %0:2 = mpc.dropout %x, %n {ratio = 0.5 : f32, seed = 7 : i64} : (tensor<4xf32>, tensor<i64>) -> (tensor<5xf32>, tensor<i64>)
  return
}

// -----

func.func @dropout_d2_ratio(%x: tensor<4xf32>, %n: tensor<i64>) {
  // expected-error@below {{'mpc.dropout' op has ratio 1.000000e+00; expected at least 0 and less than 1}}
  %0:2 = mpc.dropout %x, %n {ratio = 1.0 : f32, seed = 7 : i64} : (tensor<4xf32>, tensor<i64>) -> (tensor<4xf32>, tensor<i64>)
  return
}

// -----

func.func @dropout_grad_d1_shape(%x: tensor<4xf32>, %n: tensor<i64>) {
  // expected-error@below {{'mpc.dropout_grad' op changes the shape from 'tensor<4xf32>' to 'tensor<5xf32>'}}
  %0 = mpc.dropout_grad %x, %n {ratio = 0.5 : f32, seed = 7 : i64} : (tensor<4xf32>, tensor<i64>) -> tensor<5xf32>
  return
}

// -----

func.func @dropout_grad_d2_ratio(%x: tensor<4xf32>, %n: tensor<i64>) {
  // expected-error@below {{'mpc.dropout_grad' op has ratio -5.000000e-01; expected at least 0 and less than 1}}
  %0 = mpc.dropout_grad %x, %n {ratio = -0.5 : f32, seed = 7 : i64} : (tensor<4xf32>, tensor<i64>) -> tensor<4xf32>
  return
}
