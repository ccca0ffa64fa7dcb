// RUN: not mpc-opt %s --mpc-add-optimizer=kind=lamb 2>&1 | FileCheck %s --check-prefix=KIND
// RUN: not mpc-opt %s --mpc-add-optimizer=nesterov 2>&1 | FileCheck %s --check-prefix=NESTEROV
// RUN: not mpc-opt %s --mpc-add-optimizer="kind=adam momentum=0.9 nesterov" 2>&1 | FileCheck %s --check-prefix=NESTEROV
// RUN: not mpc-opt %s --mpc-add-optimizer=lr-schedule=step:2.5:0.1 2>&1 | FileCheck %s --check-prefix=SCHEDULE

// KIND: error: unknown optimizer 'lamb'; expected sgd, adam or adamw
// NESTEROV: error: nesterov needs sgd with a momentum above 0; set --momentum
// SCHEDULE: error: unknown learning rate schedule 'step:2.5:0.1'; expected constant or step:EVERY:FACTOR with a whole number of steps
mpc.state @w : tensor<3xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
func.func @forward() { return }
func.func @train_step(%g: tensor<3xf32>, %loss: tensor<f32>) {
  mpc.gradients %loss : tensor<f32>, [@w] (%g : tensor<3xf32>)
}
