// RUN: not mpc-opt %s --mpc-scale-loss=init=1000 2>&1 | FileCheck %s --check-prefix=INIT
// RUN: not mpc-opt %s --mpc-scale-loss=growth-factor=0.5 2>&1 | FileCheck %s --check-prefix=GROWTH
// RUN: not mpc-opt %s --mpc-scale-loss=backoff=2 2>&1 | FileCheck %s --check-prefix=BACKOFF
// RUN: not mpc-opt %s --mpc-scale-loss=growth-interval=0 2>&1 | FileCheck %s --check-prefix=INTERVAL
// RUN: not mpc-opt %s --mpc-scale-loss=hysteresis=0 2>&1 | FileCheck %s --check-prefix=HYSTERESIS
// RUN: not mpc-opt %s --mpc-scale-loss=max=1024 2>&1 | FileCheck %s --check-prefix=RANGE

// INIT: error: loss scaling has init 1000.00; expected a power of two, so that scaling is exact
// GROWTH: error: loss scaling has growth-factor 0.50; expected 1 or more
// BACKOFF: error: loss scaling has backoff 2.00; expected 1 or less
// INTERVAL: error: loss scaling has growth-interval 0.00; expected 1 or more steps
// HYSTERESIS: error: loss scaling has hysteresis 0.00; expected 1 or more steps
// RANGE: error: loss scaling has init 65536.00; expected a scale between min and max
mpc.state @applied_steps : tensor<i64> {role = #mpc.role<step>, initializer = #mpc.fill<0.0>}
func.func @train_step(%yes: tensor<i1>) {
  %seed = mpc.gradient_seed : () -> tensor<f32>
  %t = mpc.read @applied_steps : tensor<i64>
  mpc.commit %yes : tensor<i1> predicated [@applied_steps] (%t : tensor<i64>) always [] status []
}
