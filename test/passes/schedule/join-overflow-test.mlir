// RUN: mpc-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(mpc-join-overflow-test))' | FileCheck %s
// RUN: mpc-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(mpc-join-overflow-test,mpc-repeat-transforms,mpc-form-kernels))' | FileCheck %s --check-prefix=KERNELS

// They read different tensors.
// CHECK-LABEL: func.func @train_step
// CHECK: mpc.global_norm
// CHECK: mpc.nonfinite_count
func.func @train_step(%g: tensor<8xf16>, %h: tensor<8xf16>) -> (tensor<f32>, tensor<i64>) {
  %norm = mpc.global_norm %g : (tensor<8xf16>) -> tensor<f32>
  %count, %finite = mpc.nonfinite_count %h : (tensor<8xf16>) -> (tensor<i64>, tensor<i1>)
  return %norm, %count : tensor<f32>, tensor<i64>
}

// -----

// What the norm measures is computed from what is tested, so that one kernel
// loads both at once.
// CHECK-LABEL: func.func @train_step
// CHECK: %[[A:.*]] = mpc.cast %arg0
// CHECK: %[[B:.*]] = mpc.mul %[[A]], %arg1
// CHECK: %[[NORM:.*]], %[[COUNT:.*]], %[[FINITE:.*]] = mpc.norm_and_count %[[B]], %arg2, %arg0, %arg2
// CHECK-NOT: mpc.nonfinite_count
// CHECK: mpc.clip_factor %[[NORM]]
// CHECK: return %{{.*}}, %[[COUNT]], %[[FINITE]],
// KERNELS-LABEL: func.func @train_step
// KERNELS: mpc.kernel "mpc.norm_and_count" {{.*}}(%arg0, %arg1, %arg2 :
// KERNELS: mpc.mul
// KERNELS: mpc.norm_and_count
func.func @train_step(%g: tensor<4x8xf16>, %inverse: tensor<f32>, %h: tensor<3xf32>) -> (tensor<f32>, tensor<i64>, tensor<i1>, tensor<4x8xf32>) {
  %a = mpc.cast %g : tensor<4x8xf16> to tensor<4x8xf32>
  %b = mpc.mul %a, %inverse : (tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
  %norm = mpc.global_norm %b, %h : (tensor<4x8xf32>, tensor<3xf32>) -> tensor<f32>
  %f = mpc.clip_factor %norm, %inverse : (tensor<f32>, tensor<f32>) -> tensor<f32>
  %count, %finite = mpc.nonfinite_count %g, %h : (tensor<4x8xf16>, tensor<3xf32>) -> (tensor<i64>, tensor<i1>)
  return %f, %count, %finite, %b : tensor<f32>, tensor<i64>, tensor<i1>, tensor<4x8xf32>
}

// -----

// The count is read before there is a norm.
// CHECK-LABEL: func.func @train_step
// CHECK: mpc.nonfinite_count
// CHECK: mpc.global_norm
func.func @train_step(%g: tensor<8xf32>, %h: tensor<8xf32>) -> (tensor<f32>, tensor<8xf32>) {
  %count, %finite = mpc.nonfinite_count %g : (tensor<8xf32>) -> (tensor<i64>, tensor<i1>)
  %s = mpc.select %finite, %g, %h : (tensor<i1>, tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  %norm = mpc.global_norm %g : (tensor<8xf32>) -> tensor<f32>
  return %norm, %s : tensor<f32>, tensor<8xf32>
}
