// RUN: mpc-opt %s --mpc-fold-cast-pairs | FileCheck %s

// CHECK-LABEL: func @no_casts
func.func @no_casts(%x: tensor<8xbf16>) -> tensor<8xbf16> {
  // CHECK-NEXT: return
  return %x : tensor<8xbf16>
}

// CHECK-LABEL: func @widen_then_narrow_is_identity
// CHECK-SAME:    %[[X:.*]]: tensor<8xbf16>
func.func @widen_then_narrow_is_identity(%x: tensor<8xbf16>) -> tensor<8xbf16> {
  // CHECK-NOT: mpc.cast
  // CHECK: return %[[X]]
  %w = mpc.cast %x : tensor<8xbf16> to tensor<8xf32>
  %n = mpc.cast %w : tensor<8xf32> to tensor<8xbf16>
  return %n : tensor<8xbf16>
}

// CHECK-LABEL: func @a_chain_of_pairs_folds_whole
// CHECK-SAME:    %[[X:.*]]: tensor<8xf16>
func.func @a_chain_of_pairs_folds_whole(%x: tensor<8xf16>) -> tensor<8xf16> {
  // CHECK-NEXT: return %[[X]]
  %a = mpc.cast %x : tensor<8xf16> to tensor<8xf32>
  %b = mpc.cast %a : tensor<8xf32> to tensor<8xf16>
  %c = mpc.cast %b : tensor<8xf16> to tensor<8xf32>
  %d = mpc.cast %c : tensor<8xf32> to tensor<8xf16>
  return %d : tensor<8xf16>
}

// CHECK-LABEL: func @the_wide_value_stays_for_others
// CHECK-SAME:    %[[X:.*]]: tensor<8xf16>
func.func @the_wide_value_stays_for_others(%x: tensor<8xf16>) -> (tensor<8xf16>, tensor<8xf32>) {
  // CHECK-NEXT: %[[W:.*]] = mpc.cast %[[X]]
  // CHECK-NEXT: return %[[X]], %[[W]]
  %w = mpc.cast %x : tensor<8xf16> to tensor<8xf32>
  %n = mpc.cast %w : tensor<8xf32> to tensor<8xf16>
  return %n, %w : tensor<8xf16>, tensor<8xf32>
}

// CHECK-LABEL: func @narrow_then_widen_rounds
func.func @narrow_then_widen_rounds(%x: tensor<8xf32>) -> tensor<8xf32> {
  // CHECK-COUNT-2: mpc.cast
  %n = mpc.cast %x : tensor<8xf32> to tensor<8xf16>
  %w = mpc.cast %n : tensor<8xf16> to tensor<8xf32>
  return %w : tensor<8xf32>
}

// Neither 16-bit format holds the other.
// CHECK-LABEL: func @bf16_by_way_of_f16_rounds
func.func @bf16_by_way_of_f16_rounds(%x: tensor<8xbf16>) -> tensor<8xbf16> {
  // CHECK-COUNT-2: mpc.cast
  %n = mpc.cast %x : tensor<8xbf16> to tensor<8xf16>
  %w = mpc.cast %n : tensor<8xf16> to tensor<8xbf16>
  return %w : tensor<8xbf16>
}

// CHECK-LABEL: func @a_cast_of_the_model_stays
func.func @a_cast_of_the_model_stays(%x: tensor<8xf16>) -> (tensor<8xf16>, tensor<8xf16>) {
  // CHECK-NEXT: %[[W:.*]] = mpc.cast %{{.*}} {user}
  // CHECK-NEXT: %[[N:.*]] = mpc.cast %[[W]] {user}
  // CHECK-NEXT: return %[[N]], %{{arg0|x}}
  %w = mpc.cast %x {user} : tensor<8xf16> to tensor<8xf32>
  %n = mpc.cast %w {user} : tensor<8xf32> to tensor<8xf16>
  %m = mpc.cast %w : tensor<8xf32> to tensor<8xf16>
  return %n, %m : tensor<8xf16>, tensor<8xf16>
}
