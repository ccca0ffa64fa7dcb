// RUN: mpc-opt %s --split-input-file --mpc-lower-to-gpu --verify-diagnostics

module attributes {mpc.target = "sm_90a"} {
func.func @unknown_root(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@below {{'mpc.kernel' op has root mpc.frobnicate, for which there is no emitter}}
  %0 = mpc.kernel "mpc.frobnicate" provider "generated" (%x : tensor<8xf32>) -> tensor<8xf32>
      attributes {tiles = array<i64: 1>, workspaces = array<i64>, buffers = array<i64: 0, 1>} {
  ^bb0(%a: tensor<8xf32>):
    %1 = mpc.relu %a : (tensor<8xf32>) -> tensor<8xf32>
    mpc.yield %1 : tensor<8xf32>
  }
  return %0 : tensor<8xf32>
}
}
