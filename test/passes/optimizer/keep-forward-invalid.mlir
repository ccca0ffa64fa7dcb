// RUN: mpc-opt %s --split-input-file --verify-diagnostics --mpc-keep-forward

// expected-error@below {{needs @forward and no @train_step; a program that trains takes mpc-add-optimizer}}
module {}

// -----

// expected-error@below {{needs @forward and no @train_step; a program that trains takes mpc-add-optimizer}}
module {
  func.func @forward() { return }
  func.func @train_step() { return }
}
