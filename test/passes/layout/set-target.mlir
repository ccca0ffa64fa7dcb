// RUN: mpc-opt %s --mpc-set-target=target=sm_90a | FileCheck %s
// RUN: mpc-opt %s --mpc-set-target | FileCheck %s --check-prefix=CPU

// CHECK: module attributes {mpc.target = "sm_90a"}
// CPU: module attributes {mpc.target = "cpu"}
module {
}
