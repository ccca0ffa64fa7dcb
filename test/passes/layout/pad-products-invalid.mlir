// RUN: mpc-opt %s --verify-diagnostics --mpc-set-target=target=sm_90a --mpc-pad-products

// The pass itself refuses nothing; what it pads must be a product.
func.func @layer(%x: tensor<4096x415xf16>, %w: tensor<512x416xf16>) -> tensor<4096x512xf16> {
  // expected-error@below {{sums over 415 elements of A but 416 of B}}
  %y = mpc.gemm %x, %w {trans_b} : (tensor<4096x415xf16>, tensor<512x416xf16>) -> tensor<4096x512xf16>
  return %y : tensor<4096x512xf16>
}
