// RUN: mpc-opt %s --split-input-file --pass-pipeline='builtin.module(mpc-set-target{target=sm_90a},func.func(mpc-expand-commit,mpc-form-kernels),mpc-plan-buffers,mpc-lower-to-gpu)' | FileCheck %s

// Blocks of 32 teams of 8 threads sum strips of 256 columns over 86 parts of the rows. Their sums
// are added by a launch of their own; 12 rows of a thread are two times six.
// CHECK-LABEL: func.func @forward
// CHECK: entries = [@sm_90a::@k0_layer_normalization_grad_0, @sm_90a::@k0_layer_normalization_grad_1, @sm_90a::@k0_layer_normalization_grad_2]
// CHECK-SAME: tiles = array<i64: 8192, 8256, 192>
// CHECK-LABEL: func.func @k0_layer_normalization_grad_1
// CHECK-SAME: block = array<i64: 256, 1, 1>, grid = array<i64: 258, 1, 1>{{.*}} shared_bytes = 16384
// CHECK: scf.for {{.*}} iter_args({{.*}} -> (vector<8xf32>, vector<8xf32>)
// CHECK-COUNT-12: vector.load {{.*}} {alignment = 16 : i64} : memref<8192x768xf16>, vector<8xf16>
// CHECK: arith.addf
// CHECK: nvvm.barrier
// CHECK-NOT: atomic
// CHECK: memref.store {{.*}} : memref<2x86x768xf32>
// CHECK: memref.store {{.*}} : memref<2x86x768xf32>
// CHECK-LABEL: func.func @k0_layer_normalization_grad_2
// CHECK: vector.load {{.*}} {alignment = 16 : i64} : memref<2x86x768xf32>, vector<4xf32>
// CHECK: memref.store {{.*}} : memref<768xf32>
// CHECK: memref.store {{.*}} : memref<768xf32>
func.func @forward(%g: tensor<8192x768xf16>, %x: tensor<8192x768xf16>, %m: tensor<8192x1xf32>, %i: tensor<8192x1xf32>) -> (tensor<8192x768xf16>, tensor<768xf32>, tensor<768xf32>) {
  %d:3 = mpc.layer_normalization_grad %g, %x, %m, %i {axis = 1 : i64} : (tensor<8192x768xf16>, tensor<8192x768xf16>, tensor<8192x1xf32>, tensor<8192x1xf32>) -> (tensor<8192x768xf16>, tensor<768xf32>, tensor<768xf32>)
  func.return %d#0, %d#1, %d#2 : tensor<8192x768xf16>, tensor<768xf32>, tensor<768xf32>
}

// -----

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

// Rows of odd length: vectors are aligned among all elements, and 16 columns at both ends of a row
// go one by one, by blocks of their own.
// CHECK-LABEL: func.func @forward
// CHECK: entries = [@sm_90a::@k0_reduce_sum_0, @sm_90a::@k0_reduce_sum_1]
// CHECK-LABEL: func.func @k0_reduce_sum_0
// CHECK-SAME: block = array<i64: 256, 1, 1>, grid = array<i64: 1020, 1, 1>
// CHECK: scf.for {{.*}} iter_args({{.*}} -> (f32)
// CHECK-COUNT-8: memref.load {{.*}} : memref<2670x50257xf16>
// CHECK: arith.addf
// CHECK: } else {
// CHECK: scf.for {{.*}} iter_args({{.*}} -> (vector<8xf32>)
// CHECK-COUNT-8: vector.load {{.*}} {alignment = 16 : i64} : memref<2670x50257xf16>, vector<8xf16>
// CHECK: arith.addf
func.func @forward(%z: tensor<2670x50257xf16>) -> tensor<50257xf16> {
  %c = mpc.reduce_sum %z {axes = array<i64: 0>} : (tensor<2670x50257xf16>) -> tensor<50257xf16>
  func.return %c : tensor<50257xf16>
}

// -----

// Rows of few columns, no whole vectors: a thread has four columns, a row of all threads apart, one
// element each.
// CHECK-LABEL: func.func @k0_reduce_sum_0
// CHECK: scf.for {{.*}} iter_args({{.*}} -> (f32, f32, f32, f32)
// CHECK-COUNT-52: memref.load {{.*}} : memref<90000x131xf16>
// CHECK: arith.addf
func.func @forward(%z: tensor<90000x131xf16>) -> tensor<131xf16> {
  %c = mpc.reduce_sum %z {axes = array<i64: 0>} : (tensor<90000x131xf16>) -> tensor<131xf16>
  func.return %c : tensor<131xf16>
}
