// RUN: mpc-opt %s --mpc-scale-loss | FileCheck %s
// RUN: mpc-opt %s --mpc-scale-loss="init=1024 growth-interval=7 hysteresis=2" | FileCheck %s --check-prefix=OPTIONS
// RUN: mpc-opt %s --mpc-scale-loss="dynamic=false init=1024" | FileCheck %s --check-prefix=STATIC

// CHECK: mpc.state @loss_scale : tensor<f32> {initializer = #mpc.fill<6.553600e+04>, role = #mpc.role<loop>}
// CHECK: mpc.state @good_steps : tensor<i64> {{.*}}#mpc.role<loop>
// CHECK: mpc.state @bad_steps : tensor<i64> {{.*}}#mpc.role<loop>
// CHECK: mpc.state @scale_growth_factor : tensor<f32> {initializer = #mpc.fill<2.000000e+00>, role = #mpc.role<hyper>}
// CHECK: mpc.state @scale_growth_interval : tensor<f32> {initializer = #mpc.fill<2.000000e+03>
// CHECK: mpc.state @scale_backoff_factor : tensor<f32> {initializer = #mpc.fill<5.000000e-01>
// CHECK: mpc.state @scale_hysteresis : tensor<f32> {initializer = #mpc.fill<1.000000e+00>
// CHECK: mpc.state @scale_min : tensor<f32> {initializer = #mpc.fill<1.000000e+00>
// CHECK: mpc.state @scale_max : tensor<f32> {initializer = #mpc.fill<0x4170000000000000>
// CHECK: mpc.state @skipped_steps : tensor<i64> {{.*}}#mpc.role<loop>

// The derivative starts at the scale and every gradient is multiplied by its
// inverse. The overflow test sees gradients that are still scaled, in the type
// that they are stored in; the norm is of unscaled ones.
// CHECK-LABEL: func.func @train_step
// CHECK: %[[LOSS:.*]] = mpc.pointwise_loss
// CHECK: %[[SCALE:.*]] = mpc.read @loss_scale {direction = #mpc.direction<update>, node = ["loss_scale"], op_type = "LossScale", precision
// CHECK: %[[ONE:.*]] = mpc.constant dense<1.000000e+00>
// CHECK: %[[INVERSE:.*]] = mpc.div %[[ONE]], %[[SCALE]] {{.*}}[f32 "loss scaling is computed in f32" from "scaling", f32 "loss scaling is computed in f32" from "scaling"] -> [f32 "loss scaling is computed in f32" from "scaling"]
// CHECK: mpc.gradient_seed %[[SCALE]] {{.*}}[f32 "loss scaling is computed in f32" from "scaling"] -> [f32 "s" from "test"]
// CHECK: %[[RAW:.*]] = mpc.pointwise_loss_grad
// CHECK: %[[G:.*]] = mpc.parameter_gradient %[[RAW]], %[[INVERSE]] {{.*}}[f16 "s" from "test", f32 "loss scaling is computed in f32" from "scaling"]
// CHECK: %[[NORM:.*]] = mpc.global_norm %[[G]]
// CHECK: %[[NEXT:.*]] = mpc.sgd
// CHECK: %[[T:.*]] = mpc.read @applied_steps
// CHECK: %[[T1:.*]] = mpc.add %[[T]]
// CHECK-NOT: dense<true>
// CHECK: %[[COUNT:.*]], %[[FINITE:.*]] = mpc.nonfinite_count %[[RAW]] {{.*}}precision = #mpc.precision<[f16
// CHECK: %[[GOOD:.*]] = mpc.read @good_steps
// CHECK: %[[BAD:.*]] = mpc.read @bad_steps
// CHECK: %[[NS:.*]], %[[NGOOD:.*]], %[[NBAD:.*]] = mpc.update_loss_scale %[[SCALE]], %[[GOOD]], %[[BAD]], %[[FINITE]]
// CHECK: %[[SKIPPED:.*]] = mpc.read @skipped_steps
// CHECK: %[[ZERO:.*]] = mpc.constant dense<0>
// CHECK: %[[I:.*]] = mpc.constant dense<1>
// CHECK: %[[MORE:.*]] = mpc.select %[[FINITE]], %[[ZERO]], %[[I]]
// CHECK: %[[NSKIPPED:.*]] = mpc.add %[[SKIPPED]], %[[MORE]]
// CHECK: %[[APPLIED:.*]] = mpc.select %[[FINITE]]
// CHECK: %[[AFTER:.*]] = mpc.select %[[FINITE]], %[[T1]], %
// CHECK: mpc.commit %[[FINITE]] : tensor<i1> predicated [@w, @applied_steps](%[[NEXT]], %[[T1]] :
// CHECK-SAME: always [@loss_scale, @good_steps, @bad_steps, @skipped_steps](%[[NS]], %[[NGOOD]], %[[NBAD]], %[[NSKIPPED]] :
// CHECK-SAME: status ["loss", "grad_norm", "nonfinite_count", "applied", "applied_steps", "skipped_steps", "loss_scale", "next_loss_scale", "lr"](%[[LOSS]], %[[NORM]], %[[COUNT]], %[[APPLIED]], %[[AFTER]], %[[NSKIPPED]], %[[SCALE]], %[[NS]], %{{.*}} :

// OPTIONS: mpc.state @loss_scale : tensor<f32> {initializer = #mpc.fill<1.024000e+03>
// OPTIONS: mpc.state @scale_growth_interval : tensor<f32> {initializer = #mpc.fill<7.000000e+00>
// OPTIONS: mpc.state @scale_hysteresis : tensor<f32> {initializer = #mpc.fill<2.000000e+00>

// A fixed scale is written back as it was read.
// STATIC-NOT: @good_steps
// STATIC: %[[SCALE:.*]] = mpc.read @loss_scale
// STATIC-NOT: mpc.update_loss_scale
// STATIC: mpc.commit {{.*}}always [@loss_scale, @skipped_steps](%[[SCALE]], %{{.*}}%[[SCALE]], %[[SCALE]], %{{[^,]*}} :
mpc.state @w : tensor<3xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
mpc.state @applied_steps : tensor<i64> {role = #mpc.role<step>, initializer = #mpc.fill<0.0>}
mpc.state @lr : tensor<f32> {role = #mpc.role<hyper>, initializer = #mpc.fill<0.01>}
func.func @train_step(%y: tensor<3xf32>) {
  %w = mpc.read @w : tensor<3xf32>
  %loss = mpc.pointwise_loss mse %w, %y : (tensor<3xf32>, tensor<3xf32>) -> tensor<f32>
  %seed = mpc.gradient_seed {direction = #mpc.direction<backward>, precision = #mpc.precision<[] -> [f32 "s" from "test"]>} : () -> tensor<f32>
  %raw = mpc.pointwise_loss_grad mse %seed, %w, %y {direction = #mpc.direction<backward>, precision = #mpc.precision<[f32 "s" from "test", f16 "s" from "test", f16 "s" from "test"] -> [f16 "s" from "test"]>} : (tensor<f32>, tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  %g = mpc.parameter_gradient %raw {parameter = @w, direction = #mpc.direction<update>, precision = #mpc.precision<[f16 "s" from "test"] -> [f32 "s" from "test"]>} : (tensor<3xf32>) -> tensor<3xf32>
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
