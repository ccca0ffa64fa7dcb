// RUN: mpc-opt %s --split-input-file --pass-pipeline='builtin.module(mpc-set-target{target=sm_90a},func.func(mpc-form-kernels,mpc-group-kernels),mpc-plan-buffers,mpc-lower-to-gpu)' | FileCheck %s
// RUN: mpc-opt %s --split-input-file --pass-pipeline='builtin.module(mpc-set-target{target=cpu},func.func(mpc-form-kernels,mpc-group-kernels))' | FileCheck %s --check-prefix=CPU

// CPU-NOT: "group"

// Transpositions and a relu are ready at once: 261 tiles of a thread each, in
// blocks of 32.
// What reads one of their results comes after them.
// CHECK-LABEL: func.func @forward
// CHECK: %[[G:.*]]:3 = mpc.kernel "group" provider "generated"(%arg0, %arg2, %arg1 :
// CHECK-SAME: entries = [@sm_90a::@k0_transpose_x3]
// CHECK-SAME: tiles = array<i64: 261>
// CHECK: mpc.kernel "mpc.transpose"
// CHECK: mpc.kernel "mpc.transpose"
// CHECK: mpc.kernel "elementwise"
// CHECK: mpc.yield
// CHECK: mpc.yield
// CHECK: mpc.kernel "mpc.slice" provider "generated"(%[[G]]#0
// CHECK-SAME: entries = [@sm_90a::@k1_slice]

// Two members have the same code: it is there once, and the number of the block
// tells which row of the table has its buffers.
// CHECK-LABEL: module @sm_90a
// CHECK: func.func private @k0_transpose_x3_part0(%{{.*}}: memref<8x16xf32> {llvm.noalias}, %{{.*}}: memref<16x8xf32> {llvm.noalias}, %{{.*}}: index)
// CHECK-SAME: passthrough = ["alwaysinline"]
// CHECK: func.func private @k0_transpose_x3_part1(%{{.*}}: memref<20xf32>, %{{.*}}: memref<20xf32>, %{{.*}}: index)
// CHECK: func.func @k0_transpose_x3(%{{.*}}: !llvm.ptr)
// CHECK-SAME: mpc.launch = {block = array<i64: 32, 1, 1>, grid = array<i64: 9, 1, 1>
// CHECK-SAME: table = 6
// CHECK: %[[ROW:.*]] = arith.divui
// CHECK: arith.muli %[[ROW]], %c2
// CHECK: func.call @k0_transpose_x3_part0(
// CHECK: func.call @k0_transpose_x3_part1(
func.func @forward(%x: tensor<8x16xf32>, %z: tensor<20xf32>, %y: tensor<8x16xf32>) -> (tensor<2x8xf32>, tensor<20xf32>, tensor<16x8xf32>) {
  %a = mpc.transpose %x {perm = array<i64: 1, 0>} : (tensor<8x16xf32>) -> tensor<16x8xf32>
  %d = mpc.slice %a {starts = array<i64: 0, 0>, steps = array<i64: 1, 1>} : (tensor<16x8xf32>) -> tensor<2x8xf32>
  %b = mpc.transpose %y {perm = array<i64: 1, 0>} : (tensor<8x16xf32>) -> tensor<16x8xf32>
  %c = mpc.relu %z : (tensor<20xf32>) -> tensor<20xf32>
  func.return %d, %c, %b : tensor<2x8xf32>, tensor<20xf32>, tensor<16x8xf32>
}

// -----

// The sum reads the old value of @w, which a relu overwrites; the update of @v
// may run beside it.
mpc.state @w : tensor<8x8xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
mpc.state @v : tensor<8x8xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
// CHECK-LABEL: func.func @train_step
// CHECK: mpc.kernel "group"
// CHECK: mpc.kernel "mpc.reduce_sum"
// CHECK: mpc.kernel "elementwise"
// CHECK: mpc.yield
// CHECK: mpc.yield
// CHECK: mpc.kernel "elementwise"
// CHECK: mpc.commit
func.func @train_step() {
  %ok = mpc.constant dense<true> : tensor<i1> : tensor<i1>
  %w = mpc.read @w : tensor<8x8xf32>
  %v = mpc.read @v : tensor<8x8xf32>
  %t = mpc.reduce_sum %w {axes = array<i64: 0, 1>} : (tensor<8x8xf32>) -> tensor<f32>
  %u = mpc.relu %v : (tensor<8x8xf32>) -> tensor<8x8xf32>
  %n = mpc.relu %w : (tensor<8x8xf32>) -> tensor<8x8xf32>
  mpc.commit %ok : tensor<i1> predicated [@w, @v](%n, %u : tensor<8x8xf32>, tensor<8x8xf32>)
    always [] status ["loss"](%t : tensor<f32>)
}

// -----

// Two megabytes are not taken across the product, which stays behind; a few
// bytes are.
// CHECK-LABEL: func.func @forward
// CHECK: mpc.kernel "group"
// CHECK: mpc.kernel "mpc.transpose"
// CHECK: tensor<8x4xf32>
// CHECK: mpc.kernel "mpc.transpose"
// CHECK: tensor<16x4xf32>
// CHECK: mpc.yield
// CHECK: mpc.kernel "mpc.gemm"
// CHECK: mpc.kernel "mpc.transpose"
// CHECK-SAME: tensor<1024x512xf32>
func.func @forward(%x: tensor<4x8xf32>, %y: tensor<4x16xf32>, %z: tensor<512x1024xf32>, %w: tensor<1024x512xf32>) -> (tensor<8x4xf32>, tensor<16x4xf32>, tensor<512x512xf32>, tensor<1024x512xf32>) {
  %a = mpc.transpose %x {perm = array<i64: 1, 0>} : (tensor<4x8xf32>) -> tensor<8x4xf32>
  %m = mpc.gemm %z, %w {operandSegmentSizes = array<i32: 1, 1, 0>} : (tensor<512x1024xf32>, tensor<1024x512xf32>) -> tensor<512x512xf32>
  %c = mpc.transpose %z {perm = array<i64: 1, 0>} : (tensor<512x1024xf32>) -> tensor<1024x512xf32>
  %b = mpc.transpose %y {perm = array<i64: 1, 0>} : (tensor<4x16xf32>) -> tensor<16x4xf32>
  %d = mpc.transpose %b {perm = array<i64: 1, 0>} : (tensor<16x4xf32>) -> tensor<4x16xf32>
  %e = mpc.transpose %c {perm = array<i64: 1, 0>} : (tensor<1024x512xf32>) -> tensor<512x1024xf32>
  %f = mpc.transpose %d {perm = array<i64: 1, 0>} : (tensor<4x16xf32>) -> tensor<16x4xf32>
  %g = mpc.transpose %e {perm = array<i64: 1, 0>} : (tensor<512x1024xf32>) -> tensor<1024x512xf32>
  func.return %a, %f, %m, %g : tensor<8x4xf32>, tensor<16x4xf32>, tensor<512x512xf32>, tensor<1024x512xf32>
}

// -----

// The third transposition joins the first group and so moves before the second
// one, whose member reads it through a view: the view moves along.
// CHECK-LABEL: func.func @forward
// CHECK: %[[FIRST:.*]]:2 = mpc.kernel "group"
// CHECK: %[[VIEW:.*]] = mpc.reshape %[[FIRST]]#1
// CHECK: mpc.kernel "mpc.gemm"
// CHECK: mpc.kernel "group" provider "generated"(%{{.*}}, %[[VIEW]]
func.func @forward(%x: tensor<4x8xf32>, %y: tensor<4x16xf32>, %z: tensor<8x8xf32>) -> (tensor<8x4xf32>, tensor<8x8xf32>, tensor<16x4xf32>) {
  %a = mpc.transpose %x {perm = array<i64: 1, 0>} : (tensor<4x8xf32>) -> tensor<8x4xf32>
  %m = mpc.gemm %z, %z {operandSegmentSizes = array<i32: 1, 1, 0>} : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  %c = mpc.transpose %m {perm = array<i64: 1, 0>} : (tensor<8x8xf32>) -> tensor<8x8xf32>
  %k = mpc.transpose %y {perm = array<i64: 1, 0>} : (tensor<4x16xf32>) -> tensor<16x4xf32>
  %v = mpc.reshape %k : (tensor<16x4xf32>) -> tensor<4x16xf32>
  %d = mpc.transpose %v {perm = array<i64: 1, 0>} : (tensor<4x16xf32>) -> tensor<16x4xf32>
  func.return %a, %c, %d : tensor<8x4xf32>, tensor<8x8xf32>, tensor<16x4xf32>
}
