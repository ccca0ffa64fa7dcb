// RUN: mpc-opt %s --mpc-append-loss="kind=output output=total" | FileCheck %s

// The model computes its own loss, so there is no label.
// CHECK-LABEL: func.func @train_step
// CHECK-SAME: (%[[X:[^:]*]]: tensor<1xf16> {mpc.name = "x"}) {
// CHECK: %[[W:.*]] = mpc.cast %[[X]] {{.*}}node = ["loss"]{{.*}} : tensor<1xf16> to tensor<1xf32>
// CHECK: %[[S:.*]] = mpc.reshape %[[W]] {{.*}} : (tensor<1xf32>) -> tensor<f32>
// CHECK: mpc.gradients %[[S]] : tensor<f32>, []
func.func @forward(%x: tensor<1xf16> {mpc.name = "x"})
    -> (tensor<1xf16> {mpc.name = "other"}, tensor<1xf16> {mpc.name = "total"}) {
  return %x, %x : tensor<1xf16>, tensor<1xf16>
}
