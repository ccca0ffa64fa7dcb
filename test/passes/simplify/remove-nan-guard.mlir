// RUN: mpc-opt %s --mpc-recover-ops | FileCheck %s

// Scores are sums and products of the model's own; only an overflow makes them
// infinite.
// CHECK-LABEL: func.func @a_guard_of_scores_is_removed
func.func @a_guard_of_scores_is_removed(%q: tensor<4x8xf32>, %k: tensor<4x8xf32>) -> tensor<4x4xf32> {
  // CHECK: %[[S:.*]] = mpc.softmax %{{.*}} {axis = 1 : i64, node = ["s", "n", "w"], op_type = "Softmax"}
  // CHECK-NEXT: return %[[S]]
  %zero = mpc.constant dense<0.0> : tensor<f32> : tensor<f32>
  %p = mpc.gemm %q, %k {trans_b} : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x4xf32>
  %s = mpc.softmax %p {axis = 1 : i64, node = ["s"], op_type = "Softmax"} : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %n = mpc.is_nan %s {node = ["n"]} : (tensor<4x4xf32>) -> tensor<4x4xi1>
  %w = mpc.select %n, %zero, %s {node = ["w"]} : (tensor<4x4xi1>, tensor<f32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return %w : tensor<4x4xf32>
}

// The lowest finite number masks as infinity does, but never a whole row.
// CHECK-LABEL: func.func @a_finite_mask_needs_no_guard
func.func @a_finite_mask_needs_no_guard(%q: tensor<4x8xf32>, %k: tensor<4x8xf32>, %c: tensor<4x4xi1>) -> tensor<4x4xf32> {
  // CHECK-NOT: mpc.is_nan
  // CHECK: return
  %zero = mpc.constant dense<0.0> : tensor<f32> : tensor<f32>
  %low = mpc.constant dense<-3.40282347E+38> : tensor<f32> : tensor<f32>
  %mask = mpc.select %c, %zero, %low : (tensor<4x4xi1>, tensor<f32>, tensor<f32>) -> tensor<4x4xf32>
  %p = mpc.gemm %q, %k {trans_b} : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x4xf32>
  %a = mpc.add %p, %mask : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %s = mpc.softmax %a {axis = 1 : i64} : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %n = mpc.is_nan %s : (tensor<4x4xf32>) -> tensor<4x4xi1>
  %w = mpc.select %n, %zero, %s : (tensor<4x4xi1>, tensor<f32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return %w : tensor<4x4xf32>
}

// CHECK-LABEL: func.func @an_infinite_mask_keeps_the_guard
func.func @an_infinite_mask_keeps_the_guard(%q: tensor<4x8xf32>, %k: tensor<4x8xf32>, %c: tensor<4x4xi1>) -> tensor<4x4xf32> {
  // CHECK: mpc.is_nan
  // CHECK: mpc.select
  %zero = mpc.constant dense<0.0> : tensor<f32> : tensor<f32>
  %low = mpc.constant dense<0xFF800000> : tensor<f32> : tensor<f32>
  %mask = mpc.select %c, %zero, %low : (tensor<4x4xi1>, tensor<f32>, tensor<f32>) -> tensor<4x4xf32>
  %wide = mpc.broadcast %mask : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %p = mpc.gemm %q, %k {trans_b} : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x4xf32>
  %a = mpc.add %p, %wide : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %s = mpc.softmax %a {axis = 1 : i64} : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %n = mpc.is_nan %s : (tensor<4x4xf32>) -> tensor<4x4xi1>
  %w = mpc.select %n, %zero, %s : (tensor<4x4xi1>, tensor<f32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return %w : tensor<4x4xf32>
}

// CHECK-LABEL: func.func @a_mask_that_is_an_input_keeps_the_guard
func.func @a_mask_that_is_an_input_keeps_the_guard(%p: tensor<4x4xf32>, %mask: tensor<1x4xf32>) -> tensor<4x4xf32> {
  // CHECK: mpc.is_nan
  // CHECK: mpc.select
  %zero = mpc.constant dense<0.0> : tensor<f32> : tensor<f32>
  %r = mpc.relu %p : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %a = mpc.add %r, %mask : (tensor<4x4xf32>, tensor<1x4xf32>) -> tensor<4x4xf32>
  %s = mpc.softmax %a {axis = 1 : i64} : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %n = mpc.is_nan %s : (tensor<4x4xf32>) -> tensor<4x4xi1>
  %w = mpc.select %n, %zero, %s : (tensor<4x4xi1>, tensor<f32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return %w : tensor<4x4xf32>
}

// One in place of NaN, a test of something else, and no softmax.
// CHECK-LABEL: func.func @other_selections_stay
func.func @other_selections_stay(%q: tensor<4x8xf32>, %k: tensor<4x8xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) {
  // CHECK-COUNT-3: mpc.select
  %zero = mpc.constant dense<0.0> : tensor<f32> : tensor<f32>
  %one = mpc.constant dense<1.0> : tensor<f32> : tensor<f32>
  %p = mpc.gemm %q, %k {trans_b} : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x4xf32>
  %s = mpc.softmax %p {axis = 1 : i64} : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %n = mpc.is_nan %s : (tensor<4x4xf32>) -> tensor<4x4xi1>
  %m = mpc.is_nan %p : (tensor<4x4xf32>) -> tensor<4x4xi1>
  %a = mpc.select %n, %one, %s : (tensor<4x4xi1>, tensor<f32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %b = mpc.select %m, %zero, %s : (tensor<4x4xi1>, tensor<f32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %c = mpc.select %m, %zero, %p : (tensor<4x4xi1>, tensor<f32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return %a, %b, %c : tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>
}
