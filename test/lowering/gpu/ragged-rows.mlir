// RUN: mpc-opt %s --split-input-file --pass-pipeline='builtin.module(mpc-set-target{target=sm_90a},func.func(mpc-expand-commit,mpc-form-kernels),mpc-plan-buffers,mpc-lower-to-gpu)' | FileCheck %s

// Rows of 259 begin anywhere in a vector. What is before a row's first whole vector and behind its
// last goes one by one; all others are aligned, with 16 bytes each.
// CHECK-LABEL: module @sm_90a
// CHECK: memref.load %{{.*}} : memref<9x259xf16>
// CHECK: vector.load {{.*}} {alignment = 16 : i64} : memref<9x259xf16>, vector<8xf16>
// CHECK-NOT: vector.load
// CHECK-COUNT-5: nvvm.shfl.sync
func.func @forward(%x: tensor<9x259xf16>) -> tensor<9xf16> {
  %s = mpc.reduce_sum %x {axes = array<i64: 1>} : (tensor<9x259xf16>) -> tensor<9xf16>
  func.return %s : tensor<9xf16>
}

// -----

// The scale beside such a row is not aligned where the row is: eight lanes go one by one.
// CHECK-LABEL: module @sm_90a
// CHECK-NOT: vector.load
// CHECK: memref.store
func.func @forward(%x: tensor<9x259xf16>, %s: tensor<259xf32>) -> tensor<9x259xf16> {
  %y, %r = "mpc.rms_normalization"(%x, %s) <{axis = 1 : i64, epsilon = 1.0e-5 : f32}> : (tensor<9x259xf16>, tensor<259xf32>) -> (tensor<9x259xf16>, tensor<9x1xf32>)
  func.return %y : tensor<9x259xf16>
}

// -----

// A loss whose rows no team holds reads each logit once, four vectors at a time.
// CHECK-LABEL: module @sm_90a
// CHECK-COUNT-4: vector.load {{.*}} {alignment = 16 : i64} : memref<4x12296xf16>, vector<8xf16>
// CHECK-COUNT-32: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz"
// CHECK: nvvm.shfl.sync
func.func @forward(%x: tensor<4x12296xf16>, %l: tensor<4xi64>) -> tensor<f32> {
  %y = "mpc.cross_entropy"(%x, %l) <{class_axis = 1 : i64, ignore_index = -100 : i64}> : (tensor<4x12296xf16>, tensor<4xi64>) -> tensor<f32>
  func.return %y : tensor<f32>
}

// -----

// The first pass over such a row leaves it in shared memory, behind the slots of 16 warps, where the
// others find it.
// CHECK-LABEL: module @sm_90a
// CHECK: block = array<i64: 512, 1, 1>
// CHECK-SAME: shared_bytes = 24720 : i64
// CHECK: vector.load {{.*}} : memref<4x12296xf16>, vector<8xf16>
// CHECK: llvm.store %{{.*}} {alignment = 16 : i64} : vector<8xf16>, !llvm.ptr<3>
// CHECK-NOT: memref<4x12296xf16>, vector<8xf16>
// CHECK: llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<8xf16>
// CHECK: vector.store {{.*}} : memref<4x12296xf16>, vector<8xf16>
func.func @forward(%x: tensor<4x12296xf16>) -> tensor<4x12296xf16> {
  %y = mpc.softmax %x {axis = 1 : i64} : (tensor<4x12296xf16>) -> tensor<4x12296xf16>
  func.return %y : tensor<4x12296xf16>
}
