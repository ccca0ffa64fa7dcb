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
  // CHECK: mpc.max_pool %{{.*}} {kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x2x5x4xf16>) -> tensor<1x2x2x2xf16>
  %m = mpc.max_pool %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x2x5x4xf16>) -> tensor<1x2x2x2xf16>
  // CHECK: mpc.max_pool_grad
  %dm = mpc.max_pool_grad %m, %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x2x2x2xf16>, tensor<1x2x5x4xf16>) -> tensor<1x2x5x4xf16>
  // CHECK: mpc.average_pool %{{.*}} {count_include_pad
  %a = mpc.average_pool %dm {count_include_pad, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x2x5x4xf16>) -> tensor<1x2x2x2xf16>
  // CHECK: mpc.average_pool_grad
  %da = mpc.average_pool_grad %a {count_include_pad, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x2x2x2xf16>) -> tensor<1x2x5x4xf16>
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
  // CHECK: mpc.mse
  %m = mpc.mse %x, %d : (tensor<4x3xf32>, tensor<4x3xf32>) -> tensor<f32>
  // CHECK: mpc.mse_grad
  %dm = mpc.mse_grad %seed, %x, %d : (tensor<f32>, tensor<4x3xf32>, tensor<4x3xf32>) -> tensor<4x3xf32>
  return %dm : tensor<4x3xf32>
}
