// RUN: mpc-opt %s --split-input-file --verify-diagnostics --mpc-fold-cast-pairs

// The pass itself refuses nothing; a cast without a change is no cast.
func.func @cast_c2_nothing_changes(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@below {{'mpc.cast' op casts 'tensor<4xf32>' to itself}}
  %y = mpc.cast %x : tensor<4xf32> to tensor<4xf32>
  return %y : tensor<4xf32>
}
