// RUN: mpc-opt %s --mpc-recover-ops=report --verify-diagnostics -o /dev/null

func.func @every_rewrite_is_reported(%x: tensor<2x8xf32>, %s: tensor<8xf32>, %b: tensor<8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>) {
  %zero = mpc.constant dense<0.0> : tensor<f32> : tensor<f32>
  %eps = mpc.constant dense<1.0e-5> : tensor<f32> : tensor<f32>
  %mean = mpc.reduce_mean %x {axes = array<i64: 1>, keep_dims} : (tensor<2x8xf32>) -> tensor<2x1xf32>
  %d = mpc.sub %x, %mean : (tensor<2x8xf32>, tensor<2x1xf32>) -> tensor<2x8xf32>
  %sq = mpc.mul %d, %d : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
  %var = mpc.reduce_mean %sq {axes = array<i64: 1>, keep_dims} : (tensor<2x8xf32>) -> tensor<2x1xf32>
  %e = mpc.add %var, %eps : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %r = mpc.sqrt %e : (tensor<2x1xf32>) -> tensor<2x1xf32>
  // expected-remark@below {{recovered as layer normalisation}}
  %n = mpc.div %d, %r : (tensor<2x8xf32>, tensor<2x1xf32>) -> tensor<2x8xf32>
  // expected-remark@below {{joined as scale with the normalisation before it}}
  %m = mpc.mul %n, %s : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
  // expected-remark@below {{joined as bias with the normalisation before it}}
  %y = mpc.add %m, %b : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>

  %sq2 = mpc.mul %y, %y : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
  %var2 = mpc.reduce_mean %sq2 {axes = array<i64: 1>, keep_dims} : (tensor<2x8xf32>) -> tensor<2x1xf32>
  %e2 = mpc.add %var2, %eps : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %r2 = mpc.sqrt %e2 : (tensor<2x1xf32>) -> tensor<2x1xf32>
  // expected-remark@below {{recovered as RMS normalisation}}
  %n2 = mpc.div %y, %r2 : (tensor<2x8xf32>, tensor<2x1xf32>) -> tensor<2x8xf32>

  %g = mpc.unary sigmoid %x : (tensor<2x8xf32>) -> tensor<2x8xf32>
  // expected-remark@below {{recovered as silu}}
  %silu = mpc.mul %g, %x : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>

  %t = mpc.softmax %silu {axis = 1 : i64} : (tensor<2x8xf32>) -> tensor<2x8xf32>
  %nan = mpc.is_nan %t : (tensor<2x8xf32>) -> tensor<2x8xi1>
  // expected-remark@below {{removed: the softmax of finite numbers is never NaN}}
  %w = mpc.select %nan, %zero, %t : (tensor<2x8xi1>, tensor<f32>, tensor<2x8xf32>) -> tensor<2x8xf32>
  return %y, %n2, %silu, %w : tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>
}
