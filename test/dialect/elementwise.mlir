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

// CHECK-LABEL: func.func @extremes_and_powers
func.func @extremes_and_powers(%x: tensor<2x3xf32>, %y: tensor<3xf16>) {
  // CHECK: mpc.max %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<3xf16>) -> tensor<2x3xf32>
  %0 = mpc.max %x, %y : (tensor<2x3xf32>, tensor<3xf16>) -> tensor<2x3xf32>
  // CHECK: mpc.min %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<3xf16>) -> tensor<2x3xf32>
  %1 = mpc.min %x, %y : (tensor<2x3xf32>, tensor<3xf16>) -> tensor<2x3xf32>
  // CHECK: mpc.pow %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<3xf16>) -> tensor<2x3xf32>
  %2 = mpc.pow %x, %y : (tensor<2x3xf32>, tensor<3xf16>) -> tensor<2x3xf32>
  // CHECK: mpc.mod %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<3xf16>) -> tensor<2x3xf32>
  %3 = mpc.mod %x, %y : (tensor<2x3xf32>, tensor<3xf16>) -> tensor<2x3xf32>
  // CHECK: mpc.fmod %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<3xf16>) -> tensor<2x3xf32>
  %4 = mpc.fmod %x, %y : (tensor<2x3xf32>, tensor<3xf16>) -> tensor<2x3xf32>
  return
}

// CHECK-LABEL: func.func @truth
func.func @truth(%x: tensor<2x3xf32>, %y: tensor<f32>) {
  // CHECK: mpc.compare  less_or_equal %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xi1>
  %0 = mpc.compare less_or_equal %x, %y : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xi1>
  // CHECK: mpc.is_nan %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xi1>
  %1 = mpc.is_nan %x : (tensor<2x3xf32>) -> tensor<2x3xi1>
  // CHECK: mpc.is_inf %{{.*}} {positive} : (tensor<2x3xf32>) -> tensor<2x3xi1>
  %2 = mpc.is_inf %x {positive} : (tensor<2x3xf32>) -> tensor<2x3xi1>
  // CHECK: mpc.and %{{.*}}, %{{.*}} : (tensor<2x3xi1>, tensor<2x3xi1>) -> tensor<2x3xi1>
  %3 = mpc.and %0, %1 : (tensor<2x3xi1>, tensor<2x3xi1>) -> tensor<2x3xi1>
  // CHECK: mpc.or %{{.*}}, %{{.*}} : (tensor<2x3xi1>, tensor<2x3xi1>) -> tensor<2x3xi1>
  %4 = mpc.or %3, %2 : (tensor<2x3xi1>, tensor<2x3xi1>) -> tensor<2x3xi1>
  // CHECK: mpc.xor %{{.*}}, %{{.*}} : (tensor<2x3xi1>, tensor<2x3xi1>) -> tensor<2x3xi1>
  %5 = mpc.xor %4, %0 : (tensor<2x3xi1>, tensor<2x3xi1>) -> tensor<2x3xi1>
  // CHECK: mpc.not %{{.*}} : (tensor<2x3xi1>) -> tensor<2x3xi1>
  %6 = mpc.not %5 : (tensor<2x3xi1>) -> tensor<2x3xi1>
  // CHECK: mpc.convert %{{.*}} : tensor<2x3xi1> to tensor<2x3xf16>
  %7 = mpc.convert %6 : tensor<2x3xi1> to tensor<2x3xf16>
  return
}

// CHECK-LABEL: func.func @functions
func.func @functions(%x: tensor<4xf16>) {
  // CHECK: mpc.unary  gelu_tanh %{{.*}} : (tensor<4xf16>) -> tensor<4xf16>
  %0 = mpc.unary gelu_tanh %x : (tensor<4xf16>) -> tensor<4xf16>
  // CHECK: mpc.unary  elu %{{.*}} {alpha = 5.000000e-01 : f32} : (tensor<4xf16>) -> tensor<4xf32>
  %1 = mpc.unary elu %0 {alpha = 0.5 : f32} : (tensor<4xf16>) -> tensor<4xf32>
  // CHECK: mpc.unary_grad  elu %{{.*}}, %{{.*}} {alpha = 5.000000e-01 : f32} : (tensor<4xf16>, tensor<4xf32>) -> tensor<4xf16>
  %2 = mpc.unary_grad elu %0, %1 {alpha = 0.5 : f32} : (tensor<4xf16>, tensor<4xf32>) -> tensor<4xf16>
  return
}
