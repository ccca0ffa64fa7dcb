// RUN: mpc-opt %s --split-input-file --verify-diagnostics --mpc-insert-casts

// expected-error@below {{'mpc.state' op needs the name @w.f16 for its narrow copy, but it is taken; rename that tensor of the model}}
mpc.state @w : tensor<4xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.000000e+00>}
// expected-note@below {{taken here}}
mpc.state @w.f16 : tensor<4xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.000000e+00>}
func.func @forward() -> tensor<4xf32> {
  %w = mpc.read @w : tensor<4xf32>
  %r = mpc.relu %w {precision = #mpc.precision<allow [f16 "r" from "o"] -> [f32 "r" from "o"]>} : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

func.func @forward(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@below {{'mpc.relu' op has 1 results, but its precision says how to store 2}}
  %r = mpc.relu %x {precision = #mpc.precision<allow [f16 "r" from "o"] -> [f16 "r" from "o", f16 "r" from "o"]>} : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

func.func @forward(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@below {{'mpc.relu' op has a result 'tensor<4xf32>', which cannot be stored as 'i64'}}
  %r = mpc.relu %x {precision = #mpc.precision<allow [f16 "r" from "o"] -> [i64 "r" from "o"]>} : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
