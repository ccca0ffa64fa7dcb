// RUN: mpc-opt %s --mpc-scale-loss | FileCheck %s

// Nothing of the backward part is f16, so nothing is scaled: the gradients are
// those of f32 to the bit. Overflow is tested all the same.
// CHECK-NOT: mpc.state @loss_scale
// CHECK: mpc.state @skipped_steps
// CHECK-LABEL: func.func @train_step
// CHECK: mpc.gradient_seed {{.*}}: () -> tensor<f32>
// CHECK: mpc.parameter_gradient %[[RAW:[0-9]+]] {{.*}}: (tensor<3xf32>) -> tensor<3xf32>
// CHECK: %[[SCALE:.*]] = mpc.constant dense<1.000000e+00>
// CHECK: %{{.*}}, %[[FINITE:.*]] = mpc.nonfinite_count %[[RAW]] {{.*}}precision = #mpc.precision<[bf16
// CHECK-NOT: mpc.update_loss_scale
// CHECK: mpc.commit %[[FINITE]] : tensor<i1> predicated [@w, @applied_steps]{{.*}}always [@skipped_steps]{{.*}}, %[[SCALE]], %[[SCALE]], %{{[^,]*}} :
mpc.state @w : tensor<3xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
mpc.state @applied_steps : tensor<i64> {role = #mpc.role<step>, initializer = #mpc.fill<0.0>}
mpc.state @lr : tensor<f32> {role = #mpc.role<hyper>, initializer = #mpc.fill<0.01>}
func.func @train_step(%y: tensor<3xf32>) {
  %w = mpc.read @w : tensor<3xf32>
  %loss = mpc.pointwise_loss mse %w, %y : (tensor<3xf32>, tensor<3xf32>) -> tensor<f32>
  %seed = mpc.gradient_seed {direction = #mpc.direction<backward>, precision = #mpc.precision<[] -> [f32 "s" from "test"]>} : () -> tensor<f32>
  %raw = mpc.pointwise_loss_grad mse %seed, %w, %y {direction = #mpc.direction<backward>, precision = #mpc.precision<[f32 "s" from "test", bf16 "s" from "test", bf16 "s" from "test"] -> [bf16 "s" from "test"]>} : (tensor<f32>, tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  %g = mpc.parameter_gradient %raw {parameter = @w, direction = #mpc.direction<update>, precision = #mpc.precision<[bf16 "s" from "test"] -> [f32 "s" from "test"]>} : (tensor<3xf32>) -> tensor<3xf32>
  %norm = mpc.global_norm %g : (tensor<3xf32>) -> tensor<f32>
  %lr = mpc.read @lr : tensor<f32>
  %next = mpc.sgd %w, %g, %lr, %lr {operandSegmentSizes = array<i32: 1, 1, 0, 1, 1, 0>} : (tensor<3xf32>, tensor<3xf32>, tensor<f32>, tensor<f32>) -> tensor<3xf32>
  %one = mpc.constant dense<1> : tensor<i64> : tensor<i64>
  %t = mpc.read @applied_steps : tensor<i64>
  %t1 = mpc.add %t, %one : (tensor<i64>, tensor<i64>) -> tensor<i64>
  %true = mpc.constant dense<true> : tensor<i1> : tensor<i1>
  mpc.commit %true : tensor<i1> predicated [@w, @applied_steps] (%next, %t1 : tensor<3xf32>, tensor<i64>)
    always [] status ["loss", "grad_norm", "applied", "applied_steps", "lr"] (%loss, %norm, %one, %t1, %lr : tensor<f32>, tensor<f32>, tensor<i64>, tensor<i64>, tensor<f32>)
}
