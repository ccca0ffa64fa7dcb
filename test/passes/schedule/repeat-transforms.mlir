// RUN: mpc-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(mpc-repeat-transforms))' | FileCheck %s
// RUN: mpc-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(mpc-repeat-transforms,mpc-form-kernels))' | FileCheck %s --check-prefix=KERNELS

// The count reads %g in any case, so the norm reads it too and unscales it for
// itself; what both read is no longer stored.
// CHECK-LABEL: func.func @forward
// CHECK: %[[A:.*]] = mpc.cast %arg0
// CHECK: %[[B:.*]] = mpc.mul %[[A]], %arg1
// CHECK: %[[A2:.*]] = mpc.cast %arg0
// CHECK: %[[B2:.*]] = mpc.mul %[[A2]], %arg1
// CHECK: mpc.global_norm %[[B2]]
// CHECK: mpc.add %arg2, %[[B]]
// KERNELS-LABEL: func.func @forward
// KERNELS: mpc.kernel "mpc.nonfinite_count"
// KERNELS: mpc.kernel "elementwise" {{.*}} -> tensor<4x8xf32> {
// KERNELS: mpc.cast
// KERNELS: mpc.mul
// KERNELS: mpc.add
// KERNELS: mpc.kernel "mpc.global_norm" {{.*}} -> tensor<f32> {
// KERNELS: mpc.cast
// KERNELS: mpc.mul
// KERNELS: mpc.global_norm
func.func @forward(%g: tensor<4x8xf16>, %inverse: tensor<f32>, %w: tensor<4x8xf32>) -> (tensor<i64>, tensor<f32>, tensor<4x8xf32>) {
  %count, %finite = mpc.nonfinite_count %g : (tensor<4x8xf16>) -> (tensor<i64>, tensor<i1>)
  %a = mpc.cast %g : tensor<4x8xf16> to tensor<4x8xf32>
  %b = mpc.mul %a, %inverse : (tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
  %norm = mpc.global_norm %b : (tensor<4x8xf32>) -> tensor<f32>
  %sum = mpc.add %w, %b : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %count, %norm, %sum : tensor<i64>, tensor<f32>, tensor<4x8xf32>
}

// -----

// Nothing but the product reads %g: what it is computed into is stored once.
// CHECK-LABEL: func.func @forward
// CHECK: mpc.mul
// CHECK-NOT: mpc.mul
func.func @forward(%g: tensor<4x8xf32>, %inverse: tensor<f32>, %w: tensor<4x8xf32>) -> (tensor<f32>, tensor<4x8xf32>) {
  %b = mpc.mul %g, %inverse : (tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
  %norm = mpc.global_norm %b : (tensor<4x8xf32>) -> tensor<f32>
  %sum = mpc.add %w, %b : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %norm, %sum : tensor<f32>, tensor<4x8xf32>
}

// -----

// A product of two tensors is no transform of one.
// CHECK-LABEL: func.func @forward
// CHECK: mpc.mul
// CHECK-NOT: mpc.mul
func.func @forward(%g: tensor<4x8xf32>, %h: tensor<4x8xf32>, %w: tensor<4x8xf32>) -> (tensor<f32>, tensor<f32>, tensor<4x8xf32>) {
  %b = mpc.mul %g, %h : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %n = mpc.global_norm %g : (tensor<4x8xf32>) -> tensor<f32>
  %norm = mpc.global_norm %b : (tensor<4x8xf32>) -> tensor<f32>
  %sum = mpc.add %w, %b : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %n, %norm, %sum : tensor<f32>, tensor<f32>, tensor<4x8xf32>
}
