// RUN: mpc-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(mpc-expand-commit))' | FileCheck %s

mpc.state @w : tensor<8xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
mpc.state @v : tensor<8xf32> {role = #mpc.role<moment>, initializer = #mpc.fill<0.0>}
mpc.state @n : tensor<i64> {role = #mpc.role<loop>, initializer = #mpc.fill<0.0>}

// Predicated values are selected, loop state is not, and i1 becomes a number.
// CHECK-LABEL: func.func @train_step
func.func @train_step(%ok: tensor<i1>, %g: tensor<8xf32>, %one: tensor<i64>) {
  // CHECK-DAG: %[[W:.*]] = mpc.read @w
  // CHECK-DAG: %[[V:.*]] = mpc.read @v
  // CHECK-DAG: %[[N:.*]] = mpc.read @n
  %v = mpc.read @v : tensor<8xf32>
  %n = mpc.read @n : tensor<i64>
  // CHECK: %[[N1:.*]] = mpc.add %[[N]]
  %n1 = mpc.add %n, %one : (tensor<i64>, tensor<i64>) -> tensor<i64>
  // CHECK: %[[W1:.*]] = mpc.select %{{.*}}, %{{.*}}, %[[W]]
  // CHECK: %[[OK:.*]] = mpc.select {{.*}} -> tensor<i64>
  // CHECK: %[[N2:.*]] = mpc.broadcast %[[N1]]
  // CHECK: mpc.commit {{.*}} predicated [@w, @v](%[[W1]], %[[V]] {{.*}} always [@n](%[[N1]] {{.*}}(%[[OK]], %[[N2]]
  mpc.commit %ok : tensor<i1> predicated [@w, @v](%g, %v : tensor<8xf32>, tensor<8xf32>)
    always [@n](%n1 : tensor<i64>) status ["applied", "skipped_steps"](%ok, %n1 : tensor<i1>, tensor<i64>)
}

// -----

// Nothing is selected if every step is applied.
mpc.state @w : tensor<8xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
// CHECK-LABEL: func.func @train_step
func.func @train_step(%x: tensor<8xf32>) {
  // CHECK-NOT: mpc.select
  // CHECK: %[[R:.*]] = mpc.relu
  // CHECK: mpc.commit {{.*}} predicated [@w](%[[R]]
  %ok = mpc.constant dense<true> : tensor<i1> : tensor<i1>
  %r = mpc.relu %x : (tensor<8xf32>) -> tensor<8xf32>
  mpc.commit %ok : tensor<i1> predicated [@w](%r : tensor<8xf32>) always [] status []
}

// -----

// A result that stands in two places is copied once.
// CHECK-LABEL: func.func @forward
func.func @forward(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  // CHECK: %[[R:.*]] = mpc.relu
  // CHECK: %[[C:.*]] = mpc.broadcast %[[R]]
  // CHECK: return %[[R]], %[[C]]
  %r = mpc.relu %x : (tensor<8xf32>) -> tensor<8xf32>
  func.return %r, %r : tensor<8xf32>, tensor<8xf32>
}
