// RUN: mpc-opt %s --pass-pipeline='builtin.module(func.func(mpc-expand-commit))' --verify-diagnostics

mpc.state @w : tensor<8xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}

func.func @no_optimizer_yet(%loss: tensor<f32>, %g: tensor<8xf32>) {
  // expected-error@below {{'mpc.gradients' op ends the function; expected a commit, which mpc-add-optimizer makes}}
  mpc.gradients %loss : tensor<f32>, [@w] (%g : tensor<8xf32>)
}
