// RUN: mpc-opt %s --mpc-simplify | FileCheck %s

// CHECK-LABEL: func.func @nothing_to_do
func.func @nothing_to_do(%x: tensor<2x3xf32>, %y: tensor<2x3xf32>) -> tensor<3x2xf32> {
  // CHECK: mpc.mul
  // CHECK: mpc.transpose
  %a = mpc.mul %x, %y {node = ["a"]} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %b = mpc.transpose %a {perm = array<i64: 1, 0>, node = ["b"]} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return %b : tensor<3x2xf32>
}

// CHECK-LABEL: func.func @dead_ops_disappear
func.func @dead_ops_disappear(%x: tensor<2xf32>) -> tensor<2xf32> {
  // CHECK-NOT: mpc.neg
  %dead = mpc.neg %x : (tensor<2xf32>) -> tensor<2xf32>
  return %x : tensor<2xf32>
}

// CHECK-LABEL: func.func @reshapes_join
// CHECK-SAME: %[[X:.*]]: tensor<2x6xf32>
func.func @reshapes_join(%x: tensor<2x6xf32>) -> tensor<4x3xf32> {
  // CHECK: mpc.reshape %[[X]] {node = ["b", "a"]} : (tensor<2x6xf32>) -> tensor<4x3xf32>
  // CHECK-NOT: mpc.reshape
  %a = mpc.reshape %x {node = ["a"]} : (tensor<2x6xf32>) -> tensor<12xf32>
  %b = mpc.reshape %a {node = ["b"]} : (tensor<12xf32>) -> tensor<4x3xf32>
  return %b : tensor<4x3xf32>
}

// There and back again is nothing, and the op before takes both names.
// CHECK-LABEL: func.func @identities_give_their_names_to_the_producer
func.func @identities_give_their_names_to_the_producer(%x: tensor<2x6xf32>) -> tensor<2x6xf32> {
  // CHECK-NEXT: %[[R:.*]] = mpc.relu %{{.*}} {node = ["r", "b", "e", "one", "a"]}
  // CHECK-NEXT: return %[[R]]
  %r = mpc.relu %x {node = ["r"]} : (tensor<2x6xf32>) -> tensor<2x6xf32>
  %a = mpc.reshape %r {node = ["a"]} : (tensor<2x6xf32>) -> tensor<12xf32>
  %b = mpc.reshape %a {node = ["b"]} : (tensor<12xf32>) -> tensor<2x6xf32>
  %e = mpc.broadcast %b {node = ["e"]} : (tensor<2x6xf32>) -> tensor<2x6xf32>
  %c = mpc.constant dense<1.0> : tensor<f32> : tensor<f32>
  %one = mpc.mul %e, %c {node = ["one"]} : (tensor<2x6xf32>, tensor<f32>) -> tensor<2x6xf32>
  return %one : tensor<2x6xf32>
}

// CHECK-LABEL: func.func @identities_of_an_input_give_their_names_to_the_users
func.func @identities_of_an_input_give_their_names_to_the_users(%x: tensor<2x6xf32>) -> tensor<2x6xf32> {
  // CHECK-NEXT: mpc.relu %{{.*}} {node = ["r", "t"]}
  %t = mpc.transpose %x {perm = array<i64: 0, 1>, node = ["t"]} : (tensor<2x6xf32>) -> tensor<2x6xf32>
  %r = mpc.relu %t {node = ["r"]} : (tensor<2x6xf32>) -> tensor<2x6xf32>
  return %r : tensor<2x6xf32>
}

// CHECK-LABEL: func.func @transposes_join
// CHECK-SAME: %[[X:.*]]: tensor<2x3x4xf32>
func.func @transposes_join(%x: tensor<2x3x4xf32>) -> tensor<4x3x2xf32> {
  // CHECK: mpc.transpose %[[X]] {node = ["b", "a"], perm = array<i64: 2, 1, 0>}
  %a = mpc.transpose %x {perm = array<i64: 1, 2, 0>, node = ["a"]} : (tensor<2x3x4xf32>) -> tensor<3x4x2xf32>
  %b = mpc.transpose %a {perm = array<i64: 1, 0, 2>, node = ["b"]} : (tensor<3x4x2xf32>) -> tensor<4x3x2xf32>
  return %b : tensor<4x3x2xf32>
}

// CHECK-LABEL: func.func @a_bias_joins_its_gemm
// CHECK-SAME: %[[A:[^:]*]]: tensor<2x3xf32>, %[[B:[^:]*]]: tensor<4x3xf32>, %[[C:[^:]*]]: tensor<4xf32>
func.func @a_bias_joins_its_gemm(%a: tensor<2x3xf32>, %b: tensor<4x3xf32>, %c: tensor<4xf32>) -> tensor<2x4xf32> {
  // CHECK-NEXT: %[[Y:.*]] = mpc.gemm %[[A]], %[[B]], %[[C]] {alpha = 5.000000e-01 : f32, node = ["mm", "plus"], op_type = "MatMul", trans_b}
  // CHECK-NEXT: return %[[Y]]
  %p = mpc.gemm %a, %b {alpha = 0.5 : f32, trans_b, node = ["mm"], op_type = "MatMul"} : (tensor<2x3xf32>, tensor<4x3xf32>) -> tensor<2x4xf32>
  %y = mpc.add %c, %p {node = ["plus"], op_type = "Add"} : (tensor<4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// In f16 the product is rounded before the sum; joining would round once.
// CHECK-LABEL: func.func @a_narrow_product_keeps_its_add
func.func @a_narrow_product_keeps_its_add(%a: tensor<2x3xf16>, %b: tensor<3x4xf16>, %c: tensor<4xf16>) -> tensor<2x4xf16> {
  // CHECK: mpc.add
  %p = mpc.gemm %a, %b : (tensor<2x3xf16>, tensor<3x4xf16>) -> tensor<2x4xf16>
  %y = mpc.add %p, %c : (tensor<2x4xf16>, tensor<4xf16>) -> tensor<2x4xf16>
  return %y : tensor<2x4xf16>
}

// CHECK-LABEL: func.func @a_product_with_other_users_keeps_its_add
func.func @a_product_with_other_users_keeps_its_add(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>, %c: tensor<4xf32>) -> (tensor<2x4xf32>, tensor<2x4xf32>) {
  // CHECK: mpc.add
  %p = mpc.gemm %a, %b : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  %y = mpc.add %p, %c : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  return %p, %y : tensor<2x4xf32>, tensor<2x4xf32>
}

// CHECK-LABEL: func.func @a_users_cast_stays
func.func @a_users_cast_stays(%x: tensor<2xf32>) -> tensor<2xf32> {
  // CHECK: mpc.cast
  // CHECK: mpc.cast
  %n = mpc.cast %x {user} : tensor<2xf32> to tensor<2xf16>
  %w = mpc.cast %n {user} : tensor<2xf16> to tensor<2xf32>
  return %w : tensor<2xf32>
}

// 1 + 2^-24 is a tie in f32 and goes to even.
// CHECK-LABEL: func.func @constants_are_computed_in_f32
func.func @constants_are_computed_in_f32() -> (tensor<2xf32>, tensor<f32>) {
  // CHECK-DAG: %[[S:.*]] = mpc.constant dense<[1.000000e+00, 1.500000e+00]> : tensor<2xf32> {node = ["s"]}
  // CHECK-DAG: %[[Q:.*]] = mpc.constant dense<0.333333343> : tensor<f32> {node = ["q"]}
  // CHECK: return %[[S]], %[[Q]]
  %a = mpc.constant dense<1.0> : tensor<f32> : tensor<f32>
  %b = mpc.constant dense<[5.9604644775390625e-8, 0.5]> : tensor<2xf32> : tensor<2xf32>
  %c = mpc.constant dense<3.0> : tensor<f32> : tensor<f32>
  %s = mpc.add %a, %b {node = ["s"]} : (tensor<f32>, tensor<2xf32>) -> tensor<2xf32>
  %q = mpc.div %a, %c {node = ["q"]} : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %s, %q : tensor<2xf32>, tensor<f32>
}

// CHECK-LABEL: func.func @constants_are_moved
func.func @constants_are_moved() -> (tensor<3x2xi64>, tensor<2x3xi64>, tensor<6xi64>) {
  // CHECK-DAG: %[[T:.*]] = mpc.constant dense<{{\[\[}}1, 4], [2, 5], [3, 6]]>
  // CHECK-DAG: %[[E:.*]] = mpc.constant dense<{{\[\[}}7, 7, 7], [8, 8, 8]]>
  // CHECK-DAG: %[[F:.*]] = mpc.constant dense<[1, 2, 3, 4, 5, 6]>
  // CHECK: return %[[T]], %[[E]], %[[F]]
  %a = mpc.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi64> : tensor<2x3xi64>
  %b = mpc.constant dense<[[7], [8]]> : tensor<2x1xi64> : tensor<2x1xi64>
  %t = mpc.transpose %a {perm = array<i64: 1, 0>} : (tensor<2x3xi64>) -> tensor<3x2xi64>
  %e = mpc.broadcast %b : (tensor<2x1xi64>) -> tensor<2x3xi64>
  %f = mpc.reshape %a : (tensor<2x3xi64>) -> tensor<6xi64>
  return %t, %e, %f : tensor<3x2xi64>, tensor<2x3xi64>, tensor<6xi64>
}

// CHECK-LABEL: func.func @without_elements_is_constant
func.func @without_elements_is_constant(%x: tensor<0x3xf32>, %y: tensor<2x0xi64>) -> (tensor<0x3xf32>, tensor<0x2xi64>) {
  // CHECK-DAG: %[[F:.*]] = mpc.constant dense<> : tensor<0x3xf32> {node = ["r"]}
  // CHECK-DAG: %[[I:.*]] = mpc.constant dense<> : tensor<0x2xi64>
  // CHECK: return %[[F]], %[[I]]
  %r = mpc.relu %x {node = ["r"]} : (tensor<0x3xf32>) -> tensor<0x3xf32>
  %t = mpc.transpose %y {perm = array<i64: 1, 0>} : (tensor<2x0xi64>) -> tensor<0x2xi64>
  return %r, %t : tensor<0x3xf32>, tensor<0x2xi64>
}
