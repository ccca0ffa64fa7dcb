// RUN: mpc-opt %s | mpc-opt | FileCheck %s

// CHECK-LABEL: func.func @moves
func.func @moves(%x: tensor<2x3x4xf16>) -> tensor<5x4x6xf16> {
  // CHECK: mpc.reshape %{{.*}} : (tensor<2x3x4xf16>) -> tensor<6x4xf16>
  %0 = mpc.reshape %x : (tensor<2x3x4xf16>) -> tensor<6x4xf16>
  // CHECK: mpc.transpose %{{.*}} {perm = array<i64: 1, 0>} : (tensor<6x4xf16>) -> tensor<4x6xf16>
  %1 = mpc.transpose %0 {perm = array<i64: 1, 0>} : (tensor<6x4xf16>) -> tensor<4x6xf16>
  // CHECK: mpc.broadcast %{{.*}} : (tensor<4x6xf16>) -> tensor<5x4x6xf16>
  %2 = mpc.broadcast %1 : (tensor<4x6xf16>) -> tensor<5x4x6xf16>
  return %2 : tensor<5x4x6xf16>
}

// CHECK-LABEL: func.func @sums
func.func @sums(%x: tensor<2x3x4xf16>) -> tensor<3xf32> {
  // CHECK: mpc.reduce_sum %{{.*}} {axes = array<i64: 1>, keep_dims} : (tensor<2x3x4xf16>) -> tensor<2x1x4xf32>
  %0 = mpc.reduce_sum %x {axes = array<i64: 1>, keep_dims} : (tensor<2x3x4xf16>) -> tensor<2x1x4xf32>
  // CHECK: mpc.reduce_sum %{{.*}} {axes = array<i64: 0, 2>} : (tensor<2x3x4xf16>) -> tensor<3xf32>
  %1 = mpc.reduce_sum %x {axes = array<i64: 0, 2>} : (tensor<2x3x4xf16>) -> tensor<3xf32>
  return %1 : tensor<3xf32>
}
