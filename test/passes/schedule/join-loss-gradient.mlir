// RUN: mpc-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(mpc-join-loss-gradient))' | FileCheck %s
// RUN: mpc-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(mpc-join-loss-gradient,mpc-form-kernels))' | FileCheck %s --check-prefix=KERNELS

// The logits are read once, by a kernel that has what follows loss and gradient.
// CHECK-LABEL: func.func @train_step
// CHECK-NOT: mpc.cross_entropy %
// CHECK: %[[LOSS:.*]], %[[GRADIENT:.*]] = mpc.cross_entropy_and_grad %arg0, %arg1, %arg2 {class_axis = 1 : i64, ignore_index = -100 : i64, node = ["loss"]}
// CHECK-NOT: mpc.cross_entropy_grad
// CHECK: mpc.cast %[[GRADIENT]]
// CHECK: mpc.broadcast %[[LOSS]]
// KERNELS-LABEL: func.func @train_step
// KERNELS: mpc.kernel "mpc.cross_entropy_and_grad"
// KERNELS: mpc.cast
// KERNELS-NEXT: mpc.broadcast
// KERNELS-NEXT: mpc.yield
// KERNELS-NEXT: }
// KERNELS-NEXT: return
func.func @train_step(%s: tensor<f32>, %x: tensor<1024x4096xf32>, %y: tensor<1024xi64>) -> (tensor<f32>, tensor<1024x4096xf16>) {
  %l = mpc.cross_entropy %x, %y {class_axis = 1 : i64, ignore_index = -100 : i64, node = ["loss"], precision = #mpc.precision<[] -> [f32 "a loss" from "the op"]>} : (tensor<1024x4096xf32>, tensor<1024xi64>) -> tensor<f32>
  %g = mpc.cross_entropy_grad %s, %x, %y {class_axis = 1 : i64, ignore_index = -100 : i64, node = ["loss"], precision = #mpc.precision<[] -> [f32 "a loss" from "the op"]>} : (tensor<f32>, tensor<1024x4096xf32>, tensor<1024xi64>) -> tensor<1024x4096xf32>
  %h = mpc.cast %g : tensor<1024x4096xf32> to tensor<1024x4096xf16>
  %r = mpc.broadcast %l : (tensor<f32>) -> tensor<f32>
  return %r, %h : tensor<f32>, tensor<1024x4096xf16>
}

// -----

// 16 bits an element: half of the bytes that pay for a launch.
// CHECK-LABEL: func.func @small
// CHECK: mpc.cross_entropy %
// CHECK: mpc.cross_entropy_grad
func.func @small(%s: tensor<f32>, %x: tensor<1024x4096xf16>, %y: tensor<1024xi64>) -> (tensor<f32>, tensor<1024x4096xf16>) {
  %l = mpc.cross_entropy %x, %y {class_axis = 1 : i64, ignore_index = -100 : i64} : (tensor<1024x4096xf16>, tensor<1024xi64>) -> tensor<f32>
  %g = mpc.cross_entropy_grad %s, %x, %y {class_axis = 1 : i64, ignore_index = -100 : i64} : (tensor<f32>, tensor<1024x4096xf16>, tensor<1024xi64>) -> tensor<1024x4096xf16>
  return %l, %g : tensor<f32>, tensor<1024x4096xf16>
}

// -----

// Another loss of the same logits.
// CHECK-LABEL: func.func @smoothed
// CHECK: mpc.cross_entropy %
// CHECK: mpc.cross_entropy_grad
func.func @smoothed(%s: tensor<f32>, %x: tensor<1024x4096xf32>, %y: tensor<1024xi64>) -> (tensor<f32>, tensor<1024x4096xf32>) {
  %l = mpc.cross_entropy %x, %y {class_axis = 1 : i64, ignore_index = -100 : i64} : (tensor<1024x4096xf32>, tensor<1024xi64>) -> tensor<f32>
  %g = mpc.cross_entropy_grad %s, %x, %y {class_axis = 1 : i64, ignore_index = -100 : i64, label_smoothing = 0.1 : f32} : (tensor<f32>, tensor<1024x4096xf32>, tensor<1024xi64>) -> tensor<1024x4096xf32>
  return %l, %g : tensor<f32>, tensor<1024x4096xf32>
}

// -----

// The gradient is a multiple of the loss.
// CHECK-LABEL: func.func @read
// CHECK: mpc.cross_entropy %
// CHECK: mpc.cross_entropy_grad
func.func @read(%s: tensor<f32>, %x: tensor<1024x4096xf32>, %y: tensor<1024xi64>) -> (tensor<f32>, tensor<1024x4096xf32>) {
  %l = mpc.cross_entropy %x, %y {class_axis = 1 : i64, ignore_index = -100 : i64} : (tensor<1024x4096xf32>, tensor<1024xi64>) -> tensor<f32>
  %t = mpc.mul %l, %s : (tensor<f32>, tensor<f32>) -> tensor<f32>
  %g = mpc.cross_entropy_grad %t, %x, %y {class_axis = 1 : i64, ignore_index = -100 : i64} : (tensor<f32>, tensor<1024x4096xf32>, tensor<1024xi64>) -> tensor<1024x4096xf32>
  return %l, %g : tensor<f32>, tensor<1024x4096xf32>
}
