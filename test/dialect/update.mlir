// RUN: mpc-opt %s | mpc-opt | FileCheck %s

mpc.state @w : tensor<4xf32> {role = #mpc.role<parameter>, initializer = #mpc.normal<2.000000e-02>}
mpc.state @frozen : tensor<4xf32> {role = #mpc.role<constant>, initializer = #mpc.file<"model.onnx", "frozen">}

// CHECK-LABEL: func.func @updates
func.func @updates(%g: tensor<4xf16>, %h: tensor<f32>, %n: tensor<i64>) {
  // CHECK: mpc.gradient_seed %{{.*}} : (tensor<f32>) -> tensor<f32>
  %seed = mpc.gradient_seed %h : (tensor<f32>) -> tensor<f32>
  // CHECK: mpc.parameter_gradient %{{.*}}, %{{.*}} {parameter = @w} : (tensor<4xf16>, tensor<f32>) -> tensor<4xf32>
  %u = mpc.parameter_gradient %g, %h {parameter = @w} : (tensor<4xf16>, tensor<f32>) -> tensor<4xf32>
  // CHECK: mpc.nonfinite_count
  %count, %ok = mpc.nonfinite_count %g, %u : (tensor<4xf16>, tensor<4xf32>) -> (tensor<i64>, tensor<i1>)
  // CHECK: mpc.global_norm
  %norm = mpc.global_norm %u : (tensor<4xf32>) -> tensor<f32>
  // CHECK: mpc.norm_and_count
  %both:3 = mpc.norm_and_count %u, %g : (tensor<4xf32>, tensor<4xf16>) -> (tensor<f32>, tensor<i64>, tensor<i1>)
  // CHECK: mpc.clip_factor
  %f = mpc.clip_factor %norm, %h : (tensor<f32>, tensor<f32>) -> tensor<f32>
  // CHECK: mpc.step_lr
  %lr = mpc.step_lr %h, %f, %h, %n : (tensor<f32>, tensor<f32>, tensor<f32>, tensor<i64>) -> tensor<f32>
  // CHECK: mpc.sgd {{.*}}nesterov
  %s:2 = mpc.sgd %u, %u, %u, %lr, %h, %h {nesterov, operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 1>} : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<4xf32>, tensor<4xf32>)
  // CHECK: mpc.adam_factors
  %k:2 = mpc.adam_factors %lr, %h, %h, %n : (tensor<f32>, tensor<f32>, tensor<f32>, tensor<i64>) -> (tensor<f32>, tensor<f32>)
  // CHECK: mpc.adam {{.*}}decoupled
  %a:3 = mpc.adam %s#0, %u, %s#1, %u, %lr, %h, %h, %h, %h, %k#0, %k#1 {decoupled} : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>)
  // CHECK: mpc.update_loss_scale
  %ls:3 = mpc.update_loss_scale %h, %n, %n, %ok, %h, %h, %h, %h, %h, %h : (tensor<f32>, tensor<i64>, tensor<i64>, tensor<i1>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<i64>, tensor<i64>)
  return
}

// CHECK-LABEL: func.func @ends_in_gradients
func.func @ends_in_gradients(%loss: tensor<f32>, %g: tensor<4xf32>) {
  // CHECK: mpc.gradients %{{.*}} : tensor<f32>, [@w](%{{.*}} : tensor<4xf32>)
  mpc.gradients %loss : tensor<f32>, [@w] (%g : tensor<4xf32>)
}
