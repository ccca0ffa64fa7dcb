// RUN: mpc-opt %s --split-input-file --mpc-differentiate | FileCheck %s

mpc.state @fc1.weight : tensor<5x3xf32> {role = #mpc.role<parameter>, initializer = #mpc.uniform<0.3>}
mpc.state @fc1.bias : tensor<5xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
mpc.state @fc2.weight : tensor<4x5xf32> {role = #mpc.role<parameter>, initializer = #mpc.uniform<0.3>}
mpc.state @frozen : tensor<4xf32> {role = #mpc.role<constant>, initializer = #mpc.fill<0.0>}

// Two linear layers with a relu between them. The input needs no gradient, and
// state that is not a parameter gets none.
// CHECK-LABEL: func.func @train_step
// CHECK-SAME: %[[X:[^:]*]]: tensor<2x3xf32>, %[[Y:[^:]*]]: tensor<2xi64>
// CHECK: %[[H:.*]] = mpc.relu
// CHECK: %[[W2:.*]] = mpc.read @fc2.weight
// CHECK: %[[OUT:.*]] = mpc.gemm %[[H]], %[[W2]]
// CHECK: %[[LOSS:.*]] = mpc.cross_entropy
// CHECK-NEXT: %[[SEED:.*]] = mpc.gradient_seed {direction = #mpc.direction<backward>, node = ["loss"], op_type = "CrossEntropy"} : () -> tensor<f32>
// CHECK-NEXT: %[[DOUT:.*]] = mpc.cross_entropy_grad %[[SEED]], %[[OUT]], %[[Y]] {class_axis = 1 : i64, direction = #mpc.direction<backward>, ignore_index = 7 : i64, node = ["loss"], op_type = "CrossEntropy"}
// CHECK-NEXT: %[[DH:.*]] = mpc.gemm %[[DOUT]], %[[W2]] {direction = #mpc.direction<backward>, node = ["fc2"], op_type = "Gemm"} : (tensor<2x4xf32>, tensor<4x5xf32>) -> tensor<2x5xf32>
// CHECK-NEXT: %[[DW2:.*]] = mpc.gemm %[[DOUT]], %[[H]] {{.*}}trans_a} : (tensor<2x4xf32>, tensor<2x5xf32>) -> tensor<4x5xf32>
// CHECK-NEXT: %[[DA:.*]] = mpc.relu_grad %[[DH]], %[[H]] {direction = #mpc.direction<backward>, node = ["act"], op_type = "Relu"}
// CHECK-NEXT: %[[DW1:.*]] = mpc.gemm %[[DA]], %[[X]] {{.*}}node = ["fc1"], op_type = "Gemm", trans_a}
// CHECK-NEXT: %[[DB1:.*]] = mpc.reduce_sum %[[DA]] {axes = array<i64: 0>
// CHECK-NEXT: mpc.gradients %[[LOSS]] : tensor<f32>, [@fc1.weight, @fc1.bias, @fc2.weight](%[[DW1]], %[[DB1]], %[[DW2]]
func.func @train_step(%x: tensor<2x3xf32>, %y: tensor<2xi64>) {
  %w1 = mpc.read @fc1.weight : tensor<5x3xf32>
  %b1 = mpc.read @fc1.bias : tensor<5xf32>
  %a = mpc.gemm %x, %w1, %b1 {trans_b, node = ["fc1"], op_type = "Gemm"} : (tensor<2x3xf32>, tensor<5x3xf32>, tensor<5xf32>) -> tensor<2x5xf32>
  %h = mpc.relu %a {node = ["act"], op_type = "Relu"} : (tensor<2x5xf32>) -> tensor<2x5xf32>
  %w2 = mpc.read @fc2.weight : tensor<4x5xf32>
  %b2 = mpc.read @frozen : tensor<4xf32>
  %out = mpc.gemm %h, %w2, %b2 {trans_b, node = ["fc2"], op_type = "Gemm"} : (tensor<2x5xf32>, tensor<4x5xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  %loss = mpc.cross_entropy %out, %y {class_axis = 1, ignore_index = 7, node = ["loss"], op_type = "CrossEntropy"} : (tensor<2x4xf32>, tensor<2xi64>) -> tensor<f32>
  mpc.gradients %loss : tensor<f32>, []
}

// -----

mpc.state @w : tensor<3xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}

// A parameter that is read twice has one gradient. Sums form in reverse order
// of the uses: `second` starts, `first` adds under its own name.
// CHECK-LABEL: func.func @train_step
// CHECK: %[[G:.*]] = mpc.pointwise_loss_grad
// CHECK-NEXT: %[[A:.*]] = mpc.relu_grad %[[G]], %{{.*}} {{.*}}node = ["second"]
// CHECK-NEXT: %[[B:.*]] = mpc.mul %[[G]], %{{.*}} {{.*}}node = ["first"]
// CHECK-NEXT: %[[S:.*]] = mpc.add %[[A]], %[[B]] {direction = #mpc.direction<backward>, node = ["first"], op_type = "Mul"}
// CHECK-NEXT: mpc.gradients %{{.*}} : tensor<f32>, [@w](%[[S]]
func.func @train_step(%x: tensor<3xf32>, %y: tensor<3xf32>) {
  %w = mpc.read @w : tensor<3xf32>
  %again = mpc.read @w : tensor<3xf32>
  %a = mpc.mul %w, %x {node = ["first"], op_type = "Mul"} : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  %b = mpc.relu %again {node = ["second"], op_type = "Relu"} : (tensor<3xf32>) -> tensor<3xf32>
  %c = mpc.add %a, %b {node = ["sum"], op_type = "Add"} : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  %loss = mpc.pointwise_loss mse %c, %y {node = ["loss"], op_type = "MSE"} : (tensor<3xf32>, tensor<3xf32>) -> tensor<f32>
  mpc.gradients %loss : tensor<f32>, []
}
