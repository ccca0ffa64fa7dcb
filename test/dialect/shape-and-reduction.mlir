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

// CHECK-LABEL: func.func @slices
func.func @slices(%x: tensor<2x5xf32>) {
  // CHECK: mpc.slice %{{.*}} {starts = array<i64: 0, 4>, steps = array<i64: 1, -2>} : (tensor<2x5xf32>) -> tensor<2x2xf32>
  %0 = mpc.slice %x {starts = array<i64: 0, 4>, steps = array<i64: 1, -2>} : (tensor<2x5xf32>) -> tensor<2x2xf32>
  // CHECK: mpc.pad %{{.*}} {starts = array<i64: 0, 4>, steps = array<i64: 1, -2>, value = 1.500000e+00 : f64} : (tensor<2x2xf32>) -> tensor<2x5xf32>
  %1 = mpc.pad %0 {starts = array<i64: 0, 4>, steps = array<i64: 1, -2>, value = 1.5} : (tensor<2x2xf32>) -> tensor<2x5xf32>
  // CHECK: mpc.concat %{{.*}}, %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<2x2xf32>, tensor<2x5xf32>, tensor<2x5xf32>) -> tensor<2x12xf32>
  %2 = mpc.concat %0, %1, %x {axis = 1 : i64} : (tensor<2x2xf32>, tensor<2x5xf32>, tensor<2x5xf32>) -> tensor<2x12xf32>
  return
}

// CHECK-LABEL: func.func @reductions
func.func @reductions(%x: tensor<2x3x4xf16>, %i: tensor<4xi64>) {
  // CHECK: mpc.reduce_mean %{{.*}} {axes = array<i64: 1>, keep_dims} : (tensor<2x3x4xf16>) -> tensor<2x1x4xf32>
  %0 = mpc.reduce_mean %x {axes = array<i64: 1>, keep_dims} : (tensor<2x3x4xf16>) -> tensor<2x1x4xf32>
  // CHECK: mpc.reduce_max %{{.*}} {axes = array<i64: 0, 2>} : (tensor<2x3x4xf16>) -> tensor<3xf16>
  %1 = mpc.reduce_max %x {axes = array<i64: 0, 2>} : (tensor<2x3x4xf16>) -> tensor<3xf16>
  // CHECK: mpc.reduce_min %{{.*}} {axes = array<i64: 0>} : (tensor<4xi64>) -> tensor<i64>
  %2 = mpc.reduce_min %i {axes = array<i64: 0>} : (tensor<4xi64>) -> tensor<i64>
  // CHECK: mpc.reduce_prod %{{.*}} {axes = array<i64: 0>, keep_dims} : (tensor<4xi64>) -> tensor<1xi64>
  %3 = mpc.reduce_prod %i {axes = array<i64: 0>, keep_dims} : (tensor<4xi64>) -> tensor<1xi64>
  return
}
