// RUN: mpc-opt %s --mpc-add-optimizer | FileCheck %s
// RUN: mpc-opt %s --mpc-add-optimizer="momentum=0.9 nesterov lr=0.1 weight-decay=0.001" | FileCheck %s --check-prefix=NESTEROV
// RUN: mpc-opt %s --mpc-add-optimizer=kind=adam | FileCheck %s --check-prefix=ADAM
// RUN: mpc-opt %s --mpc-add-optimizer=kind=adamw | FileCheck %s --check-prefix=ADAMW
// RUN: mpc-opt %s --mpc-add-optimizer="clip-norm=2 lr-schedule=step:30:0.1" | FileCheck %s --check-prefix=CLIP

mpc.state @w : tensor<3xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>, node = ["norm"]}
mpc.state @lr : tensor<3xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
mpc.state @unread : tensor<2xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
mpc.state @mean : tensor<3xf32> {role = #mpc.role<statistic>, initializer = #mpc.fill<0.0>}
mpc.state @var : tensor<3xf32> {role = #mpc.role<statistic>, initializer = #mpc.fill<1.0>}

// A tensor of the model that is named like a hyper-parameter gives way.
// CHECK: mpc.state @w
// CHECK: mpc.state @model.lr : tensor<3xf32> {{.*}}role = #mpc.role<parameter>
// CHECK: mpc.state @applied_steps : tensor<i64> {{.*}}role = #mpc.role<step>
// CHECK: mpc.state @lr : tensor<f32> {initializer = #mpc.fill<1.000000e-02>, role = #mpc.role<hyper>}
// CHECK: mpc.state @weight_decay : tensor<f32> {initializer = #mpc.fill<0.000000e+00>

// CHECK-LABEL: func.func @forward
// CHECK: mpc.read @model.lr
// CHECK: mpc.batch_normalization_inference
// CHECK-NOT: mpc.batch_normalization %

// CHECK-LABEL: func.func @train_step
// CHECK: %[[W:.*]] = mpc.read @w
// CHECK: %[[B:.*]] = mpc.read @model.lr
// CHECK: %[[N:.*]], %[[MEAN:.*]], %[[VAR:.*]], %{{.*}}, %{{.*}} = mpc.batch_normalization
// CHECK: %[[LOSS:.*]] = mpc.pointwise_loss
// CHECK: %[[DN:.*]], %[[DW:.*]], %[[DB:.*]] = mpc.batch_normalization_grad
// CHECK: %[[GW:.*]] = mpc.parameter_gradient %[[DW]] {direction = #mpc.direction<update>, node = ["norm"], op_type = "SGD", parameter = @w}
// CHECK: %[[GB:.*]] = mpc.parameter_gradient %[[DB]]
// CHECK: %[[NORM:.*]] = mpc.global_norm %[[GW]], %[[GB]]
// CHECK: %[[T:.*]] = mpc.read @applied_steps
// CHECK: %[[LR:.*]] = mpc.read @lr
// CHECK: %[[WD:.*]] = mpc.read @weight_decay
// CHECK: %[[NW:.*]] = mpc.sgd %[[W]], %[[GW]], %[[LR]], %[[WD]] {direction = #mpc.direction<update>, node = ["norm"], op_type = "SGD"
// CHECK: %[[NB:.*]] = mpc.sgd %[[B]], %[[GB]], %[[LR]], %[[WD]]
// CHECK: %[[ONE:.*]] = mpc.constant dense<1>
// CHECK: %[[T1:.*]] = mpc.add %[[T]], %[[ONE]]
// CHECK: %[[KEPT:.*]] = mpc.read @unread
// CHECK: %[[TRUE:.*]] = mpc.constant dense<true>
// CHECK: %[[APPLIED:.*]] = mpc.constant dense<1>
// CHECK: mpc.commit %[[TRUE]] : tensor<i1> predicated [@w, @model.lr, @unread, @mean, @var, @applied_steps](%[[NW]], %[[NB]], %[[KEPT]], %[[MEAN]], %[[VAR]], %[[T1]] :
// CHECK-SAME: always [] status ["loss", "grad_norm", "applied", "applied_steps", "lr"](%[[LOSS]], %[[NORM]], %[[APPLIED]], %[[T1]], %[[LR]] :

// CHECK-LABEL: func.func @derive()
// CHECK-NEXT: mpc.commit predicated [] always [] status []

// NESTEROV: mpc.state @lr : tensor<f32> {initializer = #mpc.fill<1.000000e-01>
// NESTEROV: mpc.state @weight_decay : tensor<f32> {initializer = #mpc.fill<1.000000e-03>
// NESTEROV: mpc.state @momentum : tensor<f32> {initializer = #mpc.fill<9.000000e-01>
// NESTEROV: mpc.state @w.momentum : tensor<3xf32> {initializer = #mpc.fill<0.000000e+00>, node = ["norm"], parameter = @w, role = #mpc.role<moment>}
// NESTEROV: mpc.state @model.lr.momentum : {{.*}}parameter = @model.lr
// NESTEROV: %[[MU:.*]] = mpc.read @momentum
// NESTEROV: %[[M:.*]] = mpc.read @w.momentum
// NESTEROV: %[[NW:.*]], %[[NM:.*]] = mpc.sgd %{{.*}}, %{{.*}}, %[[M]], %{{.*}}, %{{.*}}, %[[MU]] {{{.*}}nesterov
// NESTEROV: mpc.commit {{.*}}@w.momentum, @model.lr.momentum]

// ADAM: mpc.state @lr : tensor<f32> {initializer = #mpc.fill<1.000000e-03>
// ADAM: mpc.state @weight_decay : tensor<f32> {initializer = #mpc.fill<0.000000e+00>
// ADAM: mpc.state @beta1 : tensor<f32> {initializer = #mpc.fill<9.000000e-01>
// ADAM: mpc.state @beta2 : tensor<f32> {initializer = #mpc.fill<{{0.99[89]9*}}>
// ADAM: mpc.state @eps : tensor<f32> {initializer = #mpc.fill<1.000000e-08>
// ADAM: mpc.state @w.exp_avg : tensor<3xf32>
// ADAM: mpc.state @w.exp_avg_sq : tensor<3xf32>
// ADAM: %[[T:.*]] = mpc.read @applied_steps {{.*}}node = ["optimizer"]
// ADAM: %[[LR:.*]] = mpc.read @lr
// ADAM: %[[WD:.*]] = mpc.read @weight_decay
// ADAM: %[[B1:.*]] = mpc.read @beta1
// ADAM: %[[B2:.*]] = mpc.read @beta2
// ADAM: %[[EPS:.*]] = mpc.read @eps
// ADAM: %[[STEP:.*]], %[[ROOT:.*]] = mpc.adam_factors %[[LR]], %[[B1]], %[[B2]], %[[T]]
// ADAM: %[[M:.*]] = mpc.read @w.exp_avg {
// ADAM: %[[V:.*]] = mpc.read @w.exp_avg_sq {
// ADAM: mpc.adam %{{.*}}, %{{.*}}, %[[M]], %[[V]], %[[LR]], %[[B1]], %[[B2]], %[[EPS]], %[[WD]], %[[STEP]], %[[ROOT]]
// ADAM-NOT: decoupled

// ADAMW: mpc.state @weight_decay : tensor<f32> {initializer = #mpc.fill<1.000000e-02>
// ADAMW: mpc.adam {{.*}}{decoupled, {{.*}}op_type = "AdamW"

// The schedule sees the steps applied so far, and its result is what is
// reported; the norm is taken before clipping.
// CLIP: %[[G:.*]] = mpc.parameter_gradient
// CLIP: %[[NORM:.*]] = mpc.global_norm
// CLIP: %[[MAX:.*]] = mpc.read @clip_norm
// CLIP: %[[F:.*]] = mpc.clip_factor %[[NORM]], %[[MAX]]
// CLIP: %[[CLIPPED:.*]] = mpc.mul %[[G]], %[[F]]
// CLIP: %[[T:.*]] = mpc.read @applied_steps
// CLIP: %[[LR:.*]] = mpc.read @lr
// CLIP: %[[FACTOR:.*]] = mpc.read @lr_factor
// CLIP: %[[EVERY:.*]] = mpc.read @lr_every
// CLIP: %[[NOW:.*]] = mpc.step_lr %[[LR]], %[[FACTOR]], %[[EVERY]], %[[T]]
// CLIP: mpc.sgd %{{.*}}, %[[CLIPPED]], %[[NOW]]
// CLIP: mpc.commit {{.*}}(%{{.*}}, %[[NORM]], %{{.*}}, %{{.*}}, %[[NOW]] : tensor<f32>, tensor<f32>, tensor<i64>, tensor<i64>, tensor<f32>)

func.func @forward(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %w = mpc.read @w : tensor<3xf32>
  %b = mpc.read @lr : tensor<3xf32>
  %s = mpc.read @mean : tensor<3xf32>
  %v = mpc.read @var : tensor<3xf32>
  %n, %nm, %nv, %m, %i = mpc.batch_normalization %x, %w, %b, %s, %v {epsilon = 1.0e-5 : f32, momentum = 0.9 : f32} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  return %n : tensor<2x3xf32>
}

func.func @train_step(%x: tensor<2x3xf32>, %y: tensor<2x3xf32>) {
  %w = mpc.read @w : tensor<3xf32>
  %b = mpc.read @lr : tensor<3xf32>
  %s = mpc.read @mean : tensor<3xf32>
  %v = mpc.read @var : tensor<3xf32>
  %n, %nm, %nv, %m, %i = mpc.batch_normalization %x, %w, %b, %s, %v {epsilon = 1.0e-5 : f32, momentum = 0.9 : f32} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  %loss = mpc.pointwise_loss mse %n, %y : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<f32>
  %seed = mpc.gradient_seed : () -> tensor<f32>
  %dn = mpc.pointwise_loss_grad mse %seed, %n, %y : (tensor<f32>, tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %dx, %dw, %db = mpc.batch_normalization_grad %dn, %x, %w, %m, %i : (tensor<2x3xf32>, tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>)
  mpc.gradients %loss : tensor<f32>, [@w, @lr] (%dw, %db : tensor<3xf32>, tensor<3xf32>)
}
