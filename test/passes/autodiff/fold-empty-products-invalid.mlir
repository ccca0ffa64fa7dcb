// RUN: mpc-opt %s --mpc-fold-empty-products --split-input-file --verify-diagnostics

// The pass refuses nothing: that both matrices have the empty dimension is what
// the verifiers of products say.
func.func @only_one_matrix_is_empty(%a: tensor<4x0xf32>, %b: tensor<1x3xf32>) {
  // expected-error@below {{'mpc.gemm' op sums over 0 elements of A but 1 of B}}
  %0 = mpc.gemm %a, %b : (tensor<4x0xf32>, tensor<1x3xf32>) -> tensor<4x3xf32>
  return
}
