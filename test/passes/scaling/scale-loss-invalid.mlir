// RUN: mpc-opt %s --split-input-file --verify-diagnostics --mpc-scale-loss

// expected-error@below {{needs @train_step with gradients, ending in mpc.commit; run mpc-add-optimizer first}}
module {}
