// RUN: mpc-opt %s --split-input-file --pass-pipeline='builtin.module(mpc-set-target{target=sm_90a},func.func(mpc-expand-commit,mpc-form-kernels),mpc-plan-buffers,mpc-lower-to-gpu)' | FileCheck %s

// Many rows that are too long for a block: clusters take the next that none has, by a counter that
// is 0 behind each launch. Of a block's warps 12 go over elements, in two groups that take turns,
// and one each copies vectors, copies what is in none, joins what warps have, and joins what blocks
// have.
// CHECK-LABEL: module @sm_90a
// CHECK: llvm.mlir.global internal @[[COUNTER:.*_takes]](0 : i32) {addr_space = 1 : i32
// CHECK: block = array<i64: 512, 1, 1>, cluster = 8 : i64
// CHECK-SAME: grid = array<i64: 120, 1, 1>
// Each pass reads shared memory; the first leaves powers there.
// CHECK-COUNT-2: nvvm.mbarrier.try_wait.parity
// CHECK: llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xf32>
// CHECK: llvm.store %{{.*}} {alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<3>
// CHECK: nvvm.mbarrier.try_wait.parity
// CHECK: llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xf32>
// CHECK: vector.store {{.*}} {alignment = 16 : i64} : memref<40x50257xf32>, vector<4xf32>
// CHECK: nvvm.fence.proxy
// CHECK: llvm.mlir.addressof @[[COUNTER]] : !llvm.ptr<1>
// 40 rows, and each of 15 clusters is told that there are no more.
// CHECK: arith.constant 54 : i32
// CHECK: llvm.atomicrmw uinc_wrap
// CHECK: nvvm.inline_ptx "st.async
// CHECK: nvvm.cp.async.bulk.shared.cluster.global
// CHECK-NOT: memref<40x50257xf32>, vector
func.func @forward(%x: tensor<40x50257xf32>) -> tensor<40x50257xf32> {
  %y = mpc.softmax %x {axis = 1 : i64} : (tensor<40x50257xf32>) -> tensor<40x50257xf32>
  func.return %y : tensor<40x50257xf32>
}

// -----

// Two rows of 16 bits at once, 8 apart, so that the scale is beside the same elements of both; it is
// read once by a block. 35 rows are 19 takes: 16 of two rows and 3 of one.
// CHECK-LABEL: module @sm_90a
// CHECK: arith.constant 33 : i32
// CHECK: llvm.atomicrmw uinc_wrap
func.func @forward(%x: tensor<35x50257xf16>, %s: tensor<50257xf32>) -> tensor<35x50257xf16> {
  %y, %r = "mpc.rms_normalization"(%x, %s) <{axis = 1 : i64, epsilon = 1.0e-5 : f32}> : (tensor<35x50257xf16>, tensor<50257xf32>) -> (tensor<35x50257xf16>, tensor<35x1xf32>)
  func.return %y : tensor<35x50257xf16>
}

// -----

// Kernels that are equal have a counter each, as they may run at the same time.
// CHECK-LABEL: module @sm_90a
// CHECK-DAG: llvm.mlir.global internal @k0_softmax_takes
// CHECK-DAG: llvm.mlir.global internal @k1_softmax_takes
// CHECK-LABEL: func.func @k0_softmax
// CHECK-NOT: @k1_softmax_takes
// CHECK-LABEL: func.func @k1_softmax
// CHECK-NOT: @k0_softmax_takes
func.func @forward(%x: tensor<40x50257xf32>, %z: tensor<40x50257xf32>) -> (tensor<40x50257xf32>, tensor<40x50257xf32>) {
  %y = mpc.softmax %x {axis = 1 : i64} : (tensor<40x50257xf32>) -> tensor<40x50257xf32>
  %w = mpc.softmax %z {axis = 1 : i64} : (tensor<40x50257xf32>) -> tensor<40x50257xf32>
  func.return %y, %w : tensor<40x50257xf32>, tensor<40x50257xf32>
}

// -----

// Not for fewer rows than clusters, nor for rows that are computed.
// CHECK-LABEL: module @sm_90a
// CHECK-NOT: _takes
// CHECK-LABEL: module @sm_90a
// CHECK-NOT: _takes
func.func @forward(%x: tensor<14x50257xf32>) -> tensor<14x50257xf32> {
  %y = mpc.softmax %x {axis = 1 : i64} : (tensor<14x50257xf32>) -> tensor<14x50257xf32>
  func.return %y : tensor<14x50257xf32>
}

// -----

func.func @forward(%x: tensor<40x50257xf16>) -> tensor<40x50257xf32> {
  %n = mpc.cast %x : tensor<40x50257xf16> to tensor<40x50257xf32>
  %y = mpc.softmax %n {axis = 1 : i64} : (tensor<40x50257xf32>) -> tensor<40x50257xf32>
  func.return %y : tensor<40x50257xf32>
}

// -----

// Of 16 bits, which are widened each time; what no thread would keep in registers stays with
// clusters that hold rows.
// CHECK-LABEL: module @sm_90a
// CHECK: @[[COUNTER:.*_takes]](0 : i32)
// CHECK: block = array<i64: 512, 1, 1>, cluster = 8 : i64
// CHECK-SAME: grid = array<i64: 120, 1, 1>
func.func @forward(%x: tensor<40x131072xbf16>) -> tensor<40x131072xbf16> {
  %y = mpc.log_softmax %x {axis = 1 : i64} : (tensor<40x131072xbf16>) -> tensor<40x131072xbf16>
  func.return %y : tensor<40x131072xbf16>
}

// -----

// CHECK-LABEL: module @sm_90a
// CHECK-NOT: _takes
// CHECK: cluster = 8 : i64
// CHECK-SAME: grid = array<i64: 320, 1, 1>
func.func @forward(%x: tensor<40x250000xbf16>) -> tensor<40x250000xbf16> {
  %y = mpc.log_softmax %x {axis = 1 : i64} : (tensor<40x250000xbf16>) -> tensor<40x250000xbf16>
  func.return %y : tensor<40x250000xbf16>
}
