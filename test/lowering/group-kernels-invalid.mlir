// RUN: mpc-opt %s --verify-diagnostics --pass-pipeline='builtin.module(mpc-set-target{target=sm_90a},func.func(mpc-group-kernels),mpc-plan-buffers)'

// The pass itself refuses nothing; a root that nobody emits stays alone until
// the plan phase refuses it.
func.func @forward(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // expected-error@below {{'mpc.kernel' op has root mpc.nothing, for which there is no emitter}}
  %a = mpc.kernel "mpc.nothing" provider "generated"(%x : tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%y: tensor<4xf32>):
    %r = mpc.relu %y : (tensor<4xf32>) -> tensor<4xf32>
    mpc.yield %r : tensor<4xf32>
  }
  %b = mpc.kernel "elementwise" provider "generated"(%x : tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%y: tensor<4xf32>):
    %r = mpc.relu %y : (tensor<4xf32>) -> tensor<4xf32>
    mpc.yield %r : tensor<4xf32>
  }
  func.return %a, %b : tensor<4xf32>, tensor<4xf32>
}
