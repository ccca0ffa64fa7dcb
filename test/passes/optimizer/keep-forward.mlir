// RUN: mpc-opt %s --mpc-keep-forward | FileCheck %s

mpc.state @c : tensor<3xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
mpc.state @m : tensor<3xf32> {role = #mpc.role<statistic>, initializer = #mpc.fill<0.0>}

// CHECK-LABEL: func.func @forward
// CHECK-NOT: mpc.batch_normalization %
// CHECK: mpc.batch_normalization_inference
// CHECK: func.func @derive()
// CHECK-NEXT: mpc.commit
// CHECK-NOT: @train_step
func.func @forward(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %c = mpc.read @c : tensor<3xf32>
  %m = mpc.read @m : tensor<3xf32>
  %n, %nm, %nv, %mean, %inv = mpc.batch_normalization %x, %c, %c, %m, %m {epsilon = 1.0e-5 : f32, momentum = 0.9 : f32} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  return %n : tensor<2x3xf32>
}
