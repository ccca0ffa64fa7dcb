// RUN: mpc-opt %s --mpc-train-batchnorm --split-input-file --verify-diagnostics

mpc.state @m : tensor<3xf32> {role = #mpc.role<statistic>, initializer = #mpc.fill<0.0>}
func.func @forward(%x: tensor<2x3xf32>, %s: tensor<3xf32>) -> tensor<2x3xf32> {
  %m = mpc.read @m : tensor<3xf32>
  // expected-error@below {{'mpc.batch_normalization_inference' op shares the running statistic 'm' with another node; export the model without merging equal weights, or compile without --train-batchnorm}}
  %y = mpc.batch_normalization_inference %x, %s, %s, %m, %m {epsilon = 0.5 : f32} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

func.func @forward(%x: tensor<2x3xf32>, %s: tensor<3xf32>) -> tensor<2x3xf32> {
  // expected-error@below {{'mpc.batch_normalization_inference' op normalises by a statistic that is no state of the model; give the node running statistics of its own, or compile without --train-batchnorm}}
  %y = mpc.batch_normalization_inference %x, %s, %s, %s, %s {epsilon = 0.5 : f32} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}
