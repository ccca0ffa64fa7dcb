// RUN: mpc-opt %s --split-input-file --pass-pipeline='builtin.module(mpc-set-target{target=sm_90a},func.func(mpc-expand-commit,mpc-form-kernels),mpc-plan-buffers,mpc-lower-to-gpu)' | FileCheck %s

// A row of 1000 f32 in a warp's registers: seven steps that all threads have, and one of which 26
// threads have four elements. The others read the row's last and forget it, and store nothing.
// CHECK-LABEL: module @sm_90a
// CHECK: shared_bytes = 0 : i64
// CHECK-COUNT-7: vector.load {{.*}} : memref<300x1000xf32>, vector<4xf32>
// CHECK: %[[IS_THERE:.*]] = arith.cmpi slt, %[[COLUMN:.*]], %c1000
// CHECK: %[[SAFE:.*]] = arith.minsi %[[COLUMN]], %c996
// CHECK-NEXT: vector.load %arg0[%{{.*}}, %[[SAFE]]]
// CHECK: arith.select %[[IS_THERE]], {{.*}} : vector<4xf32>
// CHECK-NOT: vector.load
// CHECK-COUNT-7: vector.store {{.*}} : memref<300x1000xf32>, vector<4xf32>
// CHECK: scf.if
// CHECK-NOT: vector.load
// CHECK: vector.store {{.*}} : memref<300x1000xf32>, vector<4xf32>
// CHECK-NOT: vector.store
func.func @forward(%x: tensor<300x1000xf32>) -> tensor<300x1000xf32> {
  %y = mpc.softmax %x {axis = 1 : i64} : (tensor<300x1000xf32>) -> tensor<300x1000xf32>
  func.return %y : tensor<300x1000xf32>
}

// -----

// Two of 5120 in those of 320 threads, who have 16 elements of each and share nothing but sums.
// CHECK-LABEL: module @sm_90a
// CHECK: block = array<i64: 320, 1, 1>
// CHECK-SAME: shared_bytes = 80 : i64
// CHECK-COUNT-8: vector.load {{.*}} : memref<300x5120xf32>, vector<4xf32>
// CHECK-NOT: vector.load
// CHECK-COUNT-4: vector.store {{.*}} : memref<300x5120xf32>, vector<4xf32>
// CHECK-NOT: vector.store
func.func @forward(%dy: tensor<300x5120xf32>, %y: tensor<300x5120xf32>) -> tensor<300x5120xf32> {
  %dx = mpc.softmax_grad %dy, %y {axis = 1 : i64} : (tensor<300x5120xf32>, tensor<300x5120xf32>) -> tensor<300x5120xf32>
  func.return %dx : tensor<300x5120xf32>
}

// -----

// A row of 16384 in shared memory, and not in registers as well.
// CHECK-LABEL: module @sm_90a
// CHECK: block = array<i64: 256, 1, 1>
// CHECK-SAME: shared_bytes = 32848 : i64
// CHECK: nvvm.cp.async.bulk.shared.cluster.global
// CHECK-NOT: memref<300x16384xf16>, vector
// CHECK-COUNT-3: llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<8xf16>
// CHECK: vector.store {{.*}} : memref<300x16384xf16>, vector<8xf16>
func.func @forward(%x: tensor<300x16384xf16>) -> tensor<300x16384xf16> {
  %y = mpc.softmax %x {axis = 1 : i64} : (tensor<300x16384xf16>) -> tensor<300x16384xf16>
  func.return %y : tensor<300x16384xf16>
}

// -----

// A row that is read once, by threads who have nine or ten vectors of it: five at a time, and what
// is left at once, too.
// CHECK-LABEL: module @sm_90a
// CHECK: scf.for
// CHECK-COUNT-5: vector.load {{.*}} : memref<900x20000xf32>, vector<4xf32>
// CHECK-NOT: vector.load
// CHECK: scf.if
// CHECK: vector.load {{.*}} : memref<900x20000xf32>, vector<4xf32>
// CHECK-COUNT-3: arith.select %{{.*}} : vector<4xf32>
// CHECK-NOT: vector.load
func.func @forward(%x: tensor<900x20000xf32>) -> tensor<900xf32> {
  %s = mpc.reduce_sum %x {axes = array<i64: 1>} : (tensor<900x20000xf32>) -> tensor<900xf32>
  func.return %s : tensor<900xf32>
}
