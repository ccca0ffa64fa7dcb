// RUN: mpc-opt %s --mpc-simplify | FileCheck %s

// CHECK-LABEL: func.func @nothing_to_do
func.func @nothing_to_do(%a: tensor<2x2x3xf32>, %b: tensor<2x2x3xf32>) -> tensor<2x2x2xf32> {
  // Not the matrices are transposed, but their batch.
  // CHECK: mpc.transpose
  // CHECK: mpc.batch_matmul
  %t = mpc.transpose %b {perm = array<i64: 1, 0, 2>} : (tensor<2x2x3xf32>) -> tensor<2x2x3xf32>
  %p = mpc.batch_matmul %a, %t {trans_b} : (tensor<2x2x3xf32>, tensor<2x2x3xf32>) -> tensor<2x2x2xf32>
  return %p : tensor<2x2x2xf32>
}

// CHECK-LABEL: func.func @transposes_join_a_gemm
// CHECK-SAME: %[[A:[^:]*]]: tensor<3x2xf32>, %[[B:[^:]*]]: tensor<4x3xf32>
func.func @transposes_join_a_gemm(%a: tensor<3x2xf32>, %b: tensor<4x3xf32>) -> (tensor<2x4xf32>, tensor<3x2xf32>) {
  // CHECK-DAG: mpc.gemm %[[A]], %[[B]] {node = ["mm", "ta", "tb"], trans_a, trans_b}
  // Transposed twice is not transposed.
  // CHECK-DAG: mpc.gemm %{{.*}}, %{{.*}} {node = ["again", "tc"]} : (tensor<3x2xf32>, tensor<2x2xf32>)
  %ta = mpc.transpose %a {perm = array<i64: 1, 0>, node = ["ta"]} : (tensor<3x2xf32>) -> tensor<2x3xf32>
  %tb = mpc.transpose %b {perm = array<i64: 1, 0>, node = ["tb"]} : (tensor<4x3xf32>) -> tensor<3x4xf32>
  %p = mpc.gemm %ta, %tb {node = ["mm"]} : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  %c = mpc.gemm %a, %a {trans_a} : (tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<2x2xf32>
  %tc = mpc.transpose %c {perm = array<i64: 1, 0>, node = ["tc"]} : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %q = mpc.gemm %a, %tc {trans_b, node = ["again"]} : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32>
  return %p, %q : tensor<2x4xf32>, tensor<3x2xf32>
}

// CHECK-LABEL: func.func @transposes_join_a_batched_product
// CHECK-SAME: %[[A:.*]]: tensor<2x3x4xf32>
func.func @transposes_join_a_batched_product(%a: tensor<2x3x4xf32>) -> tensor<2x3x3xf32> {
  // CHECK-NEXT: mpc.batch_matmul %[[A]], %[[A]] {node = ["bmm", "t"], trans_b}
  %t = mpc.transpose %a {perm = array<i64: 0, 2, 1>, node = ["t"]} : (tensor<2x3x4xf32>) -> tensor<2x4x3xf32>
  %p = mpc.batch_matmul %a, %t {node = ["bmm"]} : (tensor<2x3x4xf32>, tensor<2x4x3xf32>) -> tensor<2x3x3xf32>
  return %p : tensor<2x3x3xf32>
}

// A linear layer over the last of three dimensions.
// CHECK-LABEL: func.func @a_bias_joins_behind_a_reshape
// CHECK-SAME: %[[A:[^:]*]]: tensor<6x3xf32>, %[[B:[^:]*]]: tensor<3x4xf32>, %[[C:[^:]*]]: tensor<4xf32>
func.func @a_bias_joins_behind_a_reshape(%a: tensor<6x3xf32>, %b: tensor<3x4xf32>, %c: tensor<4xf32>) -> tensor<2x3x4xf32> {
  // CHECK-NEXT: %[[P:.*]] = mpc.gemm %[[A]], %[[B]], %[[C]] {node = ["mm", "plus"]}
  // CHECK-NEXT: mpc.reshape %[[P]] {node = ["shape"]}
  %p = mpc.gemm %a, %b {node = ["mm"]} : (tensor<6x3xf32>, tensor<3x4xf32>) -> tensor<6x4xf32>
  %r = mpc.reshape %p {node = ["shape"]} : (tensor<6x4xf32>) -> tensor<2x3x4xf32>
  %y = mpc.add %c, %r {node = ["plus"]} : (tensor<4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  return %y : tensor<2x3x4xf32>
}

// One number per sample, other columns, and a product that is read twice.
// CHECK-LABEL: func.func @other_sums_behind_a_reshape_stay
func.func @other_sums_behind_a_reshape_stay(%a: tensor<6x3xf32>, %b: tensor<3x4xf32>, %c: tensor<3x1xf32>, %d: tensor<12xf32>, %e: tensor<4xf32>) -> (tensor<2x3x4xf32>, tensor<2x12xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>) {
  // CHECK-COUNT-3: mpc.add
  %p = mpc.gemm %a, %b : (tensor<6x3xf32>, tensor<3x4xf32>) -> tensor<6x4xf32>
  %r = mpc.reshape %p : (tensor<6x4xf32>) -> tensor<2x3x4xf32>
  %y = mpc.add %r, %c : (tensor<2x3x4xf32>, tensor<3x1xf32>) -> tensor<2x3x4xf32>
  %p2 = mpc.gemm %a, %b : (tensor<6x3xf32>, tensor<3x4xf32>) -> tensor<6x4xf32>
  %r2 = mpc.reshape %p2 : (tensor<6x4xf32>) -> tensor<2x12xf32>
  %y2 = mpc.add %r2, %d : (tensor<2x12xf32>, tensor<12xf32>) -> tensor<2x12xf32>
  %p3 = mpc.gemm %a, %b : (tensor<6x3xf32>, tensor<3x4xf32>) -> tensor<6x4xf32>
  %r3 = mpc.reshape %p3 : (tensor<6x4xf32>) -> tensor<2x3x4xf32>
  %y3 = mpc.add %r3, %e : (tensor<2x3x4xf32>, tensor<4xf32>) -> tensor<2x3x4xf32>
  return %y, %y2, %y3, %r3 : tensor<2x3x4xf32>, tensor<2x12xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>
}
