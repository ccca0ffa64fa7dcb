// RUN: mpc-opt %s --split-input-file --pass-pipeline='builtin.module(mpc-set-target{target=sm_90a},func.func(mpc-expand-commit,mpc-form-kernels),mpc-plan-buffers,mpc-lower-to-gpu)' | FileCheck %s

// A thread takes four neighbours of f32; 20 elements are five threads of one warp.
// CHECK-LABEL: func.func @forward
// CHECK: entries = [@sm_90a::@k0_elementwise]
// CHECK-SAME: tiles = array<i64: 5>
// A team of 32 threads sums each row of 512.
// CHECK: entries = [@sm_90a::@k1_reduce_sum]
func.func @forward(%x: tensor<20xf32>, %r: tensor<4x512xf32>, %l: tensor<1048576xf32>) -> (tensor<20xf32>, tensor<4xf32>, tensor<1048576xf32>) {
  %a = mpc.relu %x : (tensor<20xf32>) -> tensor<20xf32>
  %s = mpc.reduce_sum %r {axes = array<i64: 1>} : (tensor<4x512xf32>) -> tensor<4xf32>
  %b = mpc.relu %l : (tensor<1048576xf32>) -> tensor<1048576xf32>
  func.return %a, %s, %b : tensor<20xf32>, tensor<4xf32>, tensor<1048576xf32>
}
// CHECK-LABEL: module @sm_90a
// CHECK: func.func @k0_elementwise(%{{.*}}: memref<20xf32>, %{{.*}}: memref<20xf32>)
// CHECK-SAME: mpc.launch = {block = array<i64: 32, 1, 1>, grid = array<i64: 1, 1, 1>, maps = [], shared_bytes = 0 : i64, waits}
// Before it touches memory it waits for those that were launched before.
// CHECK-NEXT: nvvm.griddepcontrol wait
// It is small, so those behind it may be launched beside it.
// CHECK-NEXT: nvvm.griddepcontrol launch_dependents
// CHECK: nvvm.read.ptx.sreg.tid.x
// CHECK: cf.cond_br
// CHECK: vector.load {{.*}} {alignment = 16 : i64}
// CHECK: func.func @k1_reduce_sum
// CHECK-COUNT-5: nvvm.shfl.sync

// One of many blocks keeps its room to itself.
// CHECK-LABEL: func.func @k2_elementwise
// CHECK: nvvm.griddepcontrol wait
// CHECK-NOT: nvvm.griddepcontrol

// -----

// Of 16 bytes each, 2048 threads have too little under way: each has two vectors, a block's
// threads apart. All of them have room, with 32 registers each.
// CHECK-LABEL: func.func @k0_elementwise
// CHECK-SAME: block = array<i64: 128, 1, 1>, grid = array<i64: 4096, 1, 1>
// CHECK-SAME: resident = 16
// CHECK: scf.for {{.*}} step %[[BLOCK:.*]] {
// A row of 8 KB and its team: 64 KB under way would be eight blocks, but with 48 registers a thread
// there is room for five.
// CHECK-LABEL: func.func @k1_softmax
// CHECK-SAME: block = array<i64: 256, 1, 1>
// CHECK-SAME: resident = 5
// Of 16 KB, four are enough.
// CHECK-LABEL: func.func @k2_softmax
// CHECK-SAME: resident = 4
// Two rows of 8 KB each, with a gradient: 40 KB are three blocks.
// CHECK-LABEL: func.func @k3_softmax_grad
// CHECK-SAME: resident = 3
// A team that sums twice is smaller and holds 32 elements a thread, which 64 registers have.
// CHECK-LABEL: func.func @k4_layer_normalization
// CHECK-SAME: block = array<i64: 128, 1, 1>
// CHECK-SAME: resident = 8
// Two vectors a thread are enough of ten blocks.
// CHECK-LABEL: func.func @k5_elementwise
// CHECK-SAME: resident = 10
// Powers of f32 are computed for longer than they are read.
// CHECK-LABEL: func.func @k6_elementwise
// CHECK-SAME: resident = 16
func.func @forward(%c: tensor<2048x1xf16>, %x: tensor<64x4096xf16>, %w: tensor<64x4096xf32>, %y: tensor<64x4096xf16>, %z: tensor<64x4096xf32>) -> (tensor<2048x4096xf16>, tensor<64x4096xf16>, tensor<64x4096xf32>, tensor<64x4096xf16>, tensor<64x4096xf16>, tensor<64x1xf32>, tensor<64x1xf32>, tensor<64x4096xf16>, tensor<64x4096xf32>) {
  %b = mpc.broadcast %c : (tensor<2048x1xf16>) -> tensor<2048x4096xf16>
  %s = mpc.softmax %x {axis = 1 : i64} : (tensor<64x4096xf16>) -> tensor<64x4096xf16>
  %t = mpc.softmax %w {axis = 1 : i64} : (tensor<64x4096xf32>) -> tensor<64x4096xf32>
  %g = mpc.softmax_grad %s, %x {axis = 1 : i64} : (tensor<64x4096xf16>, tensor<64x4096xf16>) -> tensor<64x4096xf16>
  %n:3 = "mpc.layer_normalization"(%x) <{axis = 1 : i64, epsilon = 1.0e-5 : f32, operandSegmentSizes = array<i32: 1, 0, 0>}> : (tensor<64x4096xf16>) -> (tensor<64x4096xf16>, tensor<64x1xf32>, tensor<64x1xf32>)
  %p = mpc.pow %x, %y : (tensor<64x4096xf16>, tensor<64x4096xf16>) -> tensor<64x4096xf16>
  %q = mpc.pow %w, %z : (tensor<64x4096xf32>, tensor<64x4096xf32>) -> tensor<64x4096xf32>
  func.return %b, %s, %t, %g, %n#0, %n#1, %n#2, %p, %q : tensor<2048x4096xf16>, tensor<64x4096xf16>, tensor<64x4096xf32>, tensor<64x4096xf16>, tensor<64x4096xf16>, tensor<64x1xf32>, tensor<64x1xf32>, tensor<64x4096xf16>, tensor<64x4096xf32>
}

// -----

// Of a row that is read once a thread has 16 elements, for which 32 registers do, and as many
// threads as then have room.
// CHECK-LABEL: func.func @k0_cross_entropy_0
// CHECK-SAME: block = array<i64: 256, 1, 1>
// CHECK-SAME: resident = 8
// Weights take more, and how many is not known.
// CHECK-LABEL: func.func @k1_cross_entropy_0
// CHECK-SAME: block = array<i64: 256, 1, 1>
// CHECK-SAME: resident = 4
func.func @forward(%x: tensor<1024x4096xf32>, %y: tensor<1024xi64>, %w: tensor<4096xf32>) -> (tensor<f32>, tensor<f32>) {
  %a = mpc.cross_entropy %x, %y {class_axis = 1 : i64, ignore_index = -100 : i64} : (tensor<1024x4096xf32>, tensor<1024xi64>) -> tensor<f32>
  %b = mpc.cross_entropy %x, %y, %w {class_axis = 1 : i64, ignore_index = -100 : i64} : (tensor<1024x4096xf32>, tensor<1024xi64>, tensor<4096xf32>) -> tensor<f32>
  func.return %a, %b : tensor<f32>, tensor<f32>
}
