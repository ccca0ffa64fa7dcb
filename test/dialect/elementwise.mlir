// RUN: mpc-opt %s | mpc-opt | FileCheck %s

// CHECK-LABEL: func.func @binary_ops_broadcast
func.func @binary_ops_broadcast(%x: tensor<2x3xf32>, %b: tensor<3xf16>, %n: tensor<i64>) -> tensor<2x3xf32> {
  // CHECK: mpc.add %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<3xf16>) -> tensor<2x3xf32>
  %0 = mpc.add %x, %b : (tensor<2x3xf32>, tensor<3xf16>) -> tensor<2x3xf32>
  // CHECK: mpc.sub
  %1 = mpc.sub %0, %x : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: mpc.mul
  %2 = mpc.mul %1, %b : (tensor<2x3xf32>, tensor<3xf16>) -> tensor<2x3xf32>
  // CHECK: mpc.div
  %3 = mpc.div %2, %x : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: mpc.add %{{.*}} : (tensor<i64>, tensor<i64>) -> tensor<i64>
  %4 = mpc.add %n, %n : (tensor<i64>, tensor<i64>) -> tensor<i64>
  return %3 : tensor<2x3xf32>
}

// CHECK-LABEL: func.func @unary_ops
func.func @unary_ops(%x: tensor<4xf32>) -> tensor<4xbf16> {
  // CHECK: mpc.neg
  %0 = mpc.neg %x : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK: mpc.sqrt
  %1 = mpc.sqrt %0 : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK: mpc.relu
  %2 = mpc.relu %1 : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK: mpc.relu_grad
  %3 = mpc.relu_grad %2, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  // CHECK: mpc.cast %{{.*}} : tensor<4xf32> to tensor<4xbf16>
  %4 = mpc.cast %3 : tensor<4xf32> to tensor<4xbf16>
  // CHECK: mpc.cast %{{.*}} {user} : tensor<4xbf16> to tensor<4xbf16>
  %5 = mpc.cast %4 {user} : tensor<4xbf16> to tensor<4xbf16>
  return %5 : tensor<4xbf16>
}

// CHECK-LABEL: func.func @select_and_constant
func.func @select_and_constant(%c: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: mpc.constant dense<1.000000e+00> : tensor<f32> : tensor<f32>
  %one = mpc.constant dense<1.0> : tensor<f32> : tensor<f32>
  // CHECK: mpc.select %{{.*}} : (tensor<i1>, tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %0 = mpc.select %c, %x, %one : (tensor<i1>, tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
