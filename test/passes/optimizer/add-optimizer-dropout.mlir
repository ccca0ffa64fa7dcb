// RUN: mpc-opt %s --mpc-add-optimizer | FileCheck %s
// A dropout's counter is committed with the step; evaluation drops nothing.

mpc.state @w : tensor<4xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
mpc.state @drops : tensor<i64> {role = #mpc.role<step>, initializer = #mpc.fill<0.0>}

// CHECK-LABEL: func.func @forward
// CHECK-SAME: %[[X:[^:]*]]: tensor<4xf32>
// CHECK: %[[Y:.*]] = mpc.mul %[[X]]
// CHECK-NOT: mpc.dropout
// CHECK: return %[[Y]]
func.func @forward(%x: tensor<4xf32>) -> tensor<4xf32> {
  %w = mpc.read @w : tensor<4xf32>
  %c = mpc.read @drops : tensor<i64>
  %m = mpc.mul %x, %w : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %y, %n = mpc.dropout %m, %c {ratio = 0.5 : f32, seed = 3 : i64} : (tensor<4xf32>, tensor<i64>) -> (tensor<4xf32>, tensor<i64>)
  return %y : tensor<4xf32>
}

// CHECK-LABEL: func.func @train_step
// CHECK: %{{.*}}, %[[NEXT:.*]] = mpc.dropout
// CHECK: mpc.commit {{.*}} predicated [@w, @drops, @applied_steps](%{{.*}}, %[[NEXT]], %{{.*}} :
func.func @train_step(%x: tensor<4xf32>, %t: tensor<4xf32>) {
  %w = mpc.read @w : tensor<4xf32>
  %c = mpc.read @drops : tensor<i64>
  %m = mpc.mul %x, %w : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %y, %n = mpc.dropout %m, %c {ratio = 0.5 : f32, seed = 3 : i64} : (tensor<4xf32>, tensor<i64>) -> (tensor<4xf32>, tensor<i64>)
  %loss = mpc.pointwise_loss l1 %y, %t : (tensor<4xf32>, tensor<4xf32>) -> tensor<f32>
  %seed = mpc.gradient_seed : () -> tensor<f32>
  %dy = mpc.pointwise_loss_grad l1 %seed, %y, %t : (tensor<f32>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %dm = mpc.dropout_grad %dy, %c {ratio = 0.5 : f32, seed = 3 : i64} : (tensor<4xf32>, tensor<i64>) -> tensor<4xf32>
  %dw = mpc.mul %dm, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  mpc.gradients %loss : tensor<f32>, [@w] (%dw : tensor<4xf32>)
}
