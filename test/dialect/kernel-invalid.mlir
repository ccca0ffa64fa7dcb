// RUN: mpc-opt %s --split-input-file --verify-diagnostics

func.func @kernel_k1_arguments_differ(%x: tensor<4xf16>) {
  // expected-error@below {{'mpc.kernel' op block arguments differ from the operands}}
  %0 = mpc.kernel "elementwise" provider "generated" (%x : tensor<4xf16>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    mpc.yield %a : tensor<4xf32>
  }
  return
}

// -----

func.func @kernel_k1_yields_differ(%x: tensor<4xf16>) {
  // expected-error@below {{'mpc.kernel' op yields differ from the results}}
  %0 = mpc.kernel "elementwise" provider "generated" (%x : tensor<4xf16>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf16>):
    mpc.yield %a : tensor<4xf16>
  }
  return
}

// -----

func.func @kernel_k2_too_few_buffers(%x: tensor<4xf16>) {
  // expected-error@below {{'mpc.kernel' op has 1 buffers; expected 2}}
  %0 = mpc.kernel "elementwise" provider "generated" (%x : tensor<4xf16>) -> tensor<4xf16>
      attributes {buffers = array<i64: 0>} {
  ^bb0(%a: tensor<4xf16>):
    mpc.yield %a : tensor<4xf16>
  }
  return
}
