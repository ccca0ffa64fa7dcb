// RUN: mpc-opt %s --split-input-file --mpc-append-loss | FileCheck %s
// RUN: mpc-opt %s --split-input-file --mpc-append-loss="class-axis=1 ignore-index=7 label=target" \
// RUN:   | FileCheck %s --check-prefix=NAMED
// RUN: mpc-opt %s --split-input-file --mpc-append-loss=kind=mse | FileCheck %s --check-prefix=MSE
// RUN: mpc-opt %s --split-input-file --mpc-append-loss=kind=bce-logits | FileCheck %s --check-prefix=BCE
// RUN: mpc-opt %s --split-input-file --mpc-append-loss=label-smoothing=0.25 | FileCheck %s --check-prefix=SMOOTH

// CHECK-LABEL: func.func @forward
// CHECK: return
// CHECK-LABEL: func.func @train_step
// CHECK-SAME: %[[X:[^:]*]]: tensor<2x3x4xf32> {mpc.name = "x"},
// CHECK-SAME: %[[Y:[^:]*]]: tensor<2x3xi64>
// CHECK-SAME: {mpc.label = {class_axis = 2 : i64, classes = 4 : i64, ignore_index = -100 : i64, kind = "class"}, mpc.name = "y"}) {
// CHECK: %[[R:.*]] = mpc.relu %[[X]] {{.*}}node = ["act"]
// CHECK: %[[L:.*]] = mpc.cross_entropy %[[R]], %[[Y]] {class_axis = 2 : i64, direction = #mpc.direction<forward>, ignore_index = -100 : i64, node = ["loss"], op_type = "CrossEntropy"}
// CHECK-NEXT: mpc.gradients %[[L]] : tensor<f32>, []

// NAMED-LABEL: func.func @train_step
// NAMED-SAME: tensor<2x4xi64> {mpc.label = {class_axis = 1 : i64, classes = 3 : i64, ignore_index = 7 : i64, kind = "class"}, mpc.name = "target"}

// MSE-LABEL: func.func @train_step
// MSE-SAME: tensor<2x3x4xf32> {mpc.label = {kind = "value"}, mpc.name = "y"}
// MSE: mpc.pointwise_loss mse {{.*}}node = ["loss"], op_type = "MSE"

// BCE: mpc.pointwise_loss bce_logits {{.*}}node = ["loss"], op_type = "BCEWithLogits"

// SMOOTH: mpc.cross_entropy {{.*}}label_smoothing = 2.500000e-01 : f32
func.func @forward(%x: tensor<2x3x4xf32> {mpc.name = "x"}) -> (tensor<2x3x4xf32> {mpc.name = "scores"}) {
  %r = mpc.relu %x {node = ["act"], op_type = "Relu"} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  return %r : tensor<2x3x4xf32>
}
