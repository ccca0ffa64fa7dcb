// RUN: mpc-opt %s --split-input-file --mpc-plan-buffers --verify-diagnostics

func.func @unknown_root(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@below {{'mpc.kernel' op has root mpc.frobnicate, for which there is no emitter}}
  %0 = mpc.kernel "mpc.frobnicate" provider "generated" (%x : tensor<8xf32>) -> tensor<8xf32> {
  ^bb0(%a: tensor<8xf32>):
    %1 = mpc.relu %a : (tensor<8xf32>) -> tensor<8xf32>
    mpc.yield %1 : tensor<8xf32>
  }
  return %0 : tensor<8xf32>
}

// -----

func.func @result_outside_a_kernel(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@below {{'func.return' op writes a value of type 'tensor<8xf32>' that is not a kernel's own result}}
  return %x : tensor<8xf32>
}

// -----

func.func @train_step(%x: tensor<f32>, %ok: tensor<i1>) {
  // expected-error@below {{'mpc.commit' op reports 'mood', which the status block does not have}}
  mpc.commit %ok : tensor<i1> predicated [] always [] status ["mood"] (%x : tensor<f32>)
}

// -----

func.func @train_step(%x: tensor<f32>, %ok: tensor<i1>) {
  // expected-error@below {{'mpc.commit' op reports 'applied_steps' as 'tensor<f32>'; expected 8 bytes}}
  mpc.commit %ok : tensor<i1> predicated [] always [] status ["applied_steps"] (%x : tensor<f32>)
}
