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

// Such a row is on its way to shared memory, behind the slots of 8 warps, before the first pass waits
// for its vectors, one after another. No pass reads it from elsewhere.
// CHECK-LABEL: module @sm_90a
// CHECK: block = array<i64: 256, 1, 1>
// CHECK-SAME: grid = array<i64: 4, 1, 1>
// CHECK-SAME: resident = 4 : i64
// CHECK-SAME: shared_bytes = 24656 : i64
// CHECK: %[[MEMORY:.*]] = memref.extract_aligned_pointer_as_index %{{.*}} : memref<4x12296xf16>
// CHECK-COUNT-6: nvvm.cp.async.shared.global %{{.*}}, %{{.*}}, 16, cache = cg : !llvm.ptr<3>, !llvm.ptr<1>
// CHECK: scf.for
// CHECK: nvvm.cp.async.shared.global
// CHECK: nvvm.cp.async.commit.group
// CHECK: scf.for
// CHECK: nvvm.cp.async.commit.group
// CHECK-NEXT: nvvm.cp.async.wait.group 6
// CHECK-NOT: memref<4x12296xf16>, vector<8xf16>
// CHECK: llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<8xf16>
// CHECK: vector.store {{.*}} : memref<4x12296xf16>, vector<8xf16>
func.func @forward(%x: tensor<4x12296xf16>) -> tensor<4x12296xf16> {
  %y = mpc.softmax %x {axis = 1 : i64} : (tensor<4x12296xf16>) -> tensor<4x12296xf16>
  func.return %y : tensor<4x12296xf16>
}

// -----

// What is computed from an operand is not copied: the first pass leaves it there.
// CHECK-LABEL: module @sm_90a
// CHECK-NOT: nvvm.cp.async
// CHECK: vector.load {{.*}} : memref<4x12296xf16>, vector<8xf16>
// CHECK: llvm.store %{{.*}} {alignment = 16 : i64} : vector<8xf32>, !llvm.ptr<3>
// CHECK-NOT: memref<4x12296xf16>, vector<8xf16>
// CHECK: llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<8xf32>
// CHECK: vector.store {{.*}} : memref<4x12296xf16>, vector<8xf16>
func.func @forward(%x: tensor<4x12296xf16>) -> tensor<4x12296xf16> {
  %n = mpc.cast %x : tensor<4x12296xf16> to tensor<4x12296xf32>
  %y = mpc.softmax %n {axis = 1 : i64} : (tensor<4x12296xf32>) -> tensor<4x12296xf16>
  func.return %y : tensor<4x12296xf16>
}

// -----

// A row that takes more than a quarter of a multiprocessor's shared memory has the blocks of a
// cluster, each with a part of its vectors. They join what they have by their shared memories, twice, in slots of
// their own each time, so that a join waits for nothing but its values,
// and powers of e in f32 take the place of what they are of.
// CHECK-LABEL: module @sm_90a
// CHECK: block = array<i64: 256, 1, 1>, cluster = 4 : i64
// CHECK-SAME: grid = array<i64: 12, 1, 1>
// CHECK-SAME: resident = 4 : i64
// CHECK-SAME: shared_bytes = 50464 : i64
// CHECK: nvvm.cluster.arrive.relaxed
// CHECK: nvvm.cp.async.wait.group
// CHECK: nvvm.cluster.wait
// CHECK: %[[THERE:.*]] = nvvm.mapa %{{.*}}, %{{.*}} : !llvm.ptr<3> -> !llvm.ptr<7>
// CHECK: llvm.store %{{.*}}, %[[THERE]] : f32, !llvm.ptr<7>
// CHECK: nvvm.cluster.arrive.relaxed
// CHECK-NEXT: nvvm.cluster.wait
// CHECK: llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xf32>
// CHECK: llvm.store %{{.*}} {alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<3>
// CHECK-NOT: nvvm.cluster
// CHECK: nvvm.mapa
// CHECK: nvvm.cluster.arrive.relaxed
// CHECK-NEXT: nvvm.cluster.wait
// CHECK-NOT: nvvm.cluster
// CHECK: llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xf32>
// CHECK-NEXT: vector.broadcast
// CHECK-NEXT: arith.mulf
// CHECK-NOT: nvvm.mapa
func.func @forward(%x: tensor<3x50257xf32>) -> tensor<3x50257xf32> {
  %y = mpc.softmax %x {axis = 1 : i64} : (tensor<3x50257xf32>) -> tensor<3x50257xf32>
  func.return %y : tensor<3x50257xf32>
}
