// RUN: mpc-opt %s | mpc-opt | FileCheck %s

// CHECK-LABEL: func.func @rows
func.func @rows(%x: tensor<4x2xf16>, %i: tensor<3x2xi64>, %k: tensor<3xi32>, %u: tensor<3x2xf16>) {
  // CHECK: mpc.gather %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<4x2xf16>, tensor<3x2xi64>) -> tensor<4x3x2xf16>
  %0 = mpc.gather %x, %i {axis = 1 : i64} : (tensor<4x2xf16>, tensor<3x2xi64>) -> tensor<4x3x2xf16>
  // CHECK: mpc.gather_grad %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<4x3x2xf16>, tensor<3x2xi64>) -> tensor<4x2xf16>
  %1 = mpc.gather_grad %0, %i {axis = 1 : i64} : (tensor<4x3x2xf16>, tensor<3x2xi64>) -> tensor<4x2xf16>
  // CHECK: mpc.scatter %{{.*}}, %{{.*}}, %{{.*}} {reduction = #mpc<reduction add>} : (tensor<4x2xf16>, tensor<3xi32>, tensor<3x2xf16>) -> tensor<4x2xf16>
  %2 = mpc.scatter %1, %k, %u {reduction = #mpc<reduction add>} : (tensor<4x2xf16>, tensor<3xi32>, tensor<3x2xf16>) -> tensor<4x2xf16>
  return
}

// CHECK-LABEL: func.func @compact_rows
func.func @compact_rows(%g: tensor<3x2x8xf16>, %i: tensor<3x2xi64>) {
  // CHECK: mpc.row_lists %{{.*}} : (tensor<3x2xi64>) -> (tensor<40xi32>, tensor<6xi32>)
  %first, %next = mpc.row_lists %i : (tensor<3x2xi64>) -> (tensor<40xi32>, tensor<6xi32>)
  // CHECK: mpc.sum_rows %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : (tensor<3x2x8xf16>, tensor<3x2xi64>, tensor<40xi32>, tensor<6xi32>) -> tensor<6x8xf16>
  %rows = mpc.sum_rows %g, %i, %first, %next : (tensor<3x2x8xf16>, tensor<3x2xi64>, tensor<40xi32>, tensor<6xi32>) -> tensor<6x8xf16>
  // CHECK: mpc.expand_rows %{{.*}}, %{{.*}} : (tensor<6x8xf16>, tensor<40xi32>) -> tensor<40x8xf16>
  %dense = mpc.expand_rows %rows, %first : (tensor<6x8xf16>, tensor<40xi32>) -> tensor<40x8xf16>
  return
}

// CHECK-LABEL: func.func @positions
func.func @positions(%x: tensor<4x2xf16>, %i: tensor<3xi64>) {
  // CHECK: mpc.arg_reduce %{{.*}} {axis = 0 : i64, last, smallest} : (tensor<4x2xf16>) -> tensor<2xi64>
  %0 = mpc.arg_reduce %x {axis = 0 : i64, last, smallest} : (tensor<4x2xf16>) -> tensor<2xi64>
  // CHECK: mpc.cum_sum %{{.*}} {axis = 1 : i64, exclusive, reverse} : (tensor<4x2xf16>) -> tensor<4x2xf32>
  %1 = mpc.cum_sum %x {axis = 1 : i64, exclusive, reverse} : (tensor<4x2xf16>) -> tensor<4x2xf32>
  // CHECK: mpc.cum_sum %{{.*}} {axis = 0 : i64} : (tensor<3xi64>) -> tensor<3xi64>
  %2 = mpc.cum_sum %i {axis = 0 : i64} : (tensor<3xi64>) -> tensor<3xi64>
  // CHECK: mpc.top_k %{{.*}} {axis = 0 : i64, smallest} : (tensor<4x2xf16>) -> tensor<3x2xi64>
  %3 = mpc.top_k %x {axis = 0 : i64, smallest} : (tensor<4x2xf16>) -> tensor<3x2xi64>
  return
}
