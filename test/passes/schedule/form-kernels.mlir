// RUN: mpc-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(mpc-expand-commit,mpc-form-kernels))' | FileCheck %s

// What follows a root at the same index joins its kernel; a cast that only the
// root reads does, too.
// CHECK-LABEL: func.func @forward
func.func @forward(%x: tensor<4x8xf32>, %w: tensor<8x8xf16>, %b: tensor<8xf32>) -> tensor<4x8xf32> {
  // CHECK: %[[K:.*]] = mpc.kernel "mpc.gemm"
  // CHECK-SAME: (%{{.*}}, %{{.*}}, %{{.*}} : tensor<4x8xf32>, tensor<8x8xf16>, tensor<8xf32>) -> tensor<4x8xf32>
  // CHECK: mpc.cast
  // CHECK: mpc.gemm
  // CHECK: mpc.add
  // CHECK: mpc.relu
  // CHECK: mpc.yield
  // CHECK-NOT: mpc.kernel
  // CHECK: return %[[K]]
  %h = mpc.cast %x : tensor<4x8xf32> to tensor<4x8xf16>
  %y = mpc.gemm %h, %w {operandSegmentSizes = array<i32: 1, 1, 0>} : (tensor<4x8xf16>, tensor<8x8xf16>) -> tensor<4x8xf32>
  %z = mpc.add %y, %b : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  %r = mpc.relu %z : (tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %r : tensor<4x8xf32>
}

// -----

// A chain with a root in the middle of another path would be a cycle.
// CHECK-LABEL: func.func @forward
func.func @forward(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // CHECK: %[[A:.*]] = mpc.kernel "elementwise"
  // CHECK: mpc.relu
  // CHECK: %[[T:.*]] = mpc.kernel "mpc.transpose"{{.*}}(%[[A]]
  // CHECK: mpc.transpose
  // CHECK: mpc.add
  // CHECK: return %[[T]]
  %a = mpc.relu %x : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %t = mpc.transpose %a {perm = array<i64: 1, 0>} : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %s = mpc.add %a, %t : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  func.return %s : tensor<4x4xf32>
}

// -----

// Views stay outside; an argument that is returned is copied.
// CHECK-LABEL: func.func @forward
func.func @forward(%x: tensor<4x4xf32>) -> (tensor<16xf32>, tensor<4x4xf32>) {
  // CHECK-DAG: %[[C:.*]] = mpc.kernel "elementwise" {{.*}} -> tensor<16xf32>
  // CHECK-DAG: %[[D:.*]] = mpc.kernel "elementwise" {{.*}} -> tensor<4x4xf32>
  // CHECK: return %[[C]], %[[D]]
  %v = mpc.reshape %x : (tensor<4x4xf32>) -> tensor<16xf32>
  func.return %v, %x : tensor<16xf32>, tensor<4x4xf32>
}

// -----

// The update, the select by `applied` and the narrow copy are one kernel, and it
// runs after the last reader of the old value.
mpc.state @w : tensor<8xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
mpc.state @w.f16 : tensor<8xf16> {role = #mpc.role<derived>, derived_from = @w}
mpc.state @lr : tensor<f32> {role = #mpc.role<hyper>, initializer = #mpc.fill<0.1>}
// CHECK-LABEL: func.func @train_step
func.func @train_step(%g: tensor<8xf32>) {
  %w = mpc.read @w : tensor<8xf32>
  %lr = mpc.read @lr : tensor<f32>
  %n, %finite = mpc.nonfinite_count %g : (tensor<8xf32>) -> (tensor<i64>, tensor<i1>)
  %w1 = mpc.sgd %w, %g, %lr, %lr {operandSegmentSizes = array<i32: 1, 1, 0, 1, 1, 0>} : (tensor<8xf32>, tensor<8xf32>, tensor<f32>, tensor<f32>) -> tensor<8xf32>
  %h1 = mpc.cast %w1 : tensor<8xf32> to tensor<8xf16>
  %norm = mpc.global_norm %w : (tensor<8xf32>) -> tensor<f32>
  // CHECK: mpc.kernel "mpc.nonfinite_count"
  // CHECK: mpc.kernel "mpc.global_norm"
  // CHECK: %[[U:.*]]:2 = mpc.kernel "elementwise"
  // CHECK: mpc.sgd
  // CHECK-DAG: mpc.cast
  // CHECK-COUNT-2: mpc.select
  // CHECK-NOT: mpc.kernel
  // CHECK: mpc.commit {{.*}} predicated [@w, @w.f16](%[[U]]#0, %[[U]]#1
  mpc.commit %finite : tensor<i1> predicated [@w, @w.f16](%w1, %h1 : tensor<8xf32>, tensor<8xf16>)
    always [] status ["grad_norm"](%norm : tensor<f32>)
}

// -----

// Two states that depend on each other, element by element, in one kernel.
mpc.state @a : tensor<8xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
mpc.state @b : tensor<8xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
// CHECK-LABEL: func.func @train_step
func.func @train_step(%applied: tensor<i1>) {
  // CHECK-DAG: %[[A:.*]] = mpc.read @a
  // CHECK-DAG: %[[B:.*]] = mpc.read @b
  // CHECK: %[[AB:.*]]:2 = mpc.kernel "elementwise"
  // CHECK-NOT: mpc.kernel
  // CHECK: mpc.commit {{.*}} predicated [@a, @b](%[[AB]]#0, %[[AB]]#1
  %a = mpc.read @a : tensor<8xf32>
  %b = mpc.read @b : tensor<8xf32>
  %a1 = mpc.add %a, %b : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  %b1 = mpc.sub %a1, %b : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  mpc.commit %applied : tensor<i1> predicated [@a, @b](%a1, %b1 : tensor<8xf32>, tensor<8xf32>) always [] status []
}

// -----

// A root that reads a state does not write it in place.
mpc.state @s : tensor<8xf32> {role = #mpc.role<derived>, derived_from = @s}
// CHECK-LABEL: func.func @derive
func.func @derive() {
  // CHECK: %[[T:.*]] = mpc.kernel "mpc.transpose"
  // CHECK: %[[C:.*]] = mpc.kernel "elementwise"{{.*}}(%[[T]]
  // CHECK: mpc.commit predicated [@s](%[[C]]
  %s = mpc.read @s : tensor<8xf32>
  %t = mpc.transpose %s {perm = array<i64: 0>} : (tensor<8xf32>) -> tensor<8xf32>
  mpc.commit predicated [@s](%t : tensor<8xf32>) always [] status []
}

// -----

// Rows are expanded where an elementwise kernel reads them, and in a kernel of
// its own for any other; the kernel that makes them is not joined.
// CHECK-LABEL: func.func @forward
func.func @forward(%r: tensor<8x8xf16>, %f: tensor<8xi32>, %x: tensor<8x8xf32>, %w: tensor<8x4xf16>) -> (tensor<8x8xf32>, tensor<8x4xf32>) {
  // CHECK: %[[ROWS:.*]] = mpc.kernel "elementwise" {{.*}} -> tensor<8x8xf16>
  // CHECK-NEXT: ^bb0
  // CHECK-NEXT: mpc.relu
  // CHECK-NEXT: mpc.yield
  // CHECK: %[[DENSE:[0-9a-z%]*]]:2 = mpc.kernel "elementwise" {{.*}}(%[[ROWS]], %arg1, %arg2 : {{.*}} -> tensor<8x8xf16>, tensor<8x8xf32>
  // CHECK: mpc.expand_rows
  // CHECK-NEXT: mpc.add
  // CHECK: mpc.kernel "mpc.gemm" {{.*}}(%[[DENSE]]#0, %arg3
  // CHECK-NOT: mpc.expand_rows
  %a = mpc.relu %r : (tensor<8x8xf16>) -> tensor<8x8xf16>
  %dense = mpc.expand_rows %a, %f : (tensor<8x8xf16>, tensor<8xi32>) -> tensor<8x8xf16>
  %sum = mpc.add %dense, %x : (tensor<8x8xf16>, tensor<8x8xf32>) -> tensor<8x8xf32>
  %y = mpc.gemm %dense, %w {operandSegmentSizes = array<i32: 1, 1, 0>} : (tensor<8x8xf16>, tensor<8x4xf16>) -> tensor<8x4xf32>
  func.return %sum, %y : tensor<8x8xf32>, tensor<8x4xf32>
}

// -----

// What tensors are multiplied by is not held up by a scalar that waits for a
// norm.
mpc.state @s : tensor<f32> {role = #mpc.role<step>, initializer = #mpc.fill<1.0>}
// CHECK-LABEL: func.func @train_step
func.func @train_step(%x: tensor<8xf32>, %s: tensor<f32>, %applied: tensor<i1>) {
  // CHECK: %[[ROOT:.*]] = mpc.kernel "elementwise" {{.*}}(%arg1 : tensor<f32>) -> tensor<f32>
  // CHECK: %[[NORM:.*]] = mpc.kernel "mpc.global_norm"
  // CHECK: mpc.kernel "elementwise" {{.*}}%[[NORM]]{{.*}} -> tensor<f32>
  %old = mpc.read @s : tensor<f32>
  %root = mpc.sqrt %s : (tensor<f32>) -> tensor<f32>
  %norm = mpc.global_norm %x : (tensor<8xf32>) -> tensor<f32>
  %new = mpc.add %old, %norm : (tensor<f32>, tensor<f32>) -> tensor<f32>
  %y = mpc.mul %x, %root : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %length = mpc.reduce_sum %y {axes = array<i64: 0>} : (tensor<8xf32>) -> tensor<f32>
  mpc.commit %applied : tensor<i1> predicated [@s](%new : tensor<f32>) always [] status ["loss"](%length : tensor<f32>)
}
