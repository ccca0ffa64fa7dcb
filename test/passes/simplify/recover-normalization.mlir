// RUN: mpc-opt %s --mpc-recover-ops | FileCheck %s

// CHECK-LABEL: func.func @nothing_to_do
func.func @nothing_to_do(%x: tensor<2x8xf32>) -> tensor<2x1xf32> {
  // CHECK: mpc.reduce_mean
  %m = mpc.reduce_mean %x {axes = array<i64: 1>, keep_dims} : (tensor<2x8xf32>) -> tensor<2x1xf32>
  return %m : tensor<2x1xf32>
}

// CHECK-LABEL: func.func @layer_normalization_by_pow_and_div
// CHECK-SAME: %[[X:[^:]*]]: tensor<2x8xf32>, %[[S:[^:]*]]: tensor<8xf32>, %[[B:[^:]*]]: tensor<8xf32>
func.func @layer_normalization_by_pow_and_div(%x: tensor<2x8xf32>, %s: tensor<8xf32>, %b: tensor<8xf32>) -> tensor<2x8xf32> {
  // CHECK-NEXT: %[[Y:[^,]*]], %{{.*}} = mpc.layer_normalization %[[X]], %[[S]], %[[B]] {axis = 1 : i64, direction = #mpc.direction<forward>, epsilon = 9.99999974E-6 : f32, node = ["mean", "d", "sq", "var", "e", "r", "n", "m", "y"], op_type = "LayerNormalization"
  // CHECK-NEXT: return %[[Y]]
  %two = mpc.constant dense<2.0> : tensor<f32> : tensor<f32>
  %eps = mpc.constant dense<1.0e-5> : tensor<f32> : tensor<f32>
  %mean = mpc.reduce_mean %x {axes = array<i64: 1>, keep_dims, node = ["mean"], op_type = "ReduceMean", direction = #mpc.direction<forward>} : (tensor<2x8xf32>) -> tensor<2x1xf32>
  %d = mpc.sub %x, %mean {node = ["d"], op_type = "Sub", direction = #mpc.direction<forward>} : (tensor<2x8xf32>, tensor<2x1xf32>) -> tensor<2x8xf32>
  %sq = mpc.pow %d, %two {node = ["sq"], op_type = "Pow", direction = #mpc.direction<forward>} : (tensor<2x8xf32>, tensor<f32>) -> tensor<2x8xf32>
  %var = mpc.reduce_mean %sq {axes = array<i64: 1>, keep_dims, node = ["var"], op_type = "ReduceMean", direction = #mpc.direction<forward>} : (tensor<2x8xf32>) -> tensor<2x1xf32>
  %e = mpc.add %var, %eps {node = ["e"], op_type = "Add", direction = #mpc.direction<forward>} : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %r = mpc.sqrt %e {node = ["r"], op_type = "Sqrt", direction = #mpc.direction<forward>} : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %n = mpc.div %d, %r {node = ["n"], op_type = "Div", direction = #mpc.direction<forward>} : (tensor<2x8xf32>, tensor<2x1xf32>) -> tensor<2x8xf32>
  %m = mpc.mul %n, %s {node = ["m"], op_type = "Mul", direction = #mpc.direction<forward>} : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
  %y = mpc.add %m, %b {node = ["y"], op_type = "Add", direction = #mpc.direction<forward>} : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
  return %y : tensor<2x8xf32>
}

// Rows of two dimensions, a second difference for the square, a reciprocal, and
// vectors with dimensions in front.
// CHECK-LABEL: func.func @layer_normalization_by_mul_and_reciprocal
// CHECK-SAME: %[[X:[^:]*]]: tensor<2x3x4xf32>, %[[S:[^:]*]]: tensor<1x3x4xf32>
func.func @layer_normalization_by_mul_and_reciprocal(%x: tensor<2x3x4xf32>, %s: tensor<1x3x4xf32>) -> tensor<2x3x4xf32> {
  // CHECK-NEXT: %[[R:.*]] = mpc.reshape %[[S]] {{.*}} -> tensor<3x4xf32>
  // CHECK-NEXT: %[[Y:[^,]*]], %{{.*}} = mpc.layer_normalization %[[X]], %[[R]] {axis = 1 : i64
  // CHECK-NEXT: return %[[Y]]
  %eps = mpc.constant dense<1.0e-5> : tensor<1xf32> : tensor<1xf32>
  %mean = mpc.reduce_mean %x {axes = array<i64: 1, 2>, keep_dims} : (tensor<2x3x4xf32>) -> tensor<2x1x1xf32>
  %d = mpc.sub %x, %mean : (tensor<2x3x4xf32>, tensor<2x1x1xf32>) -> tensor<2x3x4xf32>
  %d2 = mpc.sub %x, %mean : (tensor<2x3x4xf32>, tensor<2x1x1xf32>) -> tensor<2x3x4xf32>
  %sq = mpc.mul %d2, %d2 : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %var = mpc.reduce_mean %sq {axes = array<i64: 1, 2>, keep_dims} : (tensor<2x3x4xf32>) -> tensor<2x1x1xf32>
  %e = mpc.add %eps, %var : (tensor<1xf32>, tensor<2x1x1xf32>) -> tensor<2x1x1xf32>
  %r = mpc.sqrt %e : (tensor<2x1x1xf32>) -> tensor<2x1x1xf32>
  %i = mpc.unary reciprocal %r : (tensor<2x1x1xf32>) -> tensor<2x1x1xf32>
  %n = mpc.mul %i, %d : (tensor<2x1x1xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %m = mpc.mul %s, %n : (tensor<1x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  return %m : tensor<2x3x4xf32>
}

// CHECK-LABEL: func.func @rms_normalization
// CHECK-SAME: %[[X:[^:]*]]: tensor<2x8xf32>, %[[S:[^:]*]]: tensor<8xf32>
func.func @rms_normalization(%x: tensor<2x8xf32>, %s: tensor<8xf32>) -> tensor<2x8xf32> {
  // CHECK-NEXT: %[[Y:[^,]*]], %{{.*}} = mpc.rms_normalization %[[X]], %[[S]] {axis = 1 : i64
  // CHECK-NEXT: return %[[Y]]
  %one = mpc.constant dense<1.0> : tensor<f32> : tensor<f32>
  %eps = mpc.constant dense<1.0e-5> : tensor<f32> : tensor<f32>
  %sq = mpc.mul %x, %x : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
  %mean = mpc.reduce_mean %sq {axes = array<i64: 1>, keep_dims} : (tensor<2x8xf32>) -> tensor<2x1xf32>
  %e = mpc.add %mean, %eps : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %r = mpc.sqrt %e : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %i = mpc.div %one, %r : (tensor<f32>, tensor<2x1xf32>) -> tensor<2x1xf32>
  %n = mpc.mul %x, %i : (tensor<2x8xf32>, tensor<2x1xf32>) -> tensor<2x8xf32>
  %y = mpc.mul %n, %s : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
  return %y : tensor<2x8xf32>
}

// Per channel, not per row.
// CHECK-LABEL: func.func @not_over_the_last_dimensions
func.func @not_over_the_last_dimensions(%x: tensor<2x8x4xf32>) -> tensor<2x8x4xf32> {
  // CHECK-NOT: normalization
  // CHECK: mpc.div
  %eps = mpc.constant dense<1.0e-5> : tensor<f32> : tensor<f32>
  %mean = mpc.reduce_mean %x {axes = array<i64: 1>, keep_dims} : (tensor<2x8x4xf32>) -> tensor<2x1x4xf32>
  %d = mpc.sub %x, %mean : (tensor<2x8x4xf32>, tensor<2x1x4xf32>) -> tensor<2x8x4xf32>
  %sq = mpc.mul %d, %d : (tensor<2x8x4xf32>, tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  %var = mpc.reduce_mean %sq {axes = array<i64: 1>, keep_dims} : (tensor<2x8x4xf32>) -> tensor<2x1x4xf32>
  %e = mpc.add %var, %eps : (tensor<2x1x4xf32>, tensor<f32>) -> tensor<2x1x4xf32>
  %r = mpc.sqrt %e : (tensor<2x1x4xf32>) -> tensor<2x1x4xf32>
  %n = mpc.div %d, %r : (tensor<2x8x4xf32>, tensor<2x1x4xf32>) -> tensor<2x8x4xf32>
  return %n : tensor<2x8x4xf32>
}

// The root is of x, the dividend is x less its mean.
// CHECK-LABEL: func.func @root_of_something_else
func.func @root_of_something_else(%x: tensor<2x8xf32>) -> tensor<2x8xf32> {
  // CHECK-NOT: normalization
  // CHECK: mpc.div
  %eps = mpc.constant dense<1.0e-5> : tensor<f32> : tensor<f32>
  %mean = mpc.reduce_mean %x {axes = array<i64: 1>, keep_dims} : (tensor<2x8xf32>) -> tensor<2x1xf32>
  %d = mpc.sub %x, %mean : (tensor<2x8xf32>, tensor<2x1xf32>) -> tensor<2x8xf32>
  %sq = mpc.mul %x, %x : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
  %var = mpc.reduce_mean %sq {axes = array<i64: 1>, keep_dims} : (tensor<2x8xf32>) -> tensor<2x1xf32>
  %e = mpc.add %var, %eps : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %r = mpc.sqrt %e : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %n = mpc.div %d, %r : (tensor<2x8xf32>, tensor<2x1xf32>) -> tensor<2x8xf32>
  return %n : tensor<2x8xf32>
}

// The cube of the difference is no variance, and mean less x has the other sign.
// CHECK-LABEL: func.func @wrong_power_and_wrong_sign
func.func @wrong_power_and_wrong_sign(%x: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>) {
  // CHECK-NOT: normalization
  // CHECK: return
  %three = mpc.constant dense<3.0> : tensor<f32> : tensor<f32>
  %eps = mpc.constant dense<1.0e-5> : tensor<f32> : tensor<f32>
  %mean = mpc.reduce_mean %x {axes = array<i64: 1>, keep_dims} : (tensor<2x8xf32>) -> tensor<2x1xf32>
  %d = mpc.sub %x, %mean : (tensor<2x8xf32>, tensor<2x1xf32>) -> tensor<2x8xf32>
  %cube = mpc.pow %d, %three : (tensor<2x8xf32>, tensor<f32>) -> tensor<2x8xf32>
  %m3 = mpc.reduce_mean %cube {axes = array<i64: 1>, keep_dims} : (tensor<2x8xf32>) -> tensor<2x1xf32>
  %e3 = mpc.add %m3, %eps : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %r3 = mpc.sqrt %e3 : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %n3 = mpc.div %d, %r3 : (tensor<2x8xf32>, tensor<2x1xf32>) -> tensor<2x8xf32>
  %sq = mpc.mul %d, %d : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
  %var = mpc.reduce_mean %sq {axes = array<i64: 1>, keep_dims} : (tensor<2x8xf32>) -> tensor<2x1xf32>
  %e = mpc.add %var, %eps : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %r = mpc.sqrt %e : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %minus = mpc.sub %mean, %x : (tensor<2x1xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
  %n = mpc.div %minus, %r : (tensor<2x8xf32>, tensor<2x1xf32>) -> tensor<2x8xf32>
  return %n3, %n : tensor<2x8xf32>, tensor<2x8xf32>
}

// A product by one number per sample and a sum with other readers stay.
// CHECK-LABEL: func.func @vectors_that_do_not_join
func.func @vectors_that_do_not_join(%x: tensor<2x8xf32>, %s: tensor<2x1xf32>, %b: tensor<8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>) {
  // CHECK: mpc.mul
  // CHECK: mpc.add
  %n, %mean, %inv = mpc.layer_normalization %x {axis = 1 : i64, epsilon = 1.0e-5 : f32, operandSegmentSizes = array<i32: 1, 0, 0>} : (tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x1xf32>, tensor<2x1xf32>)
  %m = mpc.mul %n, %s : (tensor<2x8xf32>, tensor<2x1xf32>) -> tensor<2x8xf32>
  %k, %mean2, %inv2 = mpc.layer_normalization %m {axis = 1 : i64, epsilon = 1.0e-5 : f32, operandSegmentSizes = array<i32: 1, 0, 0>} : (tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x1xf32>, tensor<2x1xf32>)
  %a = mpc.add %k, %b : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
  return %m, %k, %a : tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>
}

// CHECK-LABEL: func.func @narrow_steps_round
func.func @narrow_steps_round(%x: tensor<2x8xf16>) -> tensor<2x8xf16> {
  // CHECK-NOT: normalization
  // CHECK: mpc.div
  %eps = mpc.constant dense<1.0e-3> : tensor<f16> : tensor<f16>
  %sq = mpc.mul %x, %x : (tensor<2x8xf16>, tensor<2x8xf16>) -> tensor<2x8xf16>
  %var = mpc.reduce_mean %sq {axes = array<i64: 1>, keep_dims} : (tensor<2x8xf16>) -> tensor<2x1xf16>
  %e = mpc.add %var, %eps : (tensor<2x1xf16>, tensor<f16>) -> tensor<2x1xf16>
  %r = mpc.sqrt %e : (tensor<2x1xf16>) -> tensor<2x1xf16>
  %n = mpc.div %x, %r : (tensor<2x8xf16>, tensor<2x1xf16>) -> tensor<2x8xf16>
  return %n : tensor<2x8xf16>
}
