// RUN: mpc-opt %s --mpc-fold-empty-products --split-input-file | FileCheck %s

// CHECK-LABEL: func @sums_with_terms_and_results_without_elements_stay
func.func @sums_with_terms_and_results_without_elements_stay(
    %a: tensor<4x1xf32>, %b: tensor<1x3xf32>, %e: tensor<0x1xf32>)
    -> (tensor<4x3xf32>, tensor<0x3xf32>) {
  // CHECK-COUNT-2: mpc.gemm
  // CHECK-NOT: mpc.constant
  %0 = mpc.gemm %a, %b : (tensor<4x1xf32>, tensor<1x3xf32>) -> tensor<4x3xf32>
  %1 = mpc.gemm %e, %b : (tensor<0x1xf32>, tensor<1x3xf32>) -> tensor<0x3xf32>
  return %0, %1 : tensor<4x3xf32>, tensor<0x3xf32>
}

// CHECK-LABEL: func @a_gemm_of_nothing_is_its_addend
// CHECK-SAME:    %[[C:[a-z0-9]*]]: tensor<3xf32>)
func.func @a_gemm_of_nothing_is_its_addend(
    %a: tensor<0x4xf32>, %b: tensor<0x3xf32>, %c: tensor<3xf32>)
    -> (tensor<4x3xf32>, tensor<4x3xf32>, tensor<4x3xf32>) {
  // CHECK: %[[Z0:.*]] = mpc.constant dense<0.000000e+00> : tensor<4x3xf32>
  %0 = mpc.gemm %a, %b {trans_a} : (tensor<0x4xf32>, tensor<0x3xf32>) -> tensor<4x3xf32>
  // CHECK: %[[Z1:.*]] = mpc.constant dense<0.000000e+00>
  // CHECK: %[[S1:.*]] = mpc.add %[[Z1]], %[[C]]
  %1 = mpc.gemm %a, %b, %c {trans_a, node = ["fc"]} : (tensor<0x4xf32>, tensor<0x3xf32>, tensor<3xf32>) -> tensor<4x3xf32>
  // CHECK: %[[Z2:.*]] = mpc.constant dense<0.000000e+00>
  // CHECK: %[[BETA:.*]] = mpc.constant dense<2.500000e-01> : tensor<f32>
  // CHECK: %[[P2:.*]] = mpc.mul %[[C]], %[[BETA]]
  // CHECK: %[[S2:.*]] = mpc.add %[[Z2]], %[[P2]]
  %2 = mpc.gemm %a, %b, %c {trans_a, beta = 0.25 : f32} : (tensor<0x4xf32>, tensor<0x3xf32>, tensor<3xf32>) -> tensor<4x3xf32>
  // CHECK-NOT: mpc.gemm
  // CHECK: return %[[Z0]], %[[S1]], %[[S2]]
  return %0, %1, %2 : tensor<4x3xf32>, tensor<4x3xf32>, tensor<4x3xf32>
}

// CHECK-LABEL: func @so_are_batches_and_convolutions
// CHECK-SAME:    %[[BIAS:[a-z0-9]*]]: tensor<5xf32>,
func.func @so_are_batches_and_convolutions(
    %a: tensor<2x4x0xf32>, %b: tensor<2x0x3xf32>, %x: tensor<2x0x8x8xf32>,
    %w: tensor<5x0x1x1xf32>, %bias: tensor<5xf32>, %none: tensor<0x5x8x8xf32>,
    %g: tensor<0x3x8x8xf32>)
    -> (tensor<2x4x3xf32>, tensor<2x5x8x8xf32>, tensor<5x3x1x1xf32>) {
  // CHECK: %[[Z0:.*]] = mpc.constant dense<0.000000e+00> : tensor<2x4x3xf32>
  %0 = mpc.batch_matmul %a, %b : (tensor<2x4x0xf32>, tensor<2x0x3xf32>) -> tensor<2x4x3xf32>
  // CHECK: %[[Z1:.*]] = mpc.constant dense<0.000000e+00> : tensor<2x5x8x8xf32>
  // CHECK: %[[ROW:.*]] = mpc.reshape %[[BIAS]] {{.*}} -> tensor<5x1x1xf32>
  // CHECK: %[[S1:.*]] = mpc.add %[[Z1]], %[[ROW]]
  %1 = mpc.conv %x, %w, %bias {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<2x0x8x8xf32>, tensor<5x0x1x1xf32>, tensor<5xf32>) -> tensor<2x5x8x8xf32>
  // CHECK: %[[Z2:.*]] = mpc.constant dense<0.000000e+00> : tensor<5x3x1x1xf32>
  %2 = mpc.conv_weight_grad %none, %g {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<0x5x8x8xf32>, tensor<0x3x8x8xf32>) -> tensor<5x3x1x1xf32>
  // CHECK: return %[[Z0]], %[[S1]], %[[Z2]]
  return %0, %1, %2 : tensor<2x4x3xf32>, tensor<2x5x8x8xf32>, tensor<5x3x1x1xf32>
}
