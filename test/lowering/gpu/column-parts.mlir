// RUN: mpc-opt %s --split-input-file --pass-pipeline='builtin.module(mpc-set-target{target=sm_90a},func.func(mpc-expand-commit,mpc-form-kernels),mpc-plan-buffers,mpc-lower-to-gpu)' | FileCheck %s

// Many rows are summed in parts, few by blocks of 16 columns in one launch.
// CHECK-LABEL: func.func @forward
// CHECK: entries = [@sm_90a::@k0_reduce_sum_0, @sm_90a::@k0_reduce_sum_1], tiles = array<i64: 8256, 192>
// CHECK: entries = [@sm_90a::@k1_reduce_sum], tiles = array<i64: 128>
// CHECK-LABEL: func.func @k1_reduce_sum
// CHECK-SAME: block = array<i64: 128, 1, 1>, grid = array<i64: 64, 1, 1>
// CHECK-COUNT-8: vector.load {{.*}} {alignment = 16 : i64} : memref<512x1024xf16>, vector<8xf16>
// CHECK: arith.addf
func.func @forward(%x: tensor<16384x768xbf16>, %y: tensor<512x1024xf16>) -> (tensor<768xbf16>, tensor<1024xf16>) {
  %a = mpc.reduce_sum %x {axes = array<i64: 0>} : (tensor<16384x768xbf16>) -> tensor<768xbf16>
  %b = mpc.reduce_sum %y {axes = array<i64: 0>} : (tensor<512x1024xf16>) -> tensor<1024xf16>
  func.return %a, %b : tensor<768xbf16>, tensor<1024xf16>
}

// -----

// Rows of odd length: a thread has four columns, a warp apart, one element each, and the last strip
// ends with the last column.
// CHECK-LABEL: func.func @k0_reduce_sum_0
// CHECK: arith.minsi
// CHECK: scf.for {{.*}} iter_args({{.*}} -> (f32, f32, f32, f32)
// CHECK-COUNT-64: memref.load {{.*}} : memref<2670x50257xf16>
// CHECK: arith.addf
func.func @forward(%z: tensor<2670x50257xf16>) -> tensor<50257xf16> {
  %c = mpc.reduce_sum %z {axes = array<i64: 0>} : (tensor<2670x50257xf16>) -> tensor<50257xf16>
  func.return %c : tensor<50257xf16>
}
