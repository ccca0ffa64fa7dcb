// RUN: mpc-opt %s --mpc-simplify | FileCheck %s

// exp is left to the program's own code.
// CHECK-LABEL: func.func @what_is_not_rounded_correctly_stays
func.func @what_is_not_rounded_correctly_stays() -> (tensor<f32>, tensor<f32>) {
  // CHECK: mpc.unary exp
  // CHECK: mpc.pow
  %a = mpc.constant dense<2.0> : tensor<f32> : tensor<f32>
  %e = mpc.unary exp %a : (tensor<f32>) -> tensor<f32>
  %p = mpc.pow %a, %a : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %e, %p : tensor<f32>, tensor<f32>
}

// CHECK-LABEL: func.func @floats
func.func @floats() -> (tensor<2xf32>, tensor<f32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<f32>) {
  // CHECK-DAG: %[[S:.*]] = mpc.constant dense<[1.41421354, 2.000000e+00]>
  // CHECK-DAG: %[[N:.*]] = mpc.constant dense<-2.000000e+00> : tensor<f32>
  // CHECK-DAG: %[[MAX:.*]] = mpc.constant dense<[2.000000e+00, 4.000000e+00]>
  // CHECK-DAG: %[[MIN:.*]] = mpc.constant dense<2.000000e+00> : tensor<2xf32>
  // CHECK-DAG: %[[NAN:.*]] = mpc.constant dense<0x7FC00000> : tensor<2xf32>
  // CHECK-DAG: %[[R:.*]] = mpc.constant dense<5.000000e-01> : tensor<f32>
  // CHECK: return %[[S]], %[[N]], %[[MAX]], %[[MIN]], %[[NAN]], %[[R]]
  %a = mpc.constant dense<2.0> : tensor<f32> : tensor<f32>
  %b = mpc.constant dense<[2.0, 4.0]> : tensor<2xf32> : tensor<2xf32>
  %nan = mpc.constant dense<0x7FC00000> : tensor<f32> : tensor<f32>
  %s = mpc.sqrt %b : (tensor<2xf32>) -> tensor<2xf32>
  %n = mpc.neg %a : (tensor<f32>) -> tensor<f32>
  %max = mpc.max %a, %b : (tensor<f32>, tensor<2xf32>) -> tensor<2xf32>
  %min = mpc.min %b, %a : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  %mn = mpc.max %b, %nan : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  %r = mpc.unary reciprocal %a : (tensor<f32>) -> tensor<f32>
  return %s, %n, %max, %min, %mn, %r : tensor<2xf32>, tensor<f32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<f32>
}

// 1 + 2^-11 is a tie in f16 and goes to even, 70000 to infinity.
// CHECK-LABEL: func.func @a_constants_cast_rounds
func.func @a_constants_cast_rounds() -> tensor<2xf16> {
  // CHECK: %[[C:.*]] = mpc.constant dense<[1.000000e+00, 0x7C00]> : tensor<2xf16>
  // CHECK: return %[[C]]
  %a = mpc.constant dense<[1.00048828125, 70000.0]> : tensor<2xf32> : tensor<2xf32>
  %c = mpc.cast %a {user} : tensor<2xf32> to tensor<2xf16>
  return %c : tensor<2xf16>
}

// CHECK-LABEL: func.func @integers_and_truth_values
func.func @integers_and_truth_values() -> (tensor<2xi1>, tensor<2xi1>, tensor<2xi64>, tensor<2xf32>, tensor<2xi32>, tensor<3xi64>) {
  // CHECK-DAG: %[[Q:.*]] = mpc.constant dense<[-3, 7, 0]> : tensor<3xi64>
  // CHECK-DAG: %[[G:.*]] = mpc.constant dense<[false, true]> : tensor<2xi1>
  // CHECK-DAG: %[[N:.*]] = mpc.constant dense<[true, false]> : tensor<2xi1>
  // CHECK-DAG: %[[S:.*]] = mpc.constant dense<[5, -1]> : tensor<2xi64>
  // CHECK-DAG: %[[F:.*]] = mpc.constant dense<[-1.000000e+00, 5.000000e+00]> : tensor<2xf32>
  // CHECK-DAG: %[[W:.*]] = mpc.constant dense<[-1, 5]> : tensor<2xi32>
  // CHECK: return %[[G]], %[[N]], %[[S]], %[[F]], %[[W]], %[[Q]]
  %a = mpc.constant dense<[-1, 5]> : tensor<2xi64> : tensor<2xi64>
  %b = mpc.constant dense<[5, -1]> : tensor<2xi64> : tensor<2xi64>
  %z = mpc.constant dense<0> : tensor<i64> : tensor<i64>
  %g = mpc.compare greater_or_equal %a, %z : (tensor<2xi64>, tensor<i64>) -> tensor<2xi1>
  %n = mpc.not %g : (tensor<2xi1>) -> tensor<2xi1>
  %s = mpc.select %n, %b, %b : (tensor<2xi1>, tensor<2xi64>, tensor<2xi64>) -> tensor<2xi64>
  %f = mpc.convert %a : tensor<2xi64> to tensor<2xf32>
  %w = mpc.convert %a : tensor<2xi64> to tensor<2xi32>
  %d = mpc.constant dense<[2, -1, 0]> : tensor<3xi64> : tensor<3xi64>
  %seven = mpc.constant dense<-7> : tensor<i64> : tensor<i64>
  %q = mpc.div %seven, %d : (tensor<i64>, tensor<3xi64>) -> tensor<3xi64>
  return %g, %n, %s, %f, %w, %q : tensor<2xi1>, tensor<2xi1>, tensor<2xi64>, tensor<2xf32>, tensor<2xi32>, tensor<3xi64>
}

// A mask that lets everything pass: one number, however many elements.
// CHECK-LABEL: func.func @one_number_is_folded_at_any_size
func.func @one_number_is_folded_at_any_size() -> tensor<64x128x128xf32> {
  // CHECK-NEXT: %[[M:.*]] = mpc.constant dense<0.000000e+00> : tensor<64x128x128xf32>
  // CHECK-NEXT: return %[[M]]
  %p = mpc.constant dense<[0, 1, 2]> : tensor<3xi64> : tensor<3xi64>
  %z = mpc.constant dense<0> : tensor<i64> : tensor<i64>
  %zero = mpc.constant dense<0.0> : tensor<f32> : tensor<f32>
  %low = mpc.constant dense<0xFF800000> : tensor<f32> : tensor<f32>
  %c = mpc.compare greater_or_equal %p, %z : (tensor<3xi64>, tensor<i64>) -> tensor<3xi1>
  %one = mpc.slice %c {starts = array<i64: 0>, steps = array<i64: 1>} : (tensor<3xi1>) -> tensor<1xi1>
  %e = mpc.broadcast %one : (tensor<1xi1>) -> tensor<64x128x128xi1>
  %m = mpc.select %e, %zero, %low : (tensor<64x128x128xi1>, tensor<f32>, tensor<f32>) -> tensor<64x128x128xf32>
  return %m : tensor<64x128x128xf32>
}

// CHECK-LABEL: func.func @different_numbers_are_folded_up_to_a_size
func.func @different_numbers_are_folded_up_to_a_size() -> tensor<4097x2xi64> {
  // CHECK: mpc.broadcast
  %a = mpc.constant dense<[1, 2]> : tensor<2xi64> : tensor<2xi64>
  %b = mpc.broadcast %a : (tensor<2xi64>) -> tensor<4097x2xi64>
  return %b : tensor<4097x2xi64>
}

// CHECK-LABEL: func.func @parts_are_moved
func.func @parts_are_moved() -> (tensor<2x2xi64>, tensor<2x5xi64>, tensor<2x2xi64>, tensor<2x3xi64>) {
  // CHECK-DAG: %[[S:.*]] = mpc.constant dense<{{\[\[}}3, 1], [6, 4]]>
  // CHECK-DAG: %[[C:.*]] = mpc.constant dense<{{\[\[}}1, 2, 3, 7, 8], [4, 5, 6, 9, 10]]>
  // CHECK-DAG: %[[G:.*]] = mpc.constant dense<{{\[\[}}3, 1], [6, 4]]>
  // CHECK-DAG: %[[R:.*]] = mpc.constant dense<{{\[\[}}4, 5, 6], [4, 5, 6]]>
  %a = mpc.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi64> : tensor<2x3xi64>
  %b = mpc.constant dense<[[7, 8], [9, 10]]> : tensor<2x2xi64> : tensor<2x2xi64>
  // The second index lies before the first element.
  %i = mpc.constant dense<[-1, -9]> : tensor<2xi64> : tensor<2xi64>
  %s = mpc.slice %a {starts = array<i64: 0, 2>, steps = array<i64: 1, -2>} : (tensor<2x3xi64>) -> tensor<2x2xi64>
  %c = mpc.concat %a, %b {axis = 1 : i64} : (tensor<2x3xi64>, tensor<2x2xi64>) -> tensor<2x5xi64>
  %g = mpc.gather %a, %i {axis = 1 : i64} : (tensor<2x3xi64>, tensor<2xi64>) -> tensor<2x2xi64>
  %j = mpc.constant dense<[9, -1]> : tensor<2xi64> : tensor<2xi64>
  %r = mpc.gather %a, %j {axis = 0 : i64} : (tensor<2x3xi64>, tensor<2xi64>) -> tensor<2x3xi64>
  return %s, %c, %g, %r : tensor<2x2xi64>, tensor<2x5xi64>, tensor<2x2xi64>, tensor<2x3xi64>
}
