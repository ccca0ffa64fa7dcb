// RUN: mpc-opt %s --verify-diagnostics --mpc-set-target=target=sm_70

// expected-error@below {{'sm_70' is no target; expected cpu, sm_90a, sm_80 or ptx}}
module {
}
