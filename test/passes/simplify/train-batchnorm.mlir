// RUN: mpc-opt %s --mpc-train-batchnorm | FileCheck %s
// RUN: mpc-opt %s --mpc-train-batchnorm=report 2>&1 >/dev/null | FileCheck %s --check-prefix=REPORT

mpc.state @m : tensor<3xf32> {role = #mpc.role<statistic>, initializer = #mpc.fill<0.0>}
mpc.state @v : tensor<3xf32> {role = #mpc.role<statistic>, initializer = #mpc.fill<1.0>}
mpc.state @m2 : tensor<3xf32> {role = #mpc.role<statistic>, initializer = #mpc.fill<0.0>}
mpc.state @v2 : tensor<3xf32> {role = #mpc.role<statistic>, initializer = #mpc.fill<1.0>}

// REPORT: remark: trains with the statistics of each batch
// REPORT: remark: trains with the statistics of each batch

// CHECK-LABEL: func.func @forward
func.func @forward(%x: tensor<2x3xf32>, %s: tensor<3xf32>, %b: tensor<3xf32>) -> tensor<2x3xf32> {
  // CHECK: %[[M:.*]] = mpc.read @m
  // CHECK: %[[V:.*]] = mpc.read @v
  %m = mpc.read @m : tensor<3xf32>
  %v = mpc.read @v : tensor<3xf32>
  // CHECK: %[[Y:[^,]*]], %{{.*}} = mpc.batch_normalization %{{.*}}, %{{.*}}, %{{.*}}, %[[M]], %[[V]] {epsilon = 5.000000e-01 : f32, momentum = 2.500000e-01 : f32, node = ["bn"], op_type = "BatchNormalization"}
  %y = mpc.batch_normalization_inference %x, %s, %b, %m, %v {epsilon = 0.5 : f32, mpc.momentum = 0.25 : f32, node = ["bn"], op_type = "BatchNormalization"} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %m2 = mpc.read @m2 : tensor<3xf32>
  %v2 = mpc.read @v2 : tensor<3xf32>
  // CHECK: mpc.batch_normalization %[[Y]], {{.*}}momentum = 0.899999976 : f32
  %z = mpc.batch_normalization_inference %y, %s, %b, %m2, %v2 {epsilon = 0.5 : f32} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return %z : tensor<2x3xf32>
}
