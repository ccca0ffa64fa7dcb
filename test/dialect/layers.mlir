// RUN: mpc-opt %s | mpc-opt | FileCheck %s

// CHECK-LABEL: func.func @products
func.func @products(%a: tensor<5x2xf16>, %b: tensor<4x5xf16>, %c: tensor<4xf32>) -> tensor<2x4xf32> {
  // CHECK: mpc.gemm %{{.*}}, %{{.*}}, %{{.*}} {alpha = 5.000000e-01 : f32, trans_a, trans_b} : (tensor<5x2xf16>, tensor<4x5xf16>, tensor<4xf32>) -> tensor<2x4xf32>
  %0 = mpc.gemm %a, %b, %c {alpha = 0.5 : f32, trans_a, trans_b} : (tensor<5x2xf16>, tensor<4x5xf16>, tensor<4xf32>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// CHECK-LABEL: func.func @convolutions
func.func @convolutions(%x: tensor<1x2x5x6xf32>, %w: tensor<3x2x3x3xf32>, %b: tensor<3xf32>) -> tensor<3x2x3x3xf32> {
  // CHECK: mpc.conv %{{.*}} {dilations = array<i64: 1, 1>, pads = array<i64: 1, 0, 1, 0>, strides = array<i64: 2, 1>} : (tensor<1x2x5x6xf32>, tensor<3x2x3x3xf32>, tensor<3xf32>) -> tensor<1x3x3x4xf32>
  %y = mpc.conv %x, %w, %b {strides = array<i64: 2, 1>, pads = array<i64: 1, 0, 1, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x5x6xf32>, tensor<3x2x3x3xf32>, tensor<3xf32>) -> tensor<1x3x3x4xf32>
  // CHECK: mpc.conv_input_grad
  %dx = mpc.conv_input_grad %y, %w {strides = array<i64: 2, 1>, pads = array<i64: 1, 0, 1, 0>, dilations = array<i64: 1, 1>} : (tensor<1x3x3x4xf32>, tensor<3x2x3x3xf32>) -> tensor<1x2x5x6xf32>
  // CHECK: mpc.conv_weight_grad
  %dw = mpc.conv_weight_grad %y, %dx {strides = array<i64: 2, 1>, pads = array<i64: 1, 0, 1, 0>, dilations = array<i64: 1, 1>} : (tensor<1x3x3x4xf32>, tensor<1x2x5x6xf32>) -> tensor<3x2x3x3xf32>
  return %dw : tensor<3x2x3x3xf32>
}

// CHECK-LABEL: func.func @pools
func.func @pools(%x: tensor<1x2x5x4xf16>) -> tensor<1x2x5x4xf16> {
  // CHECK: mpc.max_pool %{{.*}} {dilations = array<i64: 1, 1>, kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x2x5x4xf16>) -> tensor<1x2x2x2xf16>
  %m = mpc.max_pool %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x5x4xf16>) -> tensor<1x2x2x2xf16>
  // CHECK: mpc.max_pool_grad
  %dm = mpc.max_pool_grad %m, %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x2x2xf16>, tensor<1x2x5x4xf16>) -> tensor<1x2x5x4xf16>
  // CHECK: mpc.average_pool %{{.*}} {count_include_pad
  %a = mpc.average_pool %dm {count_include_pad, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x5x4xf16>) -> tensor<1x2x2x2xf16>
  // CHECK: mpc.average_pool_grad
  %da = mpc.average_pool_grad %a {count_include_pad, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x2x2xf16>) -> tensor<1x2x5x4xf16>
  return %da : tensor<1x2x5x4xf16>
}

// CHECK-LABEL: func.func @normalizations
func.func @normalizations(%x: tensor<4x3x2xf16>, %v: tensor<3xf32>) -> tensor<4x3x2xf16> {
  // CHECK: mpc.batch_normalization
  %y, %nm, %nv, %mean, %inv = mpc.batch_normalization %x, %v, %v, %v, %v {epsilon = 1.0e-5 : f32, momentum = 0.9 : f32} : (tensor<4x3x2xf16>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> (tensor<4x3x2xf16>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  // CHECK: mpc.batch_normalization_grad
  %dx, %ds, %db = mpc.batch_normalization_grad %y, %x, %v, %mean, %inv : (tensor<4x3x2xf16>, tensor<4x3x2xf16>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> (tensor<4x3x2xf16>, tensor<3xf32>, tensor<3xf32>)
  // CHECK: mpc.batch_normalization_inference
  %e = mpc.batch_normalization_inference %dx, %v, %v, %nm, %nv {epsilon = 1.0e-5 : f32} : (tensor<4x3x2xf16>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<4x3x2xf16>
  return %e : tensor<4x3x2xf16>
}

// CHECK-LABEL: func.func @losses
func.func @losses(%x: tensor<4x3xf32>, %y: tensor<4xi64>) -> tensor<4x3xf32> {
  %seed = mpc.gradient_seed : () -> tensor<f32>
  // CHECK: mpc.cross_entropy
  %l = mpc.cross_entropy %x, %y {class_axis = 1 : i64, ignore_index = -100 : i64} : (tensor<4x3xf32>, tensor<4xi64>) -> tensor<f32>
  // CHECK: mpc.cross_entropy_grad
  %d = mpc.cross_entropy_grad %seed, %x, %y {class_axis = 1 : i64, ignore_index = -100 : i64} : (tensor<f32>, tensor<4x3xf32>, tensor<4xi64>) -> tensor<4x3xf32>
  // CHECK: mpc.cross_entropy_and_grad
  %both:2 = mpc.cross_entropy_and_grad %seed, %x, %y {class_axis = 1 : i64, ignore_index = -100 : i64} : (tensor<f32>, tensor<4x3xf32>, tensor<4xi64>) -> (tensor<f32>, tensor<4x3xf32>)
  // CHECK: mpc.pointwise_loss
  %m = mpc.pointwise_loss mse %x, %d : (tensor<4x3xf32>, tensor<4x3xf32>) -> tensor<f32>
  // CHECK: mpc.pointwise_loss_grad
  %dm = mpc.pointwise_loss_grad mse %seed, %x, %d : (tensor<f32>, tensor<4x3xf32>, tensor<4x3xf32>) -> tensor<4x3xf32>
  return %dm : tensor<4x3xf32>
}

// CHECK-LABEL: func.func @batches
func.func @batches(%a: tensor<2x4x3xf16>, %b: tensor<2x4x5xf16>) {
  // CHECK: mpc.batch_matmul %{{.*}}, %{{.*}} {trans_a} : (tensor<2x4x3xf16>, tensor<2x4x5xf16>) -> tensor<2x3x5xf32>
  %0 = mpc.batch_matmul %a, %b {trans_a} : (tensor<2x4x3xf16>, tensor<2x4x5xf16>) -> tensor<2x3x5xf32>
  return
}

// CHECK-LABEL: func.func @grouped
func.func @grouped(%x: tensor<1x4x5x6xf32>, %w: tensor<6x2x3x3xf32>) {
  // CHECK: mpc.conv %{{.*}}, %{{.*}} {dilations = array<i64: 1, 1>, groups = 2 : i64, pads = array<i64: 1, 0, 1, 0>, strides = array<i64: 2, 1>} : (tensor<1x4x5x6xf32>, tensor<6x2x3x3xf32>) -> tensor<1x6x3x4xf32>
  %0 = mpc.conv %x, %w {dilations = array<i64: 1, 1>, groups = 2 : i64, pads = array<i64: 1, 0, 1, 0>, strides = array<i64: 2, 1>} : (tensor<1x4x5x6xf32>, tensor<6x2x3x3xf32>) -> tensor<1x6x3x4xf32>
  return
}

// CHECK-LABEL: func.func @softmaxes
func.func @softmaxes(%x: tensor<4x2xf16>) {
  // CHECK: mpc.softmax %{{.*}} {axis = 1 : i64} : (tensor<4x2xf16>) -> tensor<4x2xf32>
  %0 = mpc.softmax %x {axis = 1 : i64} : (tensor<4x2xf16>) -> tensor<4x2xf32>
  // CHECK: mpc.log_softmax %{{.*}} {axis = 0 : i64} : (tensor<4x2xf16>) -> tensor<4x2xf32>
  %1 = mpc.log_softmax %x {axis = 0 : i64} : (tensor<4x2xf16>) -> tensor<4x2xf32>
  // CHECK: mpc.softmax_grad %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<4x2xf16>, tensor<4x2xf32>) -> tensor<4x2xf16>
  %2 = mpc.softmax_grad %x, %0 {axis = 1 : i64} : (tensor<4x2xf16>, tensor<4x2xf32>) -> tensor<4x2xf16>
  // CHECK: mpc.log_softmax_grad %{{.*}}, %{{.*}} {axis = 0 : i64} : (tensor<4x2xf16>, tensor<4x2xf32>) -> tensor<4x2xf16>
  %3 = mpc.log_softmax_grad %x, %1 {axis = 0 : i64} : (tensor<4x2xf16>, tensor<4x2xf32>) -> tensor<4x2xf16>
  return
}

// CHECK-LABEL: func.func @rows
func.func @rows(%x: tensor<4x3xf16>, %s: tensor<3xf32>) {
  // CHECK: mpc.layer_normalization %{{.*}}, %{{.*}}, %{{.*}} {axis = 1 : i64, epsilon = 9.99999974E-6 : f32, operandSegmentSizes = array<i32: 1, 1, 1>} : (tensor<4x3xf16>, tensor<3xf32>, tensor<3xf32>) -> (tensor<4x3xf16>, tensor<4x1xf32>, tensor<4x1xf32>)
  %y, %m, %i = mpc.layer_normalization %x, %s, %s {axis = 1 : i64, epsilon = 1.0e-5 : f32, operandSegmentSizes = array<i32: 1, 1, 1>} : (tensor<4x3xf16>, tensor<3xf32>, tensor<3xf32>) -> (tensor<4x3xf16>, tensor<4x1xf32>, tensor<4x1xf32>)
  // CHECK: mpc.layer_normalization_grad %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<4x3xf16>, tensor<4x3xf16>, tensor<3xf32>, tensor<4x1xf32>, tensor<4x1xf32>) -> (tensor<4x3xf16>, tensor<3xf32>, tensor<3xf32>)
  %d:3 = mpc.layer_normalization_grad %y, %x, %s, %m, %i {axis = 1 : i64} : (tensor<4x3xf16>, tensor<4x3xf16>, tensor<3xf32>, tensor<4x1xf32>, tensor<4x1xf32>) -> (tensor<4x3xf16>, tensor<3xf32>, tensor<3xf32>)
  // CHECK: mpc.rms_normalization %{{.*}}, %{{.*}} {axis = 1 : i64, epsilon = 9.99999974E-6 : f32} : (tensor<4x3xf16>, tensor<3xf32>) -> (tensor<4x3xf16>, tensor<4x1xf32>)
  %z, %r = mpc.rms_normalization %x, %s {axis = 1 : i64, epsilon = 1.0e-5 : f32} : (tensor<4x3xf16>, tensor<3xf32>) -> (tensor<4x3xf16>, tensor<4x1xf32>)
  // CHECK: mpc.rms_normalization_grad %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<4x3xf16>, tensor<4x3xf16>, tensor<3xf32>, tensor<4x1xf32>) -> (tensor<4x3xf16>, tensor<3xf32>)
  %e:2 = mpc.rms_normalization_grad %z, %x, %s, %r {axis = 1 : i64} : (tensor<4x3xf16>, tensor<4x3xf16>, tensor<3xf32>, tensor<4x1xf32>) -> (tensor<4x3xf16>, tensor<3xf32>)
  return
}

// CHECK-LABEL: func.func @weighted_losses
func.func @weighted_losses(%x: tensor<4x3xf16>, %y: tensor<4xi64>, %w: tensor<3xf32>, %s: tensor<f32>) {
  // CHECK: mpc.cross_entropy %{{.*}}, %{{.*}}, %{{.*}} {class_axis = 1 : i64, ignore_index = -100 : i64, label_smoothing = 1.000000e-01 : f32} : (tensor<4x3xf16>, tensor<4xi64>, tensor<3xf32>) -> tensor<f32>
  %0 = mpc.cross_entropy %x, %y, %w {class_axis = 1 : i64, ignore_index = -100 : i64, label_smoothing = 1.0e-1 : f32} : (tensor<4x3xf16>, tensor<4xi64>, tensor<3xf32>) -> tensor<f32>
  // CHECK: mpc.pointwise_loss  bce_logits %{{.*}}, %{{.*}} : (tensor<4x3xf16>, tensor<4x3xf16>) -> tensor<f32>
  %1 = mpc.pointwise_loss bce_logits %x, %x : (tensor<4x3xf16>, tensor<4x3xf16>) -> tensor<f32>
  // CHECK: mpc.pointwise_loss_grad  huber %{{.*}}, %{{.*}}, %{{.*}} : (tensor<f32>, tensor<4x3xf16>, tensor<4x3xf16>) -> tensor<4x3xf16>
  %2 = mpc.pointwise_loss_grad huber %s, %x, %x : (tensor<f32>, tensor<4x3xf16>, tensor<4x3xf16>) -> tensor<4x3xf16>
  return
}

// CHECK-LABEL: func.func @dropouts
func.func @dropouts(%x: tensor<4xf16>, %n: tensor<i64>) {
  // CHECK: mpc.dropout %{{.*}}, %{{.*}} {ratio = 5.000000e-01 : f32, seed = 7 : i64} : (tensor<4xf16>, tensor<i64>) -> (tensor<4xf16>, tensor<i64>)
  %y, %m = mpc.dropout %x, %n {ratio = 0.5 : f32, seed = 7 : i64} : (tensor<4xf16>, tensor<i64>) -> (tensor<4xf16>, tensor<i64>)
  // CHECK: mpc.dropout_grad %{{.*}}, %{{.*}} {ratio = 5.000000e-01 : f32, seed = 7 : i64} : (tensor<4xf16>, tensor<i64>) -> tensor<4xf16>
  %g = mpc.dropout_grad %y, %n {ratio = 0.5 : f32, seed = 7 : i64} : (tensor<4xf16>, tensor<i64>) -> tensor<4xf16>
  return
}
