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

// The scale beside such a row is not aligned where the row is: eight lanes come from three aligned
// vectors of four, shifted by two elements and by one.
// CHECK-LABEL: module @sm_90a
// CHECK: vector.load {{.*}} {alignment = 16 : i64} : memref<9x259xf16>, vector<8xf16>
// CHECK-NOT: memref<259xf32>, vector
// CHECK: %[[SHIFT:.*]] = arith.andi %{{.*}}, %c3
// CHECK: %[[FIRST:.*]] = arith.subi %{{.*}}, %[[SHIFT]] : index
// CHECK-NEXT: vector.load %{{.*}}[%[[FIRST]]] {alignment = 16 : i64} : memref<259xf32>, vector<4xf32>
// CHECK-COUNT-2: vector.load {{.*}} {alignment = 16 : i64} : memref<259xf32>, vector<4xf32>
// CHECK: arith.andi %[[SHIFT]], %c2
// CHECK-COUNT-10: arith.select {{.*}} : f32
// CHECK: arith.andi %[[SHIFT]], %c1
// CHECK-COUNT-9: arith.select {{.*}} : f32
// CHECK: vector.store {{.*}} {alignment = 16 : i64} : memref<9x259xf16>, vector<8xf16>
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

// Such a row is on its way to shared memory, behind the slots of 8 warps and before a barrier, which
// the first pass waits for. No pass reads it from elsewhere.
// CHECK-LABEL: module @sm_90a
// CHECK: block = array<i64: 256, 1, 1>
// CHECK-SAME: grid = array<i64: 4, 1, 1>
// CHECK-SAME: resident = 4 : i64
// CHECK-SAME: shared_bytes = 24672 : i64
// CHECK: nvvm.mbarrier.init
// CHECK: nvvm.bar.warp.sync
// CHECK: nvvm.mbarrier.arrive.expect_tx
// CHECK: memref.extract_aligned_pointer_as_index %{{.*}} : memref<4x12296xf16>
// CHECK: nvvm.cp.async.bulk.shared.cluster.global
// CHECK-NOT: nvvm.cp.async
// CHECK: nvvm.barrier
// CHECK: nvvm.mbarrier.try_wait.parity
// CHECK-NOT: memref<4x12296xf16>, vector<8xf16>
// CHECK: llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<8xf16>
// CHECK-NOT: nvvm.mbarrier
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
// cluster, each with a part of its vectors. A block has a maximum of its own, and powers of e in f32
// take the place of what they are of. The part of a row that a cluster behind has is on its way to
// the second-level cache. Then the blocks join maxima and sums at once, by their shared
// memories; what warps have is joined by those threads alone that send it.
// CHECK-LABEL: module @sm_90a
// CHECK: block = array<i64: 256, 1, 1>, cluster = 4 : i64
// CHECK-SAME: grid = array<i64: 12, 1, 1>
// CHECK-SAME: resident = 4 : i64
// CHECK-SAME: shared_bytes = 50480 : i64
// CHECK: nvvm.cluster.arrive.relaxed
// CHECK-NOT: nvvm.cluster
// CHECK: nvvm.cp.async.bulk.shared.cluster.global
// CHECK: nvvm.cp.async.bulk.prefetch
// CHECK: nvvm.mbarrier.try_wait.parity
// CHECK: llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xf32>
// CHECK: nvvm.barrier
// CHECK-COUNT-8: llvm.load %{{.*}} : !llvm.ptr<3> -> f32
// CHECK: nvvm.barrier
// CHECK: llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xf32>
// CHECK: llvm.store %{{.*}} {alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<3>
// CHECK: nvvm.barrier
// CHECK-NEXT: nvvm.cluster.wait
// CHECK: scf.if
// CHECK-COUNT-8: llvm.load %{{.*}} : !llvm.ptr<3> -> f32
// CHECK: %[[SUM:.*]] = nvvm.mapa %{{.*}}, %{{.*}} : !llvm.ptr<3> -> !llvm.ptr<7>
// CHECK: llvm.store %{{.*}}, %[[SUM]] : f32, !llvm.ptr<7>
// CHECK: %[[LARGEST:.*]] = nvvm.mapa %{{.*}}, %{{.*}} : !llvm.ptr<3> -> !llvm.ptr<7>
// CHECK: llvm.store %{{.*}}, %[[LARGEST]] : f32, !llvm.ptr<7>
// CHECK: nvvm.cluster.arrive.relaxed
// CHECK-NEXT: nvvm.cluster.wait
// CHECK-COUNT-8: llvm.load %{{.*}} : !llvm.ptr<3> -> f32
// CHECK-NOT: nvvm.cluster
// CHECK: llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xf32>
// CHECK-NEXT: vector.broadcast
// CHECK-NEXT: arith.mulf
// CHECK-NOT: nvvm.mapa
func.func @forward(%x: tensor<3x50257xf32>) -> tensor<3x50257xf32> {
  %y = mpc.softmax %x {axis = 1 : i64} : (tensor<3x50257xf32>) -> tensor<3x50257xf32>
  func.return %y : tensor<3x50257xf32>
}

// -----

// Four rows that begin at the same place of a vector, eight rows apart, share what is read of the
// scale: 33 rows are eight tiles and one with a row alone, of two blocks each. A block sends its four
// sums at once.
// CHECK-LABEL: module @sm_90a
// CHECK: block = array<i64: 256, 1, 1>, cluster = 2 : i64
// CHECK-SAME: grid = array<i64: 18, 1, 1>
// CHECK-COUNT-4: nvvm.cp.async.bulk.shared.cluster.global
// CHECK-NOT: nvvm.cp.async.bulk.prefetch
// CHECK-NOT: nvvm.cp.async
// CHECK-COUNT-4: nvvm.mapa
// CHECK: llvm.fence syncscope("cluster") acq_rel
// CHECK-NOT: nvvm.mapa
// CHECK-COUNT-3: vector.load {{.*}} : memref<12297xf32>, vector<4xf32>
// CHECK-NOT: memref<12297xf32>, vector
// CHECK-COUNT-4: vector.store {{.*}} : memref<33x12297xf16>, vector<8xf16>
func.func @forward(%x: tensor<33x12297xf16>, %s: tensor<12297xf32>) -> tensor<33x12297xf16> {
  %y, %r = "mpc.rms_normalization"(%x, %s) <{axis = 1 : i64, epsilon = 1.0e-5 : f32}> : (tensor<33x12297xf16>, tensor<12297xf32>) -> (tensor<33x12297xf16>, tensor<33x1xf32>)
  func.return %y : tensor<33x12297xf16>
}

// -----

// A row that is all of its tensor is not taken for one beside others.
// CHECK-LABEL: module @sm_90a
// CHECK: vector.load {{.*}} {alignment = 16 : i64} : memref<1x259xf16>, vector<8xf16>
// CHECK-NOT: vector.load
// CHECK: nvvm.shfl.sync
func.func @forward(%x: tensor<1x259xf16>) -> tensor<1xf16> {
  %s = mpc.reduce_sum %x {axes = array<i64: 1>} : (tensor<1x259xf16>) -> tensor<1xf16>
  func.return %s : tensor<1xf16>
}

// -----

// Rows beside several others begin elsewhere in a vector, so that these go one by one. What begins
// anywhere is not copied in bulk.
// CHECK-LABEL: module @sm_90a
// CHECK-NOT: nvvm.cp.async
// CHECK: memref.store {{.*}} : memref<2x4x12297xf16>
func.func @forward(%x: tensor<2x4x12297xf16>, %m: tensor<2x1x12297xf16>) -> tensor<2x4x12297xf16> {
  %y = mpc.softmax %x {axis = 2 : i64} : (tensor<2x4x12297xf16>) -> tensor<2x4x12297xf16>
  %z = mpc.mul %y, %m : (tensor<2x4x12297xf16>, tensor<2x1x12297xf16>) -> tensor<2x4x12297xf16>
  func.return %z : tensor<2x4x12297xf16>
}
