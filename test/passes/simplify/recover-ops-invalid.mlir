// RUN: mpc-opt %s --mpc-recover-ops --verify-diagnostics

func.func @decided_already(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@below {{'mpc.relu' op has a precision decision already; simplify before mpc-assign-precision}}
  %0 = mpc.relu %x {precision = #mpc.precision<[f32 "r" from "o"] -> [f32 "r" from "o"]>} : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}
