// RUN: mpc-opt %s --mpc-simplify=report --verify-diagnostics -o /dev/null

func.func @every_rewrite_is_reported(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>, %c: tensor<4xf32>) -> (tensor<2x4xf32>, tensor<8xf32>, tensor<2x4xf32>, tensor<f32>) {
  %p = mpc.gemm %a, %b : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  // expected-remark@below {{joined as bias with the gemm before it}}
  %y = mpc.add %p, %c : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  %r = mpc.reshape %y : (tensor<2x4xf32>) -> tensor<2x2x2xf32>
  // expected-remark@below {{joined with the reshape before it}}
  %s = mpc.reshape %r : (tensor<2x2x2xf32>) -> tensor<8xf32>
  %t = mpc.transpose %y {perm = array<i64: 1, 0>} : (tensor<2x4xf32>) -> tensor<4x2xf32>
  // expected-remark@below {{joined with the transpose before it}}
  // expected-remark@below {{removed: it changes nothing}}
  %u = mpc.transpose %t {perm = array<i64: 1, 0>} : (tensor<4x2xf32>) -> tensor<2x4xf32>
  %one = mpc.constant dense<1.0> : tensor<f32> : tensor<f32>
  // expected-remark@below {{computed at compile time}}
  %two = mpc.add %one, %one : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %y, %s, %u, %two : tensor<2x4xf32>, tensor<8xf32>, tensor<2x4xf32>, tensor<f32>
}
